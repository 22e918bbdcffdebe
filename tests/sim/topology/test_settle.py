"""sim.topology.settle: one picture in, one document per node out, in the words of the nodes' own settings."""

import re
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, fields_dict

import edge.balancer.settings
import edge.settings
import origin.settings
from sim import nodefile
from sim.links.link import Viewers
from sim.links.way import NOTHING, Way
from sim.topology import ports
from sim.topology.origins import Limits
from sim.topology.quantities import Duration, Size
from sim.topology.read import AT_HOME, read
from sim.topology.settle import Settlement
from sim.topology.settle.origin import catalogue
from sim.topology.settle.ways import way
from tests.sim.topology.test_read import SMALL

STATE = Path("/somewhere/var")
SHIPPED = AT_HOME.read_text("utf-8")


def settled(text: str = SHIPPED, **told: Any) -> Settlement:
    topology, _ = read(text)
    return Settlement(topology, ports.fixed(topology), STATE, **told)


def settings_of(settlement: Settlement, name: str) -> Any:
    """A node's settings, through its document, as the node itself will read them."""
    (found,) = [each for each in settlement.nodes() if each.name == name]
    return nodefile.read(found.document()).settings


def test_every_document_is_read_by_its_node() -> None:
    """The words here are exactly the words of the nodes' settings; a changed name fails this test."""
    kinds = {each.name: type(settings_of(settled(), each.name)) for each in settled().nodes()}
    assert kinds["main-1"] is kinds["main-2"] is origin.settings.Settings
    assert kinds["shield"] is kinds["singapore"] is edge.settings.Settings
    assert kinds["balancer"] is edge.balancer.settings.Settings


def test_an_origin_knows_its_clouds_and_whom_to_tell_of_changes() -> None:
    told: origin.settings.Settings = settings_of(settled(), "main-2")
    assert told.clouds["demo"].api_key == "123456789012345"
    assert told.catalogue == "sqlite:////somewhere/var/catalogue.db"
    assert (told.storage.kind, told.storage.path) == ("filesystem", "/somewhere/var/media")
    assert told.delivery_url == "http://127.0.0.1:8000"
    assert told.secure_delivery_url == "https://127.0.0.1:8443"
    assert set(told.invalidate) == {f"http://127.0.0.1:{port}" for port in range(9301, 9306)}


def test_an_origins_providers_are_told_to_each_instance() -> None:
    """In its own units."""
    providers = "providers: {upscale: {command: [up, x4], timeout: 1min, memory: 2GiB, version: b}}"
    told = settings_of(settled(SMALL.replace("region: east}", f"region: east, {providers}}}", 1)), "main-1")
    assert told.providers == {
        "upscale": origin.settings.Provider(("up", "x4"), version="b", seconds=60.0, memory_bytes=2 << 30)
    }


def test_an_edge_asks_its_parent_first_and_the_origin_when_that_is_down() -> None:
    told: edge.settings.Settings = settings_of(settled(), "singapore")
    assert told.upstreams == ("http://127.0.0.1:9201", "http://127.0.0.1:9001", "http://127.0.0.1:9002")
    assert (told.balance, told.role, told.region) == ("first", "edge", "se-asia")
    assert told.cache_dir == "/somewhere/var/nodes/singapore/cache"
    assert "http://127.0.0.1:9305" not in told.peers
    assert len(told.peers) == 4


def test_a_shield_spreads_urls_over_the_instances() -> None:
    """Always the same instance for the same URL: many misses for it cost one render."""
    told: edge.settings.Settings = settings_of(settled(), "shield")
    assert told.upstreams == ("http://127.0.0.1:9001", "http://127.0.0.1:9002")
    assert (told.balance, told.role) == ("hash", "shield")


def test_who_asks_an_elastic_pool_knows_all_there_may_be_and_who_stands_by() -> None:
    """There are ports for each, so nobody must be told an address while the world runs."""
    elastic = settled(SHIPPED.replace("instances: 2", "instances: {min: 1, max: 3}"))
    urls = tuple(f"http://127.0.0.1:{port}" for port in (9001, 9002, 9003))
    shield, edge_node = (settings_of(elastic, name) for name in ("shield", "singapore"))
    assert (shield.upstreams, shield.standby) == (urls, urls[1:])
    assert (edge_node.upstreams, edge_node.standby) == (("http://127.0.0.1:9201", *urls), urls[1:])
    balancer = settings_of(elastic, "balancer")
    assert [(each.name, each.standby) for each in balancer.origins] == [
        *(("main-1", False), ("main-2", True), ("main-3", True))
    ]
    origins = [each for each in elastic.nodes() if each.kind == "origin"]
    assert [(each.pool, each.is_standby) for each in origins] == [
        *(("main", False), ("main", True), ("main", True))
    ]


