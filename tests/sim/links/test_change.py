"""sim.links.change and .cables: what an operator says of links, and what it comes to."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import asdict, evolve
from twisted.internet.task import Clock

from sim.links.cables import Cables
from sim.links.change import Change
from sim.links.link import Link
from sim.links.way import NOTHING, Way
from sim.links.words import line_of, words_of
from wire.errors import InvalidRequest

AFAR = Way(0.2, 1e8)
TO_SHIELD = Link(("edge", "asia"), ("shield", "america"), ("h:1", "h:2"), AFAR, AFAR)
TO_ORIGIN = Link(("edge", "asia"), ("main-1", "main", "america"), ("h:3",), AFAR, AFAR)


def told(*ends: str, **more: Any) -> Change:
    return Change.parse({"ends": list(ends), **more})


@pytest.mark.parametrize(
    ("ends", "meant"),
    [
        (("edge", "shield"), [True, False]),
        (("shield", "edge"), [True, False]),
        (("main", "edge"), [False, True]),
        (("asia", "america"), [True, True]),
        (("america", "main-1"), [False, False]),
        (("edge", "edge"), [False, False]),
    ],
)
def test_a_link_is_meant_by_any_names_of_its_ends(ends: tuple[str, str], meant: list[bool]) -> None:
    """In either order."""
    assert [told(*ends, heal=True).means(link) for link in (TO_SHIELD, TO_ORIGIN)] == meant


def test_terms_hold_both_ways_or_toward_one_end() -> None:
    cut = evolve(AFAR, cut=True)
    both = told("edge", "shield", terms={"cut": True}).of(TO_SHIELD, TO_SHIELD)
    assert (both.out, both.back) == (cut, cut)
    for ends in (("edge", "shield"), ("shield", "edge")):
        out = told(*ends, toward="shield", terms={"cut": True}).of(TO_SHIELD, TO_SHIELD)
        assert (out.out, out.back) == (cut, AFAR)
        back = told(*ends, toward="edge", terms={"cut": True}).of(TO_SHIELD, TO_SHIELD)
        assert (back.out, back.back) == (AFAR, cut)


def test_healing_comes_first_and_what_is_not_said_stays() -> None:
    worse = evolve(TO_SHIELD, out=Way(3.0, 1e3, 0.5, cut=True))
    assert told("edge", "shield", heal=True).of(worse, TO_SHIELD) == TO_SHIELD
    slow = told("edge", "shield", heal=True, terms={"loss": 0.1}).of(worse, TO_SHIELD)
    assert slow.out == evolve(AFAR, loss=0.1)
    assert told("edge", "shield", terms={"cut": False}).of(worse, TO_SHIELD).out == Way(3.0, 1e3, 0.5)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ([], "A JSON object of"),
        ({"ends": ["a", "b"], "tearms": {}}, "A JSON object of"),
        ({"ends": ["a"]}, "ends must be the two names"),
        ({"ends": ["a", "b"], "toward": "c"}, "toward is one of the two ends: a or b"),
        ({"ends": ["a", "b"], "heal": 1}, "heal and reset are true or false"),
        ({"ends": ["a", "b"], "terms": {"los": 1}}, 'A link has no "los" \\(did you mean "loss"'),
        ({"ends": ["a", "b"], "terms": {"loss": 2}}, "Not the terms of a link: 'loss' must be <= 1"),
        ({"ends": ["a", "b"], "terms": {"cut": "yes"}}, "Not the terms of a link: 'cut' must be"),
        ({"ends": ["a", "b"], "terms": {"bits_per_second": 0}}, "Not the terms of a link"),
        ({"ends": ["a", "b"], "terms": {"sigma": 0.5}}, "sigma is a term of viewers' own lines"),
        ({"ends": ["viewers.a", "access"], "terms": {"sigma": 4}}, "Not the terms of a link"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(written: Any, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        Change.parse(written)


def cables(kept: Path | None = None) -> Cables:
    return Cables((TO_SHIELD, TO_ORIGIN), Clock(), Random(1), kept)


def test_doors_of_one_end_share_its_cable() -> None:
    """What is cut for questions is cut for checks."""
    node = cables()
    assert node.by_address["h:1"] is node.by_address["h:2"] is not node.by_address["h:3"]
    assert node.change(told("edge", "main", terms={"cut": True})) == 1
    assert [node.by_address[each].out.way.cut for each in ("h:1", "h:3")] == [False, True]
    assert node.change(told("edge", "nowhere", terms={"cut": True})) == 0


def test_a_link_outlives_the_node_that_uses_it(tmp_path: Path) -> None:
    """Who kills a node behind a cut link gets it back behind a cut link; and a heal is a heal."""
    kept = tmp_path / "links.json"
    cables(kept).change(told("asia", "america", toward="asia", terms={"cut": True, "rtt_seconds": 1}))
    again = cables(kept)
    assert again.by_address["h:1"].back.way == evolve(AFAR, cut=True, rtt_seconds=1)
    assert again.by_address["h:1"].out.way == AFAR
    again.change(told("asia", "america", heal=True))
    assert cables(kept).by_address["h:1"].back.way == AFAR


def test_the_line_of_viewers_is_told_like_a_link_and_kept_like_one(tmp_path: Path) -> None:
    """It joins no two places, so what is done to links between regions is not done to it, and it tells of no bytes."""
    line = Link(("access",), ("viewers.asia",), out=NOTHING, back=NOTHING, viewers="asia")
    there = Link(("edge", "asia"), ("viewers.asia", "asia"), out=AFAR, back=AFAR, viewers="asia")
    kept = tmp_path / "links.json"

    def node() -> Cables:
        return Cables((there, line), Clock(), Random(1), kept)

    first = node()
    assert line_of(first.listed()[1]) == ("viewers.asia--access", "viewers.asia--access", "as fast as can be")
    assert first.change(told("asia", "asia", terms={"cut": True})) == 1
    assert (
        first.change(told("viewers.asia", "access", toward="viewers.asia", terms={"rtt_seconds": 0.3})) == 1
    )
    assert first.access["asia"].ways == (evolve(NOTHING, rtt_seconds=0.3), NOTHING)
    again = node()
    assert again.access["asia"].ways == first.access["asia"].ways
    said = "toward viewers.asia: 300ms, 1000Mbit; toward access: 0ms, 1000Mbit (changed)"
    assert line_of(again.listed()[1])[2] == said
    assert [each.near for each in again.carried()] == ["edge"]
    again.change(told("viewers.asia", "access", heal=True))
    assert again.access["asia"].ways is None


def test_a_reset_ends_those_who_travel_and_stays_no_term() -> None:
    node, ended = cables(), list[str]()

    class Traveller:
        def retime(self) -> None:
            raise AssertionError("no term was changed")

        def reset(self) -> None:
            ended.append("reset")

    node.by_address["h:3"].riders[Traveller()] = None
    assert node.change(told("edge", "america", reset=True)) == 2
    assert ended == ["reset"]
    assert node.listed()[1]["out"] == asdict(AFAR)


def test_a_link_is_told_in_a_line() -> None:
    """With what differs by direction, and whether it is as the document says."""
    node = cables()
    whole = line_of(node.listed()[0])
    assert whole == ("edge--shield", "asia--america", "200ms, 100Mbit")
    node.change(told("edge", "shield", toward="shield", terms={"cut": True}))
    assert line_of(node.listed()[0])[2] == "toward shield: cut; toward edge: 200ms, 100Mbit (changed)"
    odd = Way(2.5, 5e5, 0.02, 0.005, 2, 30, 60, 5)
    assert words_of(odd) == (
        "2.5s, 0.5Mbit, jitter 5ms, loss 2%, stalls 2s every 30s, resets after 60s, closes 5s late"
    )
    assert words_of(Way(0.045, 5e7, sigma=0.5, slow_start=True)) == "45ms (sigma 0.5), 50Mbit, slow start"
