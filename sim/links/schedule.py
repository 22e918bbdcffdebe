"""When bytes that enter a link leave it: pure arithmetic over the toxics of one way."""

from __future__ import annotations

import math
from random import Random
from typing import Protocol

from attrs import frozen

from sim.links.toxics import Toxic, before_the_wire, under_way
from sim.links.way import SEGMENT, Way, window_of


class Timing(Protocol):
    """When what sets out arrives: a schedule, or several, one behind the other."""

    @property
    def window(self) -> int:
        """Bytes that may be under way."""

    def departure(self, size: int, now: float) -> float:
        """When so many bytes that set out now come out; infinity while the way is cut."""

    def end(self, now: float) -> float:
        """When the end of a stream comes out."""

    def piece(self) -> int:
        """How many bytes to time together."""

    def carried(self, size: int) -> None:
        """So many bytes have come out."""


class Schedule:
    """One direction of a link: first in, first out, one thing on the wire at a time.

    Shared by all connections that use the link, as the link is.
    """

    def __init__(self, way: Way, rng: Random, now: float = 0.0) -> None:
        self._rng = rng
        self.bytes = 0
        """That have come out at the far end, of all that was ever sent."""
        self.change(way, now)

    def change(self, way: Way, now: float) -> None:
        """From `now` on the way is another. What is under way is to be asked for again: it is sent anew."""
        self.way = way
        self._wire: tuple[Toxic, ...] = before_the_wire(way, now)
        self._behind: tuple[Toxic, ...] = under_way(way)
        self._wire_free_at = now
        self._last_departure = now

    @property
    def window(self) -> int:
        """Bytes that one connection may have under way."""
        return self.way.window

    def departure(self, size: int, now: float) -> float:
        """The time at which the last of `size` bytes that arrive `now` has come out at the far end; infinity
        while the way is cut."""
        leaves = max(now, self._wire_free_at)
        for toxic in self._wire:
            leaves = toxic.leaves(size, leaves, self._rng)
        self._wire_free_at = leaves
        for toxic in self._behind:
            leaves = toxic.leaves(size, leaves, self._rng)
        self._last_departure = max(self._last_departure, leaves)
        return self._last_departure

    def end(self, now: float) -> float:
        """The time at which the end of a stream comes out, behind all that was sent before."""
        return self.departure(0, now) + self.way.slow_close_seconds

    def greeting_seconds(self) -> float:
        """What the first packet of a connection takes, which finds its place between all others."""
        return math.inf if self.way.cut else self.way.rtt_seconds / 2

    def piece(self) -> int:
        """How many bytes to time together: some 5 ms of the wire, so that a slow link drips, not gulps."""
        return max(SEGMENT, min(65536, int(self.way.bits_per_second / 8 * 0.005)))

    def carried(self, size: int) -> None:
        """So many bytes have come out."""
        self.bytes += size


@frozen
class InSeries:
    """A link that many share, and behind it a line of one's own. In which order they lie makes no difference to when
    things arrive; the shared one comes first here, so that nobody keeps it busy before he is there.
    """

    shared: Schedule
    own: Schedule

    @property
    def window(self) -> int:
        """Enough to fill both."""
        return window_of(self.bits_per_second, self.shared.way.rtt_seconds + self.own.way.rtt_seconds)

    @property
    def bits_per_second(self) -> float:
        """Those of the slower one."""
        return min(self.shared.way.bits_per_second, self.own.way.bits_per_second)

    def departure(self, size: int, now: float) -> float:
        """As of one of them."""
        leaves = self.shared.departure(size, now)
        return leaves if leaves == math.inf else self.own.departure(size, leaves)

    def end(self, now: float) -> float:
        """As of one of them."""
        return self.departure(0, now) + self.shared.way.slow_close_seconds + self.own.way.slow_close_seconds

    def piece(self) -> int:
        """That of the slower one."""
        return min(self.shared.piece(), self.own.piece())

    def carried(self, size: int) -> None:
        """So many bytes have come out."""
        self.shared.carried(size)