def test_the_balancer_sends_viewers_to_edges_alone() -> None:
    told: edge.balancer.settings.Settings = settings_of(settled(), "balancer")
    assert [pop.name for pop in told.pops] == ["ashburn", "frankfurt-a", "frankfurt-b", "singapore"]
    assert [upstream.name for upstream in told.origins] == ["main-1", "main-2"]
    assert told.regions["se-asia"].viewers == ("127.3.0.0/16",)
    assert told.rtt_ms["na-east"]["eu-central"] == 92


def test_a_link_is_as_given_or_as_the_default_says() -> None:
    """The shipped file gives one pair; the others go by distance, at the default rate."""
    topology = settled().topology
    given = way(topology, ("se-asia",), ("na-east",))
    default = way(topology, ("eu-central",), ("se-asia",))
    assert (given.rtt_seconds, given.bits_per_second) == (0.212, 100e6)
    assert (default.rtt_seconds, default.bits_per_second) == (0.158, 200e6)


def test_only_who_asks_origins_itself_judges_them_by_their_errors() -> None:
    """A shield hands on the errors of the origins behind it, and they are not its own."""
    assert settings_of(settled(), "singapore").outlier_errors == 0
    assert settings_of(settled(), "shield").outlier_errors > 0


def test_a_pops_access_log_lies_among_the_logs_of_the_world() -> None:
    """Only where it was asked for."""
    told = settings_of(
        settled(SMALL.replace("role: shield", "role: shield, access_log: combined", 1)), "shield"
    )
    assert (told.access_log, told.access_log_format) == (
        "/somewhere/var/log/shield.access.log",
        "combined",
    )
    assert settings_of(settled(), "singapore").access_log == ""


def test_a_link_may_override_a_part_of_the_default() -> None:
    text = SMALL + "links: {default: {rtt: 10ms, rate: 1Mbit, loss: 1%}, west--east: {loss: 0%}}"
    topology = settled(text).topology
    assert way(topology, ("east",), ("west",)).loss == 0
    assert way(topology, ("east",), ("west",)).rtt_seconds == 0.01
    assert way(topology, ("east",), ("east",)).loss == 0.01
    assert way(topology, ("east",), ("east",)).every_seconds == 0


def test_the_narrowest_link_says_each_way_may_differ() -> None:
    """A PoP's own link before its region's, and what is said of one direction before what is said of both."""
    text = SMALL + (
        "links: {default: {rtt: 10ms}, west--east: {rate: 1Mbit, stall: 1s, every: 9s, reset: 30s},"
        " main--edge: {jitter: 2ms, slow_close: 3s, toward: {main: {loss: 5%, cut: true}}}}"
    )
    topology = settled(text).topology
    here, main = ("edge", "west"), ("main-1", "main", "east")
    there, back = way(topology, here, main), way(topology, main, here)
    assert back == Way(0.01, 1e6, 0.0, 0.002, 1.0, 9.0, 30.0, 3.0)
    assert there == evolve(back, loss=0.05, cut=True)
    assert way(topology, ("other", "west"), main) == Way(0.01, 1e6, 0.0, 0.0, 1.0, 9.0, 30.0)


def test_every_upstream_has_its_link_and_no_links_means_none() -> None:
    """What sim.node shapes is found by host:port; a check takes the way that questions take."""
    (singapore,) = [each for each in settled().nodes() if each.name == "singapore"]
    told: edge.settings.Settings = settings_of(settled(), "singapore")
    asked = (*told.upstreams, *told.checks.urls.values())
    assert set(told.checks.urls) == set(told.upstreams)
    assert len(set(asked)) == 6
    found = {address: link.out.rtt_seconds for link in singapore.links for address in link.addresses}
    assert found == dict.fromkeys((url.split("/")[2] for url in asked), 0.212)
    assert [link.far for link in singapore.links if not link.viewers] == [
        ("shield", "na-east"),
        ("main-1", "main", "na-east"),
        ("main-2", "main", "na-east"),
    ]
    assert all(not each.links for each in settled(with_links=False).nodes())


