"""A way that is long."""

from __future__ import annotations

from random import Random

from attrs import frozen


@frozen
class Latency:
    """It takes `seconds`, and up to `jitter_seconds` more or less."""

    seconds: float
    jitter_seconds: float = 0.0

    def leaves(self, size: int, at: float, rng: Random) -> float:
        if not self.jitter_seconds:
            return at + self.seconds
        return at + max(0.0, self.seconds + rng.uniform(-self.jitter_seconds, self.jitter_seconds))
