"""PoPs that play a vendor, and the node of the vendors' control APIs that comes with them."""

from __future__ import annotations

import edge.settings
import edge.vendors.settings
from sim.scaling.telling import askers_of
from tests.sim.topology.test_read import GROUP, told
from tests.sim.topology.test_settle import settings_of, settled

WORLD = """clouds: {demo: {api_key: "1", api_secret: secret}}
regions: {east: {at: [39, -77]}, west: {at: [46, -120]}}
origins: {main: {region: east}}
pops:
  shield: {region: east, role: shield, upstream: main, control: tcp:1}
  one: {region: west, parent: shield, control: tcp:2, edge: {personality: cloudfront,
    cloudfront: {id: EONE, tag_header: X-Tags}}}
  two: {region: west, upstream: main, control: tcp:3, edge: {personality: cloudfront, cloudfront: {id: EONE}}}
  three: {region: west, parent: shield, control: tcp:4, edge: {personality: akamai,
    akamai: {cpcode: 7, hostnames: [h.test]}}}
  four: {region: west, parent: shield, control: tcp:5}
vendors: {listen: "tcp:9", access_keys: {AK: {secret: s}}}
"""
KINDS = ("edge", "shield")
LOCK = "{path: /x, lock: {key: 00112233445566778899}}"


def test_who_is_told_what_to_forget() -> None:
    """All PoPs of the distribution or property, and whom they ask."""
    told_of: edge.vendors.settings.Settings = settings_of(settled(WORLD), "vendors")
    assert told_of.listen == "127.0.0.1:9"
    one = told_of.distributions["EONE"]
    assert one.has_tags
    assert {name: url.rpartition(":")[2] for name, url in one.pops.items()} == {
        "one": "2",
        "shield": "1",
        "two": "3",
    }
    seven = told_of.properties["7-production"]
    assert (seven.cpcode, seven.hostnames) == (7, ("h.test",))
    assert {name: url.rpartition(":")[2] for name, url in seven.pops.items()} == {"three": "4", "shield": "1"}
    assert told_of.access_keys["AK"].secret == "s"
    assert list(told_of.clients) == ["akab-pixeledge"]


def test_a_pop_is_told_whom_it_plays() -> None:
    played: edge.settings.Settings = settings_of(settled(WORLD), "three")
    assert (played.personality, played.akamai.cpcode) == ("akamai", 7)


def test_only_what_may_be_kept_takes_a_vendors_parent() -> None:
    """§5.1, §15.1; nobody's PoPs ask theirs for everything."""
    world_of = settled(WORLD)
    parents = {
        name: settings_of(world_of, name).parents for name in ("shield", "one", "two", "three", "four")
    }
    shield = "http://127.0.0.1:"
    assert {name: tuple(url[: len(shield)] for url in urls) for name, urls in parents.items()} == {
        "shield": (),
        "one": (shield,),
        "two": (),
        "three": (shield,),
        "four": (),
    }
    assert settings_of(world_of, "one").upstreams[:1] == parents["one"]


SHIELDED = (
    WORLD.replace("  one: {region: west, parent: shield,", "  one: {region: west, parent: rec,")
    .replace("role: shield, upstream: main,", "role: shield, upstream: main, origin_shield: true,")
    .replace("vendors:", "  rec: {region: west, role: shield, parent: shield, listen: tcp:6}\nvendors:")
)


def test_what_is_not_kept_goes_past_the_regional_tier_to_the_origins_shield() -> None:
    """§5.1: and everything goes to it where it is the parent itself; who plays nobody asks their parent for all."""
    world_of = settled(SHIELDED)
    shield, rec, main = (
        f"http://{next(node.listen for node in world_of.nodes() if node.name == name)}"
        for name in ("shield", "rec", "main-1")
    )
    told_of: dict[str, edge.settings.Settings] = {
        name: settings_of(world_of, name) for name in ("one", "three", "rec", "shield")
    }
    assert {name: told.upstreams for name, told in told_of.items()} == {
        "one": (rec, shield, main),
        "three": (shield, main),
        "rec": (shield, main),
        "shield": (main,),
    }
    assert {name: told.parents for name, told in told_of.items() if told.parents} == {"one": (rec,)}
    assert [told.origin_shields for told in told_of.values()] == [("shield",)] * 3 + [()]
    hosts = told_of["one"].upstream_hosts
    assert set(hosts) == {rec, shield}
    assert len(set(hosts.values())) == 1