NEAR_AND_FAR = """
clouds: {demo: {api_key: key, api_secret: secret}}
regions:
  se-asia: {at: [1.35, 103.8], viewers: [127.3.0.0/16], access: {rtt: 20ms, rate: 50Mbit, loss: 1%}}
  eu-central: {at: [50.1, 8.7]}
origins: {main: {region: eu-central}}
pops:
  shield: {region: eu-central, role: shield, upstream: main}
  frankfurt: {region: eu-central, parent: shield}
  singapore: {region: se-asia, parent: shield}
links: {viewers.se-asia--frankfurt: {rate: 10Mbit, toward: {viewers.se-asia: {rate: 5Mbit}}}}
"""


def told_to(settlement: Settlement, name: str) -> Any:
    """A node's whole document, as the node itself will read it."""
    (found,) = [each for each in settlement.nodes() if each.name == name]
    return nodefile.read(found.document())


def test_viewers_have_a_link_to_each_edge_there_and_at_the_balancer() -> None:
    """Named like any other, by their region or as its viewers; nobody is led to a shield."""
    settlement = settled(NEAR_AND_FAR)
    edge_node, balancer = told_to(settlement, "frankfurt"), told_to(settlement, "balancer")
    own = [link for link in edge_node.links if link.viewers and not link.is_access]
    assert [(link.viewers, link.near, link.far) for link in own] == [
        ("se-asia", ("frankfurt", "eu-central"), ("viewers.se-asia", "se-asia")),
        ("eu-central", ("frankfurt", "eu-central"), ("viewers.eu-central", "eu-central")),
    ]
    assert (own[0].out, own[0].back) == (Way(0.158, 5e6), Way(0.158, 1e7))
    assert own[1].out.rtt_seconds == 0.002
    other = next(link for link in told_to(settlement, "singapore").links if link.viewers)
    assert other.out == Way(0.004, 1e9)
    assert len([link for link in balancer.links if not link.is_access]) == 4
    assert set(own) < set(balancer.links)
    assert not any(link.viewers for link in told_to(settlement, "shield").links)


@pytest.mark.parametrize(
    ("written", "way"),
    [
        ("{kind: fixed}", Way(0.015, 50e6, sigma=0.5, slow_start=True)),
        ("{kind: mobile, loss: 1%}", Way(0.045, 50e6, 0.01, sigma=0.5, slow_start=True)),
        (
            "{kind: mobile, rtt: 80ms, rate: 5Mbit, sigma: 0, slow_start: false}",
            Way(0.08, 5e6),
        ),
        ("{rtt: 20ms, sigma: 0.3}", Way(0.02, 1e9, sigma=0.3)),
    ],
)
def test_a_viewers_line_may_be_of_a_kind(written: str, way: Way) -> None:
    """Of which the document says what it wants otherwise (workloads.md §6)."""
    text = NEAR_AND_FAR.replace("{rtt: 20ms, rate: 50Mbit, loss: 1%}", written)
    [told] = [link for link in told_to(settled(text), "singapore").links if link.near == ("access",)][:1]
    assert (told.viewers, told.out, told.back) == ("se-asia", way, way)


def test_viewers_are_placed_and_have_lines_of_their_own() -> None:
    """What an edge must know to do what a balancer does; nothing of it where there are no links."""
    nodes = [told_to(settled(NEAR_AND_FAR), name) for name in ("singapore", "balancer")]
    for each in nodes:
        lines = {link.viewers: (link.far, link.out, link.back) for link in each.links if link.is_access}
        own = Way(0.02, 5e7, 0.01)
        assert lines == {
            "se-asia": (("viewers.se-asia",), own, own),
            "eu-central": (("viewers.eu-central",), NOTHING, NOTHING),
        }
    told = nodes[0].viewers
    assert told.ranges == {"se-asia": ("127.3.0.0/16",), "eu-central": ()}
    assert told.brought_by == (told_to(settled(NEAR_AND_FAR), "balancer").settings.name,)
    without = settled(NEAR_AND_FAR, with_links=False)
    assert [told_to(without, name).viewers for name in ("singapore", "balancer")] == [Viewers(), Viewers()]
    assert not any(link.is_access for link in told_to(without, "singapore").links)


