"""Segments that are lost."""

from __future__ import annotations

from random import Random

from attrs import frozen

from sim.links.way import SEGMENT


@frozen
class Loss:
    """A lost segment is not lost bytes: TCP sends it again, one round trip later, and what follows waits."""

    share: float
    round_trip_seconds: float

    def leaves(self, size: int, at: float, rng: Random) -> float:
        segments = -(-size // SEGMENT)
        return at + self.round_trip_seconds * any(rng.random() < self.share for _ in range(segments))
