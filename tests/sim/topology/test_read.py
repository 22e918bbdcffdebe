"""sim.topology.read and .check: every mistake of a topology at once, with path and line."""

from pathlib import Path

import pytest

from sim.topology.quantities import BYTES
from sim.topology.read import AT_HOME, default_file, read
from sim.topology.scaling import Instances
from wire.document import DocumentError

SHIPPED = AT_HOME.read_text("utf-8")

COUNTS = "instances: expected a whole number from 1 to 64, or {min: 1, max: 4}"
NO_ADDRESS = "expected an IP address before the port, got 'minio.example'"

SMALL = """clouds: {demo: {api_key: "1", api_secret: secret}}
regions: {east: {at: [39, -77]}, west: {at: [46, -120]}}
origins: {main: {region: east}}
pops:
  shield: {region: east, role: shield, upstream: main}
  edge: {region: west, parent: shield}
"""


def told(text: str) -> list[str]:
    with pytest.raises(DocumentError) as refused:
        read(text)
    return [str(problem) for problem in refused.value.problems]


def test_the_shipped_topology_is_what_the_readme_says() -> None:
    """3 regions, 1 origin of 2 instances, 1 shield, 4 edges of which one region has two, storage on disk."""
    topology, _ = read(SHIPPED)
    edges = [pop.region for pop in topology.pops.values() if pop.role == "edge"]
    assert sorted(edges) == ["eu-central", "eu-central", "na-east", "se-asia"]
    assert [pop.role for pop in topology.pops.values()].count("shield") == 1
    assert [origin.instances for origin in topology.origins.values()] == [Instances(2, 2)]
    assert (topology.storage.kind, topology.catalogue) == ("filesystem", "sqlite:///catalogue.db")
    assert set(topology.clouds) == {"demo"}
    assert topology.balancer.listen is not None
    assert (topology.balancer.listen.port, topology.balancer.mode) == (8000, "proxy")


def test_a_small_topology_will_do() -> None:
    """Ports, sizes and links have defaults."""
    topology, _ = read(SMALL)
    assert topology.rank("edge") == ("shield",)
    assert topology.origin_of("edge") == "main"


def test_all_kinds_of_mistakes_are_told_in_one_go() -> None:
    """A wrong type does not hide a dangling reference, nor that a clash of ports."""
    text = """clouds: {demo: {api_key: 123, api_secret: x}}
regions:
  east: {at: [39, 200]}
  west: {at: [46, -120], viewers: [127.1.0.0/16, 127.1.2.0/24]}
origins:
  main: {region: eeast, instances: 2, listen: tcp:9001}
pops:
  a: {region: east, parent: b, hot: 64}
  b: {region: east, parent: c}
  c: {region: east, parent: b, listen: tcp:9002}
  d: {region: west, upstream: mian, rolle: edge}
  e: {region: west, parent: main}
  f: {region: west}
  G: {region: west, upstream: main}
balancer: {mode: teleport}
page: 0.0.0.0:8001
links:
  east--wst: {rtt: 3}
  west--east: {}
  east--west: {}
  nowhere: {}
storage: {kind: minio, start: true, endpoint: "minio.example:9000", secret_key: short, access_key: abc}
catalogue: mysql://x
"""
    assert told(text) == [
        "line 1: clouds.demo.api_key: expected text, got the number 123; quote it",
        "line 3: regions.east.at: expected [latitude, longitude] in degrees, like [50.1, 8.7]",
        "line 4: regions.west.viewers[1]: 127.1.2.0/24 overlaps 127.1.0.0/16 of west",
        'line 6: origins.main.region: there is no region "eeast" (did you mean "east"?)',
        f"line 8: pops.a.hot: expected a size like 256MiB, got 64; units: {', '.join(BYTES)}",
        "line 9: pops.b.parent: goes round in a circle: b → c → b",
        "line 10: pops.c.listen: port 9002 is also used by origins.main.listen",
        'line 11: pops.d.rolle: unknown key (did you mean "role"?)',
        'line 11: pops.d.upstream: there is no origin "mian" (did you mean "main"?)',
        'line 12: pops.e.parent: there is no PoP "main" (that is an origin: say upstream)',
        "line 13: pops.f: give either a parent (another PoP) or an upstream (an origin)",
        "line 14: pops.G: a name is made of a-z, 0-9 and single hyphens between them",
        'line 15: balancer.mode: expected one of proxy, redirect, dns; got "teleport"',
        "line 16: page: use tcp:PORT for this machine alone, or the address by which others are to reach the page",
        'line 18: links.east--wst: there is no place "wst" (did you mean "west"?)',
        "line 18: links.east--wst.rtt: expected a duration like 160ms, got 3; units: us, ms, s, min, h, d",
        "line 20: links.east--west: is the link west--east again: a link goes both ways",
        "line 21: links.nowhere: a link is named after its two ends, like na-east--se-asia (or default)",
        f"line 22: storage.endpoint: to start minio here: {NO_ADDRESS}",
        "line 22: storage.secret_key: minio wants 8 characters at least",
        "line 23: catalogue: expected sqlite:///FILE or postgresql+psycopg://…",
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("{main: {region: east}}", "{}"), 'line 5: pops.shield.upstream: there is no origin "main"'),
        (("{main: {region: east}}", "{main: {region: east, instances: 0}}"), f"{COUNTS}; got 0"),
        (("region: east}}", "region: east, instances: {min: 1}}}"), f"{COUNTS}; got {{'min': 1}}"),
        (("region: east}}", "region: east, instances: {min: 3, max: 2}}}"), "min is more than max: 3 > 2"),
        (("region: east}}", "region: east, instances: {min: true, max: 2}}}"), COUNTS),
        (("region: east}}", "region: east, scaling: {drain: 9s}}}"), "main.scaling: only instances: {min: 1, max: 4}"),
        (
            ("region: east}}", "region: east, instances: {min: 1, max: 2}, scaling: {up_after: 0s}}}"),
            "origins.main.scaling.up_after: expected more than nothing",
        ),
        (
            ("region: east}}", "region: east, instances: {min: 1, max: 9}, listen: tcp:65530}}"),
            "port 65536: there is none",
        ),
        (("edge:", "main-1:"), 'line 6: pops.main-1: the name is taken by the origin "main"'),
        (("edge:", "balancer:"), '"balancer" is the name of another part of every world'),
        (("edge:", "access:"), '"access" is what the lines of viewers are called'),
        (("edge: {", "edge: {role: shield, "), "at least one must have role: edge"),
        (("upstream: main", "parent: edge"), "goes round in a circle: shield → edge → shield"),
        (("parent: shield", "parent: shield, listen: tcp:1, control: tcp:1"), "port 1 is also used by"),
        (("region: east}}", "region: east, instances: 9, listen: tcp:65530}}"), "port 65536: there is none"),
    ],
)  # fmt: skip
def test_one_mistake_is_told_where_it_stands(change: tuple[str, str], problem: str) -> None:
    assert problem in "\n".join(told(SMALL.replace(*change)))


