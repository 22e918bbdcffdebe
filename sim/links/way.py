"""One direction of a link in figures: how far, how fast, and what goes wrong on it."""

from __future__ import annotations

import math
from typing import Any

from attrs import evolve, field, frozen
from attrs.validators import and_, ge, gt, instance_of, le, optional

SEGMENT = 1460  # bytes of a TCP segment on Ethernet
SMALLEST_WINDOW = 256 * 1024
LARGEST_WINDOW = 16 * 1024 * 1024

a_number: Any = instance_of((int, float))
LONGEST_SECONDS = 1e6
a_time: Any = and_(a_number, ge(0), le(LONGEST_SECONDS))


@frozen
class Way:
    """The terms on which bytes go one way. Times in seconds."""

    rtt_seconds: float = field(default=0.0, validator=a_time)
    """There and back; half of it is this way's."""
    bits_per_second: float = field(default=1e9, validator=and_(a_number, gt(0), le(1e15)))
    loss: float = field(default=0.0, validator=and_(a_number, ge(0), le(1)))
    """The share of segments that must be sent again."""
    jitter_seconds: float = field(default=0.0, validator=a_time)
    """By how much the way may take longer, or shorter."""
    stall_seconds: float = field(default=0.0, validator=a_time)
    """For how long nothing is sent, connections staying open."""
    every_seconds: float = field(default=0.0, validator=a_time)
    """How often it stalls so; 0: once, from when it is told."""
    reset_seconds: float | None = field(default=None, validator=optional(a_time))
    """The age at which a connection is reset; None: never."""
    slow_close_seconds: float = field(default=0.0, validator=a_time)
    """By how much the end of a stream comes later than its last byte."""
    cut: bool = field(default=False, validator=instance_of(bool))
    """Nothing passes, and nobody is told."""
    sigma: float = field(default=0.0, validator=and_(a_number, ge(0), le(3)))
    """Of viewers' own lines: each connection's round trip is drawn from a lognormal law with the median `rtt_seconds`
    and this standard deviation of its logarithm."""
    slow_start: bool = field(default=False, validator=instance_of(bool))
    """Of viewers' own lines: a connection that has brought no answer yet sends a window, waits for it to be confirmed,
    and sends twice as much."""

    def drawn(self, deviation: float) -> Way:
        """As it is for one connection, so many standard deviations from the median."""
        if not self.sigma:
            return self
        drawn = self.rtt_seconds * math.exp(self.sigma * deviation)
        return evolve(self, rtt_seconds=min(drawn, LONGEST_SECONDS))

    @property
    def window(self) -> int:
        """Bytes that may be under way in one direction: enough to fill the link, if a host would grant it."""
        return window_of(self.bits_per_second, self.rtt_seconds)


OF_LINES = frozenset({"sigma", "slow_start"})
"""Terms that only the lines of viewers have: on a link that many share, no connection has its own."""
NOTHING = Way()
"""Of viewers' own lines: they are online as fast as can be."""


def window_of(bits_per_second: float, rtt_seconds: float) -> int:
    """Bytes that fill a link of this rate and length, within reason."""
    filling = int(bits_per_second / 8 * rtt_seconds) + 4 * 65536
    return max(SMALLEST_WINDOW, min(LARGEST_WINDOW, filling))
