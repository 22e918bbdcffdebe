"""The links between two regions, or between viewers and the PoPs of a region, as the nodes at their ends list them.
Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.links.link import ACCESS, is_of_viewers, viewers_of
from sim.links.words import line_of
from sim.report.flows import Flow

BOTH = ("out", "back")
Listed = Mapping[str, Any]
NONE: Flow = (0.0, 0.0)


def between(
    one: str, other: str, listed: Iterable[Listed], rtt_seconds: float, flows: Mapping[str, Flow]
) -> dict[str, Any]:
    """What the page shows of all links between two regions, those of viewers among them: the longest round trip
    (`rtt_seconds` where there is no link across), how many there are, `whole`, `changed` or `cut`, their terms in
    words, and bytes a second `toward` each end.
    """
    ours = [link for link in listed if {link["near"][-1], link["far"][-1]} == {one, other}]
    return _shown((one, other), ours, rtt_seconds, flows)


def viewers_links(
    regions: Iterable[str], listed: Iterable[Listed], flows: Mapping[str, Flow]
) -> list[dict[str, Any]]:
    """The same of the viewers of each region and the PoPs of each."""
    places = tuple(regions)
    theirs = [link for link in listed if is_of_viewers(link["far"][0])]
    found: list[dict[str, Any]] = []
    for home in places:
        for region in places:
            ends = (viewers_of(home), region)
            ours = [link for link in theirs if (link["far"][0], link["near"][-1]) == ends]
            found += [_shown(ends, ours, 0.0, flows)] if ours else []
    return found


def access_lines(regions: Iterable[str], listed: Iterable[Listed]) -> list[dict[str, Any]]:
    """The same of how the viewers of each region are online: their own lines, which tell of no bytes."""
    lines = [link for link in listed if link["near"] == [ACCESS]]
    found: list[dict[str, Any]] = []
    for home in regions:
        ours = [link for link in lines if link["far"] == [viewers_of(home)]]
        found += [{**_shown((viewers_of(home), ACCESS), ours, 0.0, {}), "toward": {}}] if ours else []
    return found


def _shown(
    ends: tuple[str, str], ours: list[Listed], rtt_seconds: float, flows: Mapping[str, Flow]
) -> dict[str, Any]:
    trips = [sum(link[way]["rtt_seconds"] for way in BOTH) / 2 for link in ours]
    is_cut = any(link[way]["cut"] for link in ours for way in BOTH)
    is_changed = any(link[way] != link["told"][way] for link in ours for way in BOTH)
    toward = dict.fromkeys(ends, 0.0)
    each = {
        f"{link['near'][0]}--{link['far'][0]}": link for link in ours
    }  # two nodes tell of those to viewers
    for name, link in each.items():
        near, far = ends if ends[0] in link["near"] else ends[::-1]
        out, back = flows.get(name, NONE)
        toward[far] += out
        toward[near] += back
    return {
        "ends": list(ends),
        "rtt_ms": round(max(trips, default=rtt_seconds) * 1000),
        "count": len(each),
        "state": "cut" if is_cut else "changed" if is_changed else "whole",
        "terms": sorted({line_of(link)[2] for link in ours}),
        "toward": {end: round(rate) for end, rate in toward.items()},
    }
