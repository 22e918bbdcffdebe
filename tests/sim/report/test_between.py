"""sim.report.between: the links of nodes as links between regions."""

from typing import Any

import pytest
from attrs import asdict, evolve

from sim.links.way import Way
from sim.report.between import between

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
    shown = between("eu", "us", listed, 0.5)
    assert (shown["ends"], shown["state"], shown["rtt_ms"], shown["count"]) == (
        ["eu", "us"],
        state,
        rtt_ms,
        2,
    )
    assert len(shown["terms"]) == (1 if now == TOLD else 2)


def test_where_nobody_asks_across_the_distance_is_shown() -> None:
    shown = between("eu", "us", [link("eu", "asia")], 0.5)
    assert shown == {"ends": ["eu", "us"], "rtt_ms": 500, "count": 0, "state": "whole", "terms": []}