@pytest.mark.parametrize(
    ("access", "problem"),
    [
        ("{rtt: by-distance}", "regions.west.access.rtt: a line has no distance: say how long, like 20ms"),
        ("{stall: 2s}", "regions.west.access: a link stalls now and then"),
        ("{rate: 50}", "regions.west.access.rate: expected a rate like 200Mbit"),
        (
            "{sigma: 0.5}",
            "regions.west.access.sigma: it spreads a round trip: say rtt: 20ms, or kind: mobile",
        ),
        ("{kind: mobile, sigma: 9}", "regions.west.access.sigma: must be <= 3"),
        ("{kind: radio}", "regions.west.access.kind: "),
    ],
)
def test_a_viewers_line_is_described_like_a_link(access: str, problem: str) -> None:
    """But that it has no other end on the map."""
    text = SMALL + "links: {viewers.west--edge: {rate: 1Mbit}, viewers.west--west: {cut: true}}\n"
    read(text.replace("west: {at", "west: {access: {rtt: 20ms, rate: 50Mbit}, at"))
    assert problem in "\n".join(told(text.replace("west: {at", f"west: {{access: {access}, at")))
    assert 'there is no place "viewers.wst" (did you mean "viewers.west"?)' in "\n".join(
        told(text.replace("viewers.west--west", "viewers.wst--west"))
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("storage: {kind: minio}", 'storage: minio needs "secret_key"'),
        ("storage: {kind: filesystem, start: true}", "storage.start: only minio can be started"),
        ("storage: {kind: minio, start: true, secure: true}", "plain HTTP"),
        ('catalogue: "sqlite:///:memory:"', "a catalogue in memory is lost"),
        ("catalogue: sqlite://", "a catalogue in memory is lost"),
    ],
)  # fmt: skip
def test_storage_and_catalogue_must_be_of_use(line: str, problem: str) -> None:
    assert problem in "\n".join(told(SMALL + line))


