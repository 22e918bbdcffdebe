"""PoPs that play a vendor, and the node of the vendors' control APIs that comes with them."""

from __future__ import annotations

import edge.settings
import edge.vendors.settings
from tests.sim.topology.test_read import told
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
LOCK = "{path: /x, lock: {key: 00112233445566778899}}"


def test_who_is_told_what_to_forget() -> None:
    """All PoPs of the distribution or property, and whom they ask."""
    told_of: edge.vendors.settings.Settings = settings_of(settled(WORLD), "vendors")
    assert told_of.listen == "127.0.0.1:9"
    one = told_of.distributions["EONE"]
    assert one.has_tags
    assert [url.rpartition(":")[2] for url in one.pops] == ["2", "1", "3"]
    seven = told_of.properties["7-production"]
    assert (seven.cpcode, seven.hostnames) == (7, ("h.test",))
    assert [url.rpartition(":")[2] for url in seven.pops] == ["4", "1"]
    assert told_of.access_keys["AK"].secret == "s"
    assert list(told_of.clients) == ["akab-pixeledge"]


def test_a_pop_is_told_whom_it_plays() -> None:
    played: edge.settings.Settings = settings_of(settled(WORLD), "three")
    assert (played.personality, played.akamai.cpcode) == ("akamai", 7)


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