@pytest.mark.parametrize(
    ("written", "settled_as"),
    [
        ("sqlite:///catalogue.db", "sqlite:////somewhere/var/catalogue.db"),
        ("sqlite:////abs/c.db", "sqlite:////abs/c.db"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg:///d", "postgresql+psycopg:///d"),
    ],
)
def test_a_relative_sqlite_file_lies_under_the_state_folder(written: str, settled_as: str) -> None:
    text = SHIPPED.replace("catalogue: sqlite:///catalogue.db", f"catalogue: {written}")
    assert catalogue(settled(text)) == settled_as


def test_nodes_come_in_the_order_in_which_they_are_asked() -> None:
    assert [each.kind for each in settled().nodes()] == ["origin"] * 2 + ["shield"] + ["edge"] * 4 + [
        "balancer"
    ]


LIMITED = SMALL.replace(
    "main: {region: east}",
    "main: {region: east, limits: {input_megapixels: 60, frames_megapixels: 80, chain_length: 5, "
    "font_pixels: 90, render_time: 55s, render_memory: 2GiB, render_queue: 3}}",
)


def test_limits_of_an_origin_reach_planning_and_painting() -> None:
    """One word in the topology, whoever it is that must obey."""
    told: origin.settings.Settings = settings_of(settled(LIMITED), "main-1")
    assert (told.limits.chain_length, told.limits.font_pixels) == (5, 90)
    assert told.limits.all_frames_pixels == 80_000_000
    assert (told.render.input_megapixels, told.render.frames_megapixels) == (60, 80)
    assert (told.render.memory_bytes, told.render.deadline_seconds, told.render.queue) == (2 << 30, 55, 3)


def test_limits_not_given_are_those_of_the_nodes_themselves() -> None:
    """A default is written down twice; this holds the two together."""
    told: origin.settings.Settings = settings_of(settled(), "main-1")
    assert told.limits == origin.settings.Limits()
    assert told.render == origin.settings.RenderLimits()


def test_whoever_asks_an_origin_waits_as_long_as_it_may_render() -> None:
    """Or a slow picture would be given up by the edge while the worker still paints it."""
    edge_told: edge.settings.Settings = settings_of(settled(LIMITED), "edge")
    assert edge_told.limits.first_byte_seconds == edge_told.flights.wait_seconds == 65
    front: edge.balancer.settings.Settings = settings_of(settled(LIMITED), "balancer")
    assert front.first_byte_seconds == 130
    assert settings_of(settled(), "shield").limits == edge.settings.Limits()


def test_the_table_of_limits_names_each_with_its_default() -> None:
    """docs/limits.md is what a refused user reads."""
    text = (Path(__file__).parents[3] / "docs" / "limits.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", text, re.MULTILINE))
    told = Limits()
    measured = {"render_memory": "1GiB", "render_time": "20s"}
    plain = {name: f"{getattr(told, name):g}" for name in fields_dict(Limits) if name not in measured}
    assert rows == plain | measured
    assert (told.render_memory, told.render_time) == (Size.parse("1GiB"), Duration.parse("20s"))


def test_every_node_hears_whose_host_it_is() -> None:
    """Balancer, edges and origins must mean the same by one path."""
    settlement = settled(SHIPPED + "\nhosts: {demo-res.localhost: demo}\n")
    hosts = {"demo-res.localhost": "demo"}
    assert settings_of(settlement, "main-1").hosts == hosts
    assert settings_of(settlement, "singapore").key.hosts == hosts
    assert settings_of(settlement, "balancer").hosts == hosts


def test_an_origin_is_told_every_key() -> None:
    text = SMALL.replace(
        "api_secret: secret",
        "api_secret: s, sha256_only: true, signature_version_1: false, keys: [{api_key: '2', api_secret: t}]",
    )
    (name,) = (each.name for each in settled(text).nodes() if each.kind == "origin")
    cloud = settings_of(settled(text), name).clouds["demo"]
    assert [(key.api_key, key.sha256_only) for key in cloud.every_key] == [("1", True), ("2", True)]
    assert cloud.signature_version_1 is False


def test_a_token_goes_along_to_the_origin_under_a_key_of_its_own() -> None:
    """Whoever shows one shares with nobody else; no other parameter of a query counts."""
    key = settings_of(settled(), "singapore").key
    assert (key.query, key.parameters, key.cookies) == ("only", ("__cld_token__",), ("__cld_token__",))


