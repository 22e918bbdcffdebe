"""A wire of so many bits in a second."""

from __future__ import annotations

from random import Random

from attrs import frozen


@frozen
class Rate:
    """Bytes take their length."""

    bits_per_second: float

    def leaves(self, size: int, at: float, rng: Random) -> float:
        return at + size * 8 / self.bits_per_second
