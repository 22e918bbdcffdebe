"""A wire that stands still from time to time."""

from __future__ import annotations

from random import Random

from attrs import frozen


@frozen
class Stall:
    """Nothing is sent for `seconds` from `since` on; again `every_seconds`, or once if that is 0."""

    seconds: float
    every_seconds: float
    since: float

    def leaves(self, size: int, at: float, rng: Random) -> float:
        passed = at - self.since
        if passed < 0:
            return at
        if self.every_seconds:
            passed %= self.every_seconds
        return at + max(0.0, self.seconds - passed)