def test_an_origin_is_told_the_rules_of_a_cloud() -> None:
    text = SMALL.replace(
        "api_secret: secret",
        "api_secret: s, strict: true, token_keys: {main: 00ff}, rate_limit: 7, details_in_chains: false",
    )
    (name,) = (each.name for each in settled(text).nodes() if each.kind == "origin")
    cloud = settings_of(settled(text), name).clouds["demo"]
    assert (cloud.strict, cloud.token_keys, cloud.rate_limit) == (True, {"main": "00ff"}, 7)
    assert cloud.details_in_chains is False


def test_a_cloud_may_load_what_its_topology_says() -> None:
    text = SMALL.replace(
        "api_secret: secret",
        "api_secret: s, restricted: [fetch], fetch: {allow: [127.0.0.1/32], timeout: 2s, size: 1MB, "
        "upload_timeout: 3s, upload_size: 2MB, buckets: [b]}",
    )
    (name,) = (each.name for each in settled(text).nodes() if each.kind == "origin")
    cloud = settings_of(settled(text), name).clouds["demo"]
    assert cloud.every_key == (origin.settings.Key("1", "s"),)
    assert cloud.fetch == origin.settings.Fetching(
        allow=("127.0.0.1/32",),
        seconds=2.0,
        most_bytes=1_000_000,
        upload_seconds=3.0,
        upload_bytes=2_000_000,
        buckets=("b",),
    )
    assert (cloud.restricted, cloud.disabled) == (("fetch",), False)
    plain = settings_of(settled(), "main-1").clouds["demo"]
    assert (plain.fetch, plain.restricted) == (origin.settings.Fetching(), ("list",))


def test_a_cloud_may_have_a_store_of_its_own() -> None:
    """A folder, a bucket of its own beside the others, or one at another server with other keys."""
    text = SMALL.replace("api_secret: secret", "api_secret: s, storage: {path: acme}")
    (name,) = (each.name for each in settled(text).nodes() if each.kind == "origin")
    own = settings_of(settled(text), name).clouds["demo"].storage
    assert own is not None
    assert (own.kind, own.path) == ("filesystem", "/somewhere/var/acme")
    shared = "storage: {kind: minio, endpoint: 'a:1', access_key: k, secret_key: s, bucket: all}"
    text = SMALL.replace("api_secret: secret", "api_secret: s, storage: {bucket: acme}") + f"\n{shared}\n"
    own = settings_of(settled(text), name).clouds["demo"].storage
    assert own is not None
    assert (own.kind, own.endpoint, own.access_key, own.bucket) == ("minio", "a:1", "k", "acme")
    assert settings_of(settled(), "main-1").clouds["demo"].storage is None


def test_who_is_told_and_how_is_as_its_topology_says() -> None:
    text = SMALL.replace("api_secret: secret", "api_secret: s, notification_url: 'poll://all'").replace(
        "main: {region: east}", "main: {region: east, webhooks: {pauses: [1s, 2s], timeout: 3s, keep: 4s}}"
    )
    told: origin.settings.Settings = settings_of(settled(text), "main-1")
    assert told.clouds["demo"].notification_url == "poll://all"
    assert told.webhooks == origin.settings.Webhooks(pauses_seconds=(1.0, 2.0), seconds=3.0, kept_seconds=4.0)
    assert settings_of(settled(), "main-1").webhooks == origin.settings.Webhooks()


def test_edges_and_balancer_listen_for_tls_where_the_file_says_so() -> None:
    """The shield has no viewers; the balancer knows where to send those who came over TLS."""
    told = settled()
    edge = settings_of(told, "singapore")
    assert (edge.tls.listen, edge.tls.authority) == ("127.0.0.1:9405", "/somewhere/var/authority")
    assert edge.tls.hosts == ("127.0.0.1",)
    assert settings_of(told, "shield").tls.listen == ""
    balancer = settings_of(told, "balancer")
    assert balancer.tls.listen == "127.0.0.1:8443"
    assert [pop.secure_url for pop in balancer.pops] == [
        f"https://127.0.0.1:{port}" for port in range(9402, 9406)
    ]
    plain = settled(SMALL)
    assert settings_of(plain, "balancer").tls.listen == ""
    assert settings_of(plain, "main-1").secure_delivery_url == ""


