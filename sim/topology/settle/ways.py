"""On which terms bytes go from one place to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from sim.links.way import Way
from sim.topology.distance import round_trip_ms
from sim.topology.model import Line, RoundTrip, Terms, Topology
from sim.topology.quantities import Rate

DEFAULT_BITS_PER_SECOND = 1e9
LINES = {
    kind: Line(rtt=RoundTrip(seconds), rate=Rate(50e6), sigma=0.5, slow_start=True)
    for kind, seconds in (("fixed", 0.015), ("mobile", 0.045))
}
"""How viewers are online (workloads.md §6)."""


def way(topology: Topology, here: tuple[str, ...], there: tuple[str, ...]) -> Way:
    """From here to there, each end by its names, the narrowest first and its region last: every term as the
    narrowest link that gives it says."""
    places = {name: region.at for name, region in topology.regions.items()}
    by_distance = round_trip_ms(here[-1], there[-1], places) / 1000
    return _way(_given(topology, here, there), by_distance)


def access(line: Line) -> Way:
    """A viewer's own line, either way; of no terms, none."""
    given = [line, *([LINES[line.kind]] if line.kind is not None else [])]
    sigma = next((each.sigma for each in given if each.sigma is not None), 0.0)
    slow_start = next((each.slow_start for each in given if each.slow_start is not None), False)
    return evolve(_way(given, 0.0), sigma=sigma, slow_start=slow_start)


def _way(given: Sequence[Terms], by_distance: float) -> Way:
    """Every term as the first of those given says that says it; `by_distance`: the round trip, where none does."""

    def first(name: str) -> Any:
        return next((value for each in given if (value := getattr(each, name)) is not None), None)

    def seconds(name: str) -> float:
        told = first(name)
        return float(told.seconds) if told is not None else 0.0

    rtt, rate, loss, reset = first("rtt"), first("rate"), first("loss"), first("reset")
    return Way(
        rtt_seconds=by_distance if rtt is None or rtt.seconds is None else rtt.seconds,
        bits_per_second=rate.bits_per_second if rate is not None else DEFAULT_BITS_PER_SECOND,
        loss=loss.part if loss is not None else 0.0,
        jitter_seconds=seconds("jitter"),
        stall_seconds=seconds("stall"),
        every_seconds=seconds("every"),
        reset_seconds=reset.seconds if reset is not None else None,
        slow_close_seconds=seconds("slow_close"),
        cut=bool(first("cut")),
    )


def _given(topology: Topology, here: tuple[str, ...], there: tuple[str, ...]) -> list[Terms]:
    """What is said of the way, the narrowest first: of two pairs of names, the one nearer to both nodes."""
    pairs = sorted(
        ((i + j, one, other) for i, one in enumerate(here) for j, other in enumerate(there)),
        key=lambda pair: pair[0],
    )
    found: list[Terms] = []
    for _, one, other in pairs:
        link = topology.links.get(f"{one}--{other}") or topology.links.get(f"{other}--{one}")
        if link is not None:
            found += [link.toward[other]] if other in link.toward else []
            found.append(link)
    return [*found, *([topology.links["default"]] if "default" in topology.links else [])]