def test_an_origin_has_one_shield_next_to_it() -> None:
    for more, why in (
        ("upstream: main, role: edge", "say role: shield"),
        ("parent: shield, role: shield", "give it an upstream"),
        ("upstream: main, role: shield", "main has an origin shield: shield"),
    ):
        text = SHIELDED.replace(
            "vendors:", f"  six: {{region: west, {more}, origin_shield: true, listen: tcp:7}}\nvendors:"
        )
        assert why in "\n".join(told(text)), more


def test_who_is_told_asks_at_its_start_what_it_missed() -> None:
    """§7.7: those that play a vendor, and whom they ask; nobody else."""
    world = WORLD.replace('"tcp:9"', '"tcp:9", control: "tcp:10"')
    world_of = settled(world)
    asked = {name: settings_of(world_of, name).purges for name in ("shield", "one", "three", "four")}
    url = "http://127.0.0.1:10"
    assert asked == {"shield": url, "one": url, "three": url, "four": ""}


WAYS = WORLD.replace(
    "akamai: {cpcode: 7, hostnames: [h.test]}",
    "akamai: {cpcode: 7, hostnames: [h.test], sure_route: {test_object: /t, through: [five]}}",
).replace(
    "vendors:",
    "  five: {region: west, upstream: main, listen: tcp:6, edge: {personality: akamai, akamai: {cpcode: 7}}}\nvendors:",
)


def test_ways_are_other_pops_with_links_of_their_own() -> None:
    """§15.3: named in the document, asked by URL."""
    world_of = settled(WAYS)
    played: edge.settings.Settings = settings_of(world_of, "three")
    assert played.ways == ("http://127.0.0.1:6",)
    links = next(node for node in world_of.nodes() if node.name == "three").links
    assert [link.far[0] for link in links if link.far[0] == "five"] == ["five"]
    assert settings_of(world_of, "five").ways == ()


def test_a_way_leads_through_an_edge_of_the_same_property() -> None:
    for other, why in (
        ("edge: {personality: cloudfront}", "play Akamai: five is none"),
        ("edge: {personality: akamai, akamai: {cpcode: 8}}", "of the same property: five serves another"),
        (f"edge: {{personality: akamai, akamai: {{cpcode: 7, tokens: [{LOCK}]}}}}", "no token: five is none"),
        ("role: shield, edge: {personality: akamai, akamai: {cpcode: 7}}", "no token: five is none"),
    ):
        text = WAYS.replace(
            "listen: tcp:6, edge: {personality: akamai, akamai: {cpcode: 7}}", f"listen: tcp:6, {other}"
        )
        assert why in "\n".join(told(text)), other
    assert "play Akamai: three is none" in "\n".join(told(WAYS.replace("[five]", "[three]")))


def test_a_shield_knows_the_tags_of_those_that_ask_it() -> None:
    """§7.4, §13.1: else a purge by tag would leave the old object there, to be fetched again."""
    world_of = settled(WORLD)
    tags = {name: settings_of(world_of, name).tags for name in ("shield", "one", "four")}
    assert tags == {"shield": {"X-Tags": "cloudfront", "Edge-Cache-Tag": "akamai"}, "one": {}, "four": {}}


def test_a_shield_knows_whether_those_that_ask_it_make_others_of_pictures() -> None:
    """§16: else a purge of a picture's URL would leave there what was made of it."""
    managed = WORLD.replace("akamai: {cpcode: 7,", "akamai: {image_manager: {breakpoints: [9]}, cpcode: 7,")
    for text, is_told in ((WORLD, False), (managed, True)):
        told_of = {name: settings_of(settled(text), name).renditions for name in ("shield", "one", "three")}
        assert told_of == {"shield": is_told, "one": False, "three": False}
    three: edge.settings.Settings = settings_of(settled(managed), "three")
    assert three.akamai.image_manager is not None
    assert three.akamai.image_manager.breakpoints == (9,)


def test_what_is_wrong_with_an_image_manager_is_told_with_its_place() -> None:
    text = WORLD.replace("akamai: {cpcode: 7,", "akamai: {image_manager: {formats: [gif]}, cpcode: 7,")
    assert "image_manager" in "\n".join(told(text))