def test_the_balancer_is_told_all_that_is_chosen_for_it() -> None:
    """In its own units."""
    text = SMALL.replace("parent: shield", "parent: shield, weight: 3, vendor: second") + (
        "balancer:\n"
        "  {route: failover, chain: [edge], cdns: {second: 2}, sticky: true, retries: 5%,\n"
        "   health: {interval: 2s, timeout: 3s, fall: 4, rise: 5, slow_return: 1min, outlier_errors: 6},\n"
        "   queue: {requests: 7, waiting: 8, patience: 9s},\n"
        "   viewers: {idle: 1s, head: 2s, stall: 3s, request: 4s, connections: 5, connections_per_address: 6}}\n"
    )
    told: edge.balancer.settings.Settings = settings_of(settled(text), "balancer")
    (pop,) = told.pops
    assert (pop.weight, pop.vendor) == (3.0, "second")
    assert (told.route, told.chain, told.cdns, told.sticky) == ("failover", ("edge",), {"second": 2.0}, True)
    assert told.retry_share == 0.05
    assert (told.check_interval_seconds, told.check_timeout_seconds) == (2.0, 3.0)
    assert (told.fall, told.rise, told.slow_return_seconds, told.outlier_errors) == (4, 5, 60.0, 6)
    queue = told.concurrency
    assert (queue.requests, queue.waiting, queue.waiting_seconds) == (7, 8, 9.0)
    viewers = told.viewers
    assert (viewers.idle_seconds, viewers.head_seconds, viewers.stall_seconds) == (1.0, 2.0, 3.0)
    assert (viewers.request_seconds, viewers.connections, viewers.connections_per_address) == (4.0, 5, 6)


def test_a_pop_belongs_to_the_vendor_it_plays_unless_it_is_labelled() -> None:
    plays = "parent: shield, edge: {personality: akamai}"
    assert settings_of(settled(SMALL.replace("parent: shield", plays)), "balancer").pops[0].vendor == "akamai"
    labelled = SMALL.replace("parent: shield", f"vendor: other, {plays}")
    assert settings_of(settled(labelled), "balancer").pops[0].vendor == "other"


def test_a_parent_is_asked_by_the_name_of_the_origin_behind_it() -> None:
    """Where the viewer's Host does not go on; an instance is asked by its own."""
    settlement = settled(SMALL)
    first, second = (settings_of(settlement, name) for name in ("edge", "shield"))
    assert first.upstream_hosts == {first.upstreams[0]: first.upstreams[1].removeprefix("http://")}
    assert second.upstream_hosts == {}


def test_viewers_are_introduced_to_pops_that_play_a_vendor() -> None:
    """Whatever they are labelled; to a plain one an introduction would only cost the express lane."""
    told = {
        "parent: shield": False,
        "parent: shield, vendor: other": False,
        "parent: shield, edge: {personality: akamai}": True,
        "parent: shield, vendor: other, edge: {personality: cloudfront}": True,
    }
    documents = {written: SMALL.replace("parent: shield", written) for written in told}
    pops = {
        written: settings_of(settled(text), "balancer").pops[0].introduce
        for written, text in documents.items()
    }
    assert pops == told


DNS = """  other: {region: east, parent: shield, listen: "127.0.9.1:8000"}
hosts: {demo.cdn.test: demo, demo.localhost: demo}
balancer:
  {mode: dns, listen: tcp:8000, tls: tcp:8443, dns: {listen: udp:8053, zone: cdn.test, names: [img], ttl: 9s}}
"""


def test_in_mode_dns_every_edge_has_an_address_and_all_have_one_port() -> None:
    """The balancer's: a URL has the same port whoever answers it. Shields are nobody's business."""
    settlement = settled(SMALL + DNS)
    told: edge.balancer.settings.Settings = settings_of(settlement, "balancer")
    assert [(pop.url, pop.secure_url) for pop in told.pops] == [
        ("http://127.0.1.1:8000", "https://127.0.1.1:8443"),
        ("http://127.0.9.1:8000", "https://127.0.9.1:8443"),
    ]
    assert settings_of(settlement, "edge").listen == "127.0.1.1:8000"
    assert settings_of(settlement, "shield").listen == "127.0.0.1:0"
    assert told.dns == edge.balancer.settings.Dns("127.0.0.1:8053", "cdn.test", ("img", "demo"), 9, 1)
    assert {"cdn.test", "img.cdn.test", "127.0.9.1"} <= set(settings_of(settlement, "edge").tls.hosts)