@pytest.mark.parametrize(
    ("definitions", "problem"),
    [
        ("{thumb: c_foo}", "clouds.demo.transformations.thumb: Invalid crop in transformation: foo"),
        ("{one: t_two}", "clouds.demo.transformations.one: Unknown transformation two"),
        ("{a.b: w_1}", "clouds.demo.transformations.a.b: a transformation's name is made of"),
    ],
)
def test_named_transformations_must_mean_something(definitions: str, problem: str) -> None:
    """Better told here than to every viewer."""
    text = SMALL.replace("api_secret: secret", f"api_secret: secret, transformations: {definitions}")
    assert problem in "\n".join(told(text))


def test_named_transformations_may_name_each_other() -> None:
    text = SMALL.replace("api_secret: secret", 'api_secret: s, transformations: {a: "w_1", b: "t_a"}')
    topology, _ = read(text)
    assert topology.clouds["demo"].transformations == {"a": "w_1", "b": "t_a"}


@pytest.mark.parametrize(
    ("provider", "problem"),
    [
        ("upscale: {}", "upscale: give either a command or a builtin"),
        ("upscale: {command: [a], builtin: lanczos}", "upscale: give either a command or a builtin"),
        ("upscale: {builtin: blurred}", 'upscale.builtin: "blurred" can only stand in for gen_fill'),
        ("upscal: {command: [a]}", 'upscal: there is no effect "upscal"'),
        ("upscale: {command: [a], timeout: 0s}", "upscale.timeout: a provider needs some time"),
    ],
)
def test_a_provider_must_be_of_use(provider: str, problem: str) -> None:
    text = SMALL.replace("main: {region: east}", f"main: {{region: east, providers: {{{provider}}}}}")
    (found,) = told(text)
    assert f"origins.main.providers.{problem}" in found


def test_memory_storage_is_for_one_instance() -> None:
    """Two would each hold half of the assets."""
    for instances in ("2", "{min: 1, max: 2}"):
        text = SMALL.replace("region: east}}", f"region: east, instances: {instances}}}}}")
        assert "memory is not shared" in told(text + "storage: {kind: memory}")[0]


@pytest.mark.parametrize(
    ("storage", "problem"),
    [
        ("{}", 'a folder of its own needs "path"'),
        (
            "{kind: minio, bucket: acme, endpoint: 'a:1', access_key: k}",
            'a minio of its own needs "secret_key"',
        ),
    ],
)
def test_a_clouds_own_storage_must_be_of_use(storage: str, problem: str) -> None:
    (found,) = told(SMALL.replace("api_secret: secret", f"api_secret: s, storage: {storage}"))
    assert "clouds.demo.storage" in found
    assert problem in found


def test_an_empty_file_asks_for_everything() -> None:
    assert told("") == [f'line 1: "{part}" is missing' for part in ("clouds", "regions", "origins", "pops")]


def test_the_file_of_the_folder_comes_before_the_shipped_one(tmp_path: Path) -> None:
    """`pixeledge up` without FILE."""
    assert default_file(tmp_path).read_text("utf-8") == SHIPPED
    (tmp_path / "topology.yaml").write_text(SMALL)
    assert default_file(tmp_path) == tmp_path / "topology.yaml"


@pytest.mark.parametrize(
    ("told_of_cloud", "problem"),
    [
        (
            "restricted: [fetch, lists]",
            'line 1: clouds.demo.restricted[1]: there is no delivery type "lists"',
        ),
        ("fetch: {allow: [loopback]}", "clouds.demo.fetch.allow[0]: expected a network like 127.1.0.0/16"),
        ("fetch: {timeout: 0s}", "clouds.demo.fetch.timeout: with nothing at all"),
        ("fetch: {size: 10}", "clouds.demo.fetch.size: expected a size like 256MiB"),
        ("fetch: {restricted: true}", "clouds.demo.fetch.restricted: unknown key"),
        (
            "notification_url: 'http://10.0.0.1/x'",
            "clouds.demo.notification_url: Invalid notification_url http://10.0.0.1/x: its address is not on",
        ),
        (
            "resolvers: {gravatr: 'https://x/{id}'}",
            'there is no social type "gravatr" (did you mean "gravatar"?)',
        ),
        (
            "resolvers: {gravatar: 'https://x/'}",
            "clouds.demo.resolvers.gravatar: expected a URL with {id} in it",
        ),
    ],
)
def test_what_a_cloud_may_load_and_show_is_checked(told_of_cloud: str, problem: str) -> None:
    text = SMALL.replace("api_secret: secret", f"api_secret: secret, {told_of_cloud}")
    assert problem in "\n".join(told(text))


