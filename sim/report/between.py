"""The links between two regions, as the nodes at their ends list them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.links.words import line_of

BOTH = ("out", "back")


def between(one: str, other: str, listed: Iterable[Mapping[str, Any]], rtt_seconds: float) -> dict[str, Any]:
    """What the page shows of them: the longest round trip (`rtt_seconds` where no node asks another across), how
    many there are, `whole`, `changed` or `cut`, and their terms in words."""
    ours = [link for link in listed if {link["near"][-1], link["far"][-1]} == {one, other}]
    trips = [sum(link[way]["rtt_seconds"] for way in BOTH) / 2 for link in ours]
    is_cut = any(link[way]["cut"] for link in ours for way in BOTH)
    is_changed = any(link[way] != link["told"][way] for link in ours for way in BOTH)
    return {
        "ends": [one, other],
        "rtt_ms": round(max(trips, default=rtt_seconds) * 1000),
        "count": len(ours),
        "state": "cut" if is_cut else "changed" if is_changed else "whole",
        "terms": sorted({line_of(link)[2] for link in ours}),
    }
