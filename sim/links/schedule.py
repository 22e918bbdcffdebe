"""When bytes that enter a link leave it: pure arithmetic over a round-trip time, a rate and a loss."""

from __future__ import annotations

from random import Random

from attrs import define, field, frozen
from attrs.validators import and_, ge, gt, le

SEGMENT = 1460  # bytes of a TCP segment on Ethernet
SMALLEST_WINDOW = 256 * 1024
LARGEST_WINDOW = 16 * 1024 * 1024


@frozen
class Link:
    """What lies between two places: round-trip time, rate, and share of segments lost."""

    rtt_seconds: float = field(default=0.0, validator=ge(0))
    bits_per_second: float = field(default=1e9, validator=gt(0))
    loss: float = field(default=0.0, validator=and_(ge(0), le(1)))

    @property
    def window(self) -> int:
        """Bytes that may be under way in one direction: enough to fill the link, if a host would grant it."""
        filling = int(self.bits_per_second / 8 * self.rtt_seconds) + 4 * 65536
        return max(SMALLEST_WINDOW, min(LARGEST_WINDOW, filling))


@define
class Schedule:
    """One direction of a link: first in, first out, one thing on the wire at a time.

    Shared by all connections that use the link, as the link is.
    """

    link: Link
    rng: Random
    _wire_free_at: float = 0.0
    _last_departure: float = 0.0

    def departure(self, size: int, now: float) -> float:
        """The time at which the last of `size` bytes that arrive `now` has come out at the far end.

        A lost segment is not lost bytes: TCP sends it again, one round trip later, and what follows waits.
        """
        starts = max(now, self._wire_free_at)
        self._wire_free_at = starts + size * 8 / self.link.bits_per_second
        leaves = self._wire_free_at + self.link.rtt_seconds / 2 + self._resending(size)
        self._last_departure = max(self._last_departure, leaves)
        return self._last_departure

    def _resending(self, size: int) -> float:
        if not self.link.loss:
            return 0.0
        segments = -(-size // SEGMENT)
        return self.link.rtt_seconds * any(self.rng.random() < self.link.loss for _ in range(segments))

    def piece(self) -> int:
        """How many bytes to time together: some 5 ms of the wire, so that a slow link drips, not gulps."""
        return max(SEGMENT, min(65536, int(self.link.bits_per_second / 8 * 0.005)))
