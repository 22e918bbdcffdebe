"""On which terms bytes go from one place to another."""

from __future__ import annotations

from typing import Any

from sim.links.way import Way
from sim.topology.distance import round_trip_ms
from sim.topology.model import Terms, Topology

DEFAULT_BITS_PER_SECOND = 1e9


def way(topology: Topology, here: tuple[str, ...], there: tuple[str, ...]) -> Way:
    """From here to there, each end by its names, the narrowest first and its region last: every term as the
    narrowest link that gives it says."""
    places = {name: region.at for name, region in topology.regions.items()}
    by_distance = round_trip_ms(here[-1], there[-1], places) / 1000
    return _way(_given(topology, here, there), by_distance)


def access(terms: Terms) -> Way:
    """A viewer's own line, either way; of no terms, none."""
    return _way([terms], 0.0)


def _way(given: list[Terms], by_distance: float) -> Way:
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