def test_the_balancers_word_for_who_asked_is_taken_and_others_as_the_document_says() -> None:
    """§1.4, §10.3: a token that is bound to an address is good through the balancer, too."""
    more = WORLD.replace("{personality: akamai,", "{trusted_proxies: [10.0.0.0/8], personality: akamai,")
    world_of = settled(more)
    trusted = {name: settings_of(world_of, name).trusted_proxies for name in ("shield", "one", "three")}
    assert trusted == {"shield": (), "one": ("127.0.0.1",), "three": ("127.0.0.1", "10.0.0.0/8")}


def test_quotas_and_clocks_are_the_documents_to_set() -> None:
    """§7.7, §12.5, §11.3: classic values, as settings."""
    more = "limits: {paths: 10}, rates: {tag: {size: 5, per_second: 1}}, edgegrid_skew: 30s, least: 0s, patience: 3s"
    told_of: edge.vendors.settings.Settings = settings_of(
        settled(WORLD.replace("access_keys:", f"{more}, access_keys:")), "vendors"
    )
    assert (told_of.limits.paths, told_of.limits.wildcards) == (10, 15)
    assert (told_of.rates.tag.size, told_of.rates.url.size) == (5, 10_000)
    assert (told_of.edgegrid_skew_seconds, told_of.sigv4_skew_seconds) == (30.0, 300.0)
    assert (told_of.least_seconds, told_of.patience_seconds) == (0.0, 3.0)
    assert told(WORLD.replace("access_keys:", "limits: {paths: 0}, access_keys:"))


def test_a_world_without_vendors_has_no_such_node() -> None:
    assert "vendors" not in [node.name for node in settled().nodes()]


def test_who_is_asked_by_other_pops_asks_for_no_tokens() -> None:
    """What let a viewer in is taken away on the way."""
    asked = WORLD.replace(
        "two: {region: west, upstream: main,", "two: {region: west, parent: three,"
    ).replace("cpcode: 7,", f"cpcode: 7, tokens: [{LOCK}],")
    assert told(asked) == [
        "line 9: pops.three: a PoP that others ask cannot ask viewers for tokens: make it a shield"
    ]


def test_a_mistake_in_a_distribution_has_its_line() -> None:
    (problem,) = told(WORLD.replace("{id: EONE, tag_header: X-Tags}", "{id: one}"))
    assert problem.startswith("line 7: pops.one.edge.cloudfront.id: ")


def test_each_member_of_a_group_is_asked_by_its_own_way() -> None:
    """§5.5: through its shield, and past it; each by its origin's name, over links, checked, and told of purges."""
    world = settled(GROUP, with_links=True)
    told: edge.settings.Settings = settings_of(world, "edge")
    address = {name: world.address(name).url for name in ("shield", "main-1", "second", "backup-1")}
    assert told.upstreams == (address["shield"], address["main-1"])
    assert told.secondary == edge.settings.Secondary((address["second"], address["backup-1"]), "first")
    hosts = {name: url.removeprefix("http://") for name, url in address.items()}
    assert told.upstream_hosts == {address["shield"]: hosts["main-1"], address["second"]: hosts["backup-1"]}
    assert told.parents == (address["shield"], address["second"])
    assert set(told.checks.urls) == set(address.values())
    (node,) = [each for each in world.nodes() if each.name == "edge"]
    assert {link.far[0] for link in node.links} >= set(address)
    assert {node.name: settings_of(world, node.name).purges != "" for node in world.nodes() if node.kind in KINDS} == {
        "shield": True, "second": True, "edge": True,
    }  # fmt: skip
    told_of: edge.vendors.settings.Settings = settings_of(world, "vendors")
    assert set(told_of.distributions["EPIXELEDGE0001"].pops) == {"edge", "shield", "second"}
    assert [node.name for node in world.nodes()].index("second") < [
        node.name for node in world.nodes()
    ].index("edge")


def test_a_second_member_without_a_shield_is_asked_itself() -> None:
    """Its instances as any origin's: one URL always asks the same, and those that are not there yet wait."""
    text = GROUP.replace("secondary: second", "secondary: backup").replace(
        "listen: tcp:20", "listen: tcp:20, instances: {min: 1, max: 2}"
    )
    world = settled(text)
    told: edge.settings.Settings = settings_of(world, "edge")
    urls = tuple(world.address(name).url for name in ("backup-1", "backup-2"))
    assert told.secondary == edge.settings.Secondary(urls, "hash")
    assert told.standby == urls[1:]
    (node,) = [each for each in world.nodes() if each.name == "edge"]
    assert "edge" in {asker.name for asker in askers_of([node], urls)}
