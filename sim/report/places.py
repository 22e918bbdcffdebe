"""The regions of a world as a map shows them: where they lie, and how their nodes are, taken together. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sim.report.gather import Slots, Tally
from sim.report.top import Took, quantile
from sim.topology.model import Place

ABSENT = "standby"


def place_of(name: str, at: Place, healths: Sequence[str], edges: Sequence[Tally]) -> dict[str, Any]:
    """One region: `healths` of its nodes, tallies of those that viewers ask.

    How many nodes are `ready` `of` those that should be, requests a second, the hit ratio of all (None before the first
    question), and within how long 95 of a hundred answers of the last half minute were whole."""
    wanted = [health for health in healths if health != ABSENT]
    last = [tally.last for tally in edges if tally.last is not None]
    hits, asked = sum(each.hits for each in last), sum(each.hits + each.misses for each in last)
    return {
        "name": name,
        "at": [at.latitude, at.longitude],
        "ready": wanted.count("ready"),
        "of": len(wanted),
        "requests_per_second": round(sum(tally.requests_per_second for tally in edges), 1),
        "hit_ratio": hits / asked if asked else None,
        "p95": milliseconds(quantile(*together(tally.took() for tally in edges), 0.95)),
    }


def together(histograms: Iterable[Slots]) -> Slots:
    """As if all had been counted by one; those with other bounds than the first are of another version and left out."""
    told = [(bounds, slots) for bounds, slots in histograms if slots]
    if not told:
        return (), ()
    bounds = told[0][0]
    summed: Counter[int] = Counter()
    for theirs, slots in told:
        if theirs == bounds:
            summed.update(dict(enumerate(slots)))
    return bounds, tuple(summed[number] for number in range(len(bounds) + 1))


def milliseconds(took: Took | None) -> dict[str, Any] | None:
    """As JSON; `is_over`: longer than that."""
    return None if took is None else {"ms": round(took.seconds * 1000, 1), "is_over": took.is_over}
