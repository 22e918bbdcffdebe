"""Which instances of a pool to start, to drain, and to take back, so that as many are there as are wanted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import frozen


class Standing(Enum):
    """Where an instance stands."""

    ABSENT = "absent"  # not run; it can be
    STARTING = "starting"
    SERVING = "serving"
    LOST = "lost"  # it should serve and does not, or somebody stopped it: another takes its place
    DRAINING = "draining"  # it gets nothing new, and is ended when it has finished


COUNTED = (Standing.STARTING, Standing.SERVING)


@frozen
class Moves:
    """What to do."""

    start: tuple[str, ...] = ()
    drain: tuple[str, ...] = ()
    recall: tuple[str, ...] = ()  # was draining, and serves on


def moves(wanted: int, standings: Mapping[str, Standing]) -> Moves:
    """`standings`: of all there may be, in their order. The first ones stay longest, so that it is always the same that
    come and go; who still drains is there sooner than one that must be started."""
    there = [name for name, standing in standings.items() if standing in COUNTED]
    missing = wanted - len(there)
    if missing <= 0:
        return Moves(drain=tuple(there[wanted:]))
    draining = [name for name, standing in standings.items() if standing is Standing.DRAINING]
    recall = draining[:missing]
    absent = [name for name, standing in standings.items() if standing is Standing.ABSENT]
    return Moves(start=tuple(absent[: missing - len(recall)]), recall=tuple(recall))


def running(standings: Mapping[str, Standing]) -> int:
    """How many serve, or will soon."""
    return sum(standing in COUNTED for standing in standings.values())
