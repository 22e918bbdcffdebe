"""What bytes meet on a link, a behaviour a file: each says when bytes that come to it leave it. Pure."""

from __future__ import annotations

from random import Random
from typing import Protocol

from sim.links.toxics.cut import Cut
from sim.links.toxics.latency import Latency
from sim.links.toxics.loss import Loss
from sim.links.toxics.rate import Rate
from sim.links.toxics.stall import Stall
from sim.links.way import Way


class Toxic(Protocol):
    """One behaviour of a link."""

    def leaves(self, size: int, at: float, rng: Random) -> float:
        """When the last of `size` bytes that come to it `at` has left it; never before."""
        ...


def before_the_wire(way: Way, since: float) -> tuple[Toxic, ...]:
    """What holds the wire itself: while one thing is there, what follows queues. `since`: when it was told."""
    stall = (Stall(way.stall_seconds, way.every_seconds, since),) if way.stall_seconds else ()
    return (*((Cut(),) if way.cut else ()), *stall, Rate(way.bits_per_second))


def under_way(way: Way) -> tuple[Toxic, ...]:
    """What each meets for itself, behind the wire."""
    loss = (Loss(way.loss, way.rtt_seconds),) if way.loss else ()
    return (*loss, Latency(way.rtt_seconds / 2, way.jitter_seconds))
