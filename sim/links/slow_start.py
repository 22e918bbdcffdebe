"""How a new connection feels its way: pure arithmetic over its windows (workloads.md §6)."""

from __future__ import annotations

import math

from attrs import frozen

from sim.links.schedule import Timing

INITIAL_WINDOW = 14_600  # bytes: ten segments (RFC 6928 §2)


class SlowStart:
    """One direction of a connection. A window of bytes goes out, a round trip later it is known that they came, and the
    next window is twice as large (RFC 5681 §3.1).

    So S bytes take ⌈log2(S / 14,600 + 1)⌉ round trips, the question's own among them, and their time at the rate.
    """

    def __init__(self) -> None:
        self.is_over = False
        """A warm connection: nothing waits any more."""
        self.begin_anew()

    def begin_anew(self) -> None:
        """What is under way sets out again, in a first window."""
        self._window = self._left = INITIAL_WINDOW
        self._last = -math.inf

    def leaves(self, size: int, at: float, round_trip: float, bits_per_second: float) -> float:
        """When the last of `size` bytes comes that would have come `at` in a window without end. Never before what
        came earlier."""
        if self.is_over or at == math.inf:
            return at
        takes = size * 8 / bits_per_second
        begins = max(self._last, at - takes)
        if begins > self._last + round_trip:  # who paused for so long has been heard
            self._left = self._window
        waits, beyond = 0, size
        while beyond > self._left:
            beyond -= self._left
            self._window *= 2
            self._left = self._window
            waits += 1
        self._left -= beyond
        self._last = max(at, begins + takes + (waits * round_trip if waits else 0.0))
        return self._last


@frozen
class Cold:
    """A way, and a connection on it that may still be cold."""

    timing: Timing
    start: SlowStart
    round_trip_seconds: float
    bits_per_second: float
    """Of the way's narrowest part."""

    @property
    def window(self) -> int:
        """Bytes that may wait for their time; those of a congestion window are among them."""
        return self.timing.window

    def departure(self, size: int, now: float) -> float:
        """As of the way, and when the windows let it."""
        return self._in_its_window(size, self.timing.departure(size, now))

    def end(self, now: float) -> float:
        """Behind all bytes."""
        return self._in_its_window(0, self.timing.end(now))

    def piece(self) -> int:
        """Not more than a first window, or a whole one would wait where its last byte has to."""
        piece = self.timing.piece()
        return piece if self.start.is_over else min(piece, INITIAL_WINDOW)

    def carried(self, size: int) -> None:
        """So many bytes have come out."""
        self.timing.carried(size)

    def _in_its_window(self, size: int, at: float) -> float:
        return self.start.leaves(size, at, self.round_trip_seconds, self.bits_per_second)
