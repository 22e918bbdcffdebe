"""sim.report.between and .flows: the links of nodes as links between regions, and what flows on them."""

from typing import Any

import pytest
from attrs import asdict, evolve
from hypothesis import given
from hypothesis import strategies as st

from sim.links.way import Way
from sim.report.between import access_lines, between, viewers_links
from sim.report.flows import Flows, together

TOLD = Way(rtt_seconds=0.09)


def link(near: str, far: str, now: Way = TOLD) -> dict[str, Any]:
    """As a node lists it, both ways alike."""
    terms, told = asdict(now), asdict(TOLD)
    return {
        "near": [f"{near}-pop", near],
        "far": [f"{far}-pop", far],
        "out": terms,
        "back": terms,
        "told": {"out": told, "back": told},
    }


def of_viewers(pop: str, home: str, now: Way = TOLD) -> dict[str, Any]:
    """One between a PoP there and the viewers of a region."""
    return {**link(pop, home, now), "far": [f"viewers.{home}", home]}


@pytest.mark.parametrize(
    ("now", "state", "rtt_ms"),
    [
        (TOLD, "whole", 90),
        (evolve(TOLD, rtt_seconds=0.3), "changed", 300),
        (evolve(TOLD, cut=True), "cut", 90),
    ],
)
def test_the_worst_of_them_is_shown_whichever_end_asks(now: Way, state: str, rtt_ms: int) -> None:
    listed = [link("eu", "us"), link("us", "eu", now), link("eu", "asia", evolve(TOLD, cut=True))]
    shown = between("eu", "us", listed, 0.5, {})
    assert (shown["ends"], shown["state"], shown["rtt_ms"], shown["count"]) == (
        ["eu", "us"],
        state,
        rtt_ms,
        2,
    )
    assert len(shown["terms"]) == (1 if now == TOLD else 2)


def test_where_nobody_asks_across_the_distance_is_shown() -> None:
    shown = between("eu", "us", [link("eu", "asia")], 0.5, {"eu-pop--asia-pop": (1.0, 2.0)})
    assert shown == {
        "ends": ["eu", "us"],
        "rtt_ms": 500,
        "count": 0,
        "state": "whole",
        "terms": [],
        "toward": {"eu": 0, "us": 0},
    }


def test_what_flows_is_added_up_by_where_it_goes() -> None:
    """Whichever end asks; viewers across the sea are on that cable, too, and of them two nodes tell."""
    viewers = of_viewers("eu", "us")
    listed = [link("eu", "us"), link("us", "eu"), viewers, viewers, link("eu", "asia")]
    flows = {
        "eu-pop--us-pop": (10.0, 1.0),
        "us-pop--eu-pop": (200.0, 20.0),
        "eu-pop--viewers.us": (3000.0, 300.0),
    }
    shown = between("eu", "us", listed, 0.5, flows)
    assert (shown["count"], shown["toward"]) == (3, {"us": 10 + 20 + 3000, "eu": 1 + 200 + 300})


def test_viewers_have_links_of_their_own_to_each_region() -> None:
    listed = [of_viewers("eu", "us"), of_viewers("us", "us", evolve(TOLD, cut=True)), link("us", "eu")]
    shown = viewers_links(["eu", "us"], listed, {"us-pop--viewers.us": (5.0, 4.0)})
    assert [(each["ends"], each["state"], each["toward"]) for each in shown] == [
        (["viewers.us", "eu"], "whole", {"viewers.us": 0, "eu": 0}),
        (["viewers.us", "us"], "cut", {"viewers.us": 5, "us": 4}),
    ]


def test_the_lines_of_a_regions_viewers_are_one_whoever_tells_of_them() -> None:
    """All nodes do, and one of them was not there when the others were told."""
    us = {**link("us", "us"), "near": ["access"], "far": ["viewers.us"]}
    eu = {**us, "far": ["viewers.eu"], "out": asdict(evolve(TOLD, cut=True))}
    shown = access_lines(["eu", "us", "asia"], [us, us, eu, {**eu, "out": us["out"]}, link("us", "eu")])
    assert [(each["ends"], each["state"], each["count"], each["rtt_ms"]) for each in shown] == [
        (["viewers.eu", "access"], "cut", 1, 90),
        (["viewers.us", "access"], "whole", 1, 90),
    ]
    assert len(shown[0]["terms"]) == 2
    assert viewers_links(["eu", "us"], [us, eu], {}) == []


STEPS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=2, max_size=30)


@given(STEPS)
def test_a_flow_is_what_was_carried_over_the_last_seconds(steps: list[tuple[int, int]]) -> None:
    """A look a second, three seconds of them."""
    flows, sums = Flows(), [(0, 0)]
    for out, back in steps:
        sums.append((sums[-1][0] + out, sums[-1][1] + back))
    for at, (out, back) in enumerate(sums):
        flows.note(float(at), {"a--b": {"out": out, "back": back}})
    first, last = sums[-4:][0], sums[-1]
    span = min(3, len(sums) - 1)
    assert flows.now() == {"a--b": ((last[0] - first[0]) / span, (last[1] - first[1]) / span)}


def test_a_node_that_is_started_again_or_silent_carries_nothing_yet() -> None:
    flows = Flows()
    for at, size in enumerate((1000, 2000, 5)):
        flows.note(float(at), {"a--b": {"out": size, "back": 0}})
    assert flows.now() == {}
    flows.note(3.0, {"a--b": {"out": 15, "back": 0}})
    assert flows.now() == {"a--b": (10.0, 0.0)}
    flows.lost()
    assert flows.now() == {}
    flows.note(4.0, None)
    flows.note(5.0, None)
    assert together([flows.now(), {"a--b": (1.0, 2.0)}, {"a--b": (1.0, 1.0)}]) == {"a--b": (2.0, 3.0)}