@pytest.mark.parametrize(
    ("hosts", "problem"),
    [
        ("{img.example.com: dmo}", 'hosts.img.example.com: there is no cloud "dmo" (did you mean "demo"?)'),
        ("{'http://x': demo}", "a host is a name in lower case, without scheme or port"),
        ("{'img.example.com:80': demo}", "a host is a name in lower case, without scheme or port"),
    ],
)
def test_a_host_belongs_to_a_cloud_or_to_all(hosts: str, problem: str) -> None:
    assert problem in "\n".join(told(SMALL + f"hosts: {hosts}"))


@pytest.mark.parametrize(
    ("cloud", "problem"),
    [
        ("{}", "clouds.demo: it needs an api_key and an api_secret, or a list of keys"),
        ("{api_key: '1'}", 'clouds.demo: "api_secret" is missing'),
        ("{api_key: '1', api_secret: s, token_keys: {a: xyz}}", "clouds.demo.token_keys.a: a token's key is"),
        ("{api_key: '1', api_secret: s, rate_limit: 0}", "clouds.demo.rate_limit: must be >= 1"),
        ("{keys: []}", "clouds.demo: it needs an api_key and an api_secret, or a list of keys"),
        ("{keys: [{api_key: '', api_secret: s}]}", "clouds.demo.keys[0].api_key: an empty key would let"),
        (
            "{keys: [{api_key: '1', api_secret: s, disabled: true}]}",
            "clouds.demo.keys: every key is disabled",
        ),
        (
            "{api_key: '1', api_secret: s, keys: [{api_key: '1', api_secret: t}]}",
            "clouds.demo.keys[0].api_key: this cloud has another key of that name",
        ),
    ],
)
def test_the_keys_of_a_cloud_are_checked(cloud: str, problem: str) -> None:
    """Some, none empty, none twice, one of them in force."""
    assert problem in "\n".join(told(SMALL.replace('{api_key: "1", api_secret: secret}', cloud)))


def test_a_cloud_speaks_with_its_first_key_in_force() -> None:
    """What examples, seeds and exported variables use while keys are rotated."""
    keys = "[{api_key: old, api_secret: a, disabled: true}, {api_key: new, api_secret: b, sha256_only: true}]"
    topology, _ = read(SMALL.replace('{api_key: "1", api_secret: secret}', f"{{keys: {keys}}}"))
    assert topology.clouds["demo"].key.api_key == "new"


def test_hosts_are_read() -> None:
    topology, _ = read(SMALL + "hosts: {demo-res.localhost: demo, img.example.com: in path}")
    assert topology.hosts == {"demo-res.localhost": "demo", "img.example.com": "in path"}


DNS = "dns: {zone: cdn.test}"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("mode: dns", "balancer.mode: mode dns needs to know its zone: dns: {zone: cdn.test}"),
        (f"mode: redirect, {DNS}", "balancer.dns: only in mode: dns; this one is redirect"),
        ("mode: dns, dns: {zone: CDN.test.}", "balancer.dns.zone: a zone is a name in lower case"),
        ("mode: dns, dns: {zone: cdn.test, names: [img, a..b]}", "names[1]: expected a name below the zone"),
        ("mode: dns, dns: {zone: cdn.test, names: [edge]}", 'names[0]: "edge" is the name of a PoP'),
        ("mode: dns, dns: {zone: cdn.test, names: [ns]}", 'names[0]: "ns" is the name of the balancer itself'),
        ("mode: dns, dns: {zone: cdn.test, ttl: 500ms}", "ttl: expected whole seconds, a day at most"),
        ("mode: dns, dns: {zone: cdn.test, listen: udp:x}", "expected an address like udp:8053"),
        ("mode: dns, dns: {zone: cdn.test, answers: 0}", "balancer.dns.answers: must be >= 1: 0"),
        ("mode: dns, listen: tcp:8053, dns: {zone: a, listen: udp:8053}", "port 8053 is also used by balancer"),
        ("route: closest", "expected one of nearest, latency, weighted, least-busy, hash, failover"),
        ("route: hash, chain: [edge]", "balancer.chain: only route: failover goes by it; this one is hash"),
        ("route: failover, chain: [edge, egde]", 'chain[1]: there is no edge "egde" (did you mean "edge"?)'),
        ("route: failover, chain: [shield]", 'there is no edge "shield" (that is a shield'),
        ("route: failover, chain: [edge, edge]", 'chain[1]: "edge" is in it already'),
        ("cdns: {akamai: 1}", 'there is no vendor "akamai": label PoPs by vendor:'),
        ("health: {interval: 0s}", "balancer.health.interval: a check needs some time"),
        ("health: {fall: 0}", "balancer.health.fall: must be >= 1: 0"),
        ("queue: {patience: 0s}", "balancer.queue.patience: a line needs some time"),
        ("viewers: {stall: 0s}", "balancer.viewers.stall: a viewer needs some time"),
        ("viewers: {connections: -1}", "balancer.viewers.connections: must be >= 0: -1"),
        ("retries: 120%", "expected at most 100%"),
    ],
)  # fmt: skip
def test_a_mistake_of_the_balancer_is_told_with_its_line(line: str, problem: str) -> None:
    """Where it is written, line 7, and nothing else is wrong."""
    found = told(SMALL + f"balancer: {{{line}}}\n")
    assert len(found) == 1
    assert found[0].startswith("line 7: balancer")
    assert problem in found[0]


@pytest.mark.parametrize(
    ("edge", "front", "problem"),
    [
        ("listen: tcp:9202", "listen: tcp:8000", "listens at the balancer's port: leave it out, or say tcp:8000"),
        ("listen: tcp:9202", "sticky: false", "listens at the balancer's port: leave it out"),
        ("tls: tcp:9402", "listen: tcp:8000", "give the balancer a tls"),
        ("tls: tcp:9402", "tls: tcp:8443", "pops.edge.tls: in mode dns every edge listens at the balancer's port"),
        ('tls: "127.0.9.1:8443"', "tls: tcp:8443", "an edge has one address: that of its listen"),
        ("weight: -1", "sticky: false", "pops.edge.weight: must be >= 0: -1"),
    ],
)  # fmt: skip
def test_in_mode_dns_edges_share_the_balancers_ports(edge: str, front: str, problem: str) -> None:
    """A name leads to an address alone."""
    text = SMALL.replace("parent: shield", f"parent: shield, {edge}")
    (found,) = told(text + f"balancer: {{mode: dns, {DNS}, {front}}}\n")
    assert found.startswith("line 6: pops.edge.")
    assert problem in found


def test_in_mode_dns_no_two_edges_have_one_address() -> None:
    text = SMALL + '  other: {region: west, parent: shield, listen: "127.0.1.1:8000"}\n'
    found = told(text + f"balancer: {{mode: dns, listen: tcp:8000, {DNS}}}\n")
    assert "line 7: pops.other.listen: in mode dns the address 127.0.1.1 is edge's" in found


def test_vendors_are_those_of_the_pops_and_one_has_weight() -> None:
    """A label, or the vendor a PoP plays."""
    plays = SMALL.replace("parent: shield", "parent: shield, edge: {personality: akamai}")
    read(plays + "balancer: {cdns: {akamai: 2}}\n")
    assert told(plays + "balancer: {cdns: {akamay: 2}}\n") == [
        'line 7: balancer.cdns.akamay: there is no vendor "akamay" (did you mean "akamai"?)'
    ]
    labelled = SMALL.replace("parent: shield", "parent: shield, vendor: second")
    assert told(labelled + "balancer: {cdns: {second: 0}}\n") == [
        "line 7: balancer.cdns: at least one needs a weight above 0"
    ]
    assert told(labelled + "balancer: {cdns: {second: -1}}\n") == [
        "line 7: balancer.cdns.second: a weight is a number from 0 to 1,000,000, not -1"
    ]


GROUP = """clouds: {demo: {api_key: "1", api_secret: secret}}
regions: {east: {at: [39, -77]}, west: {at: [46, -120]}}
origins: {main: {region: east, listen: tcp:10}, backup: {region: west, listen: tcp:20}}
edge: {personality: cloudfront, cloudfront: {failover: [503]}}
pops:
  shield: {region: east, role: shield, upstream: main, listen: tcp:30}
  second: {region: west, role: shield, upstream: backup, listen: tcp:40}
  edge: {region: west, parent: shield, secondary: second, listen: tcp:50}
"""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("", ""), ""),
        (("secondary: second", "secondary: backup"), ""),
        (("secondary: second", "secondary: bakcup"), 'no origin or PoP "bakcup" (did you mean "backup"?)'),
        (("secondary: second", "secondary: main"), "leads to main, as the first member does"),
        (("secondary: second", "secondary: shield"), "leads to main, as the first member does"),
        (("secondary: second", "secondary: edge"), "edge asks edge itself"),
        (("upstream: backup", "parent: edge"), "second asks edge itself"),
        (("failover: [503]", "domain: a"), "is asked after answers that cloudfront.failover"),
    ],
)
def test_the_second_member_of_a_group_is_another_origin(change: tuple[str, str], problem: str) -> None:
    """By itself or behind a shield; and something sends viewers there."""
    text = GROUP.replace(*change)
    if problem:
        assert f"pops.edge.secondary: {problem}" in "\n".join(told(text)).replace("there is ", "")
    else:
        assert read(text)[0].pops["edge"].secondary in ("second", "backup")
