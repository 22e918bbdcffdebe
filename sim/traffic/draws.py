"""Seeded draws: Zipf ranks without a table, and attributes that follow from a key alone. Pure."""

from __future__ import annotations

import math
from random import Random
from statistics import NormalDist
from zlib import crc32

from attrs import define, field

_NORMAL = NormalDist()
_ALL, _GOLDEN = 2**64 - 1, 0x9E3779B97F4A7C15


def share_of(seed: int, *key: int | str) -> float:
    """A number in (0, 1) that belongs to this key: the same whenever it is asked for, so nothing is remembered.

    Mixed by the finaliser of SplitMix64 (Steele, Lea, Flood, 2014), once for each part of the key.
    """
    mixed = 0
    for part in (seed, *key):
        mixed = (mixed ^ (part if isinstance(part, int) else crc32(part.encode()))) + _GOLDEN & _ALL
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _ALL
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _ALL
        mixed ^= mixed >> 31
    return ((mixed >> 11) + 0.5) / 2**53


def normal_of(share: float) -> float:
    """The standard normal value below which `share` of all values lie."""
    return _NORMAL.inv_cdf(min(max(share, 1e-15), 1 - 1e-15))


def lognormal_of(share: float, median: float, sigma: float) -> float:
    return median * math.exp(sigma * normal_of(share))


def poisson_of(share: float, mean: float) -> int:
    """The count below or at which `share` of a Poisson distribution's counts lie."""
    count, probability = 0, math.exp(-mean)
    total = probability
    while share > total and count < 1000:
        count += 1
        probability *= mean / count
        total += probability
    return count


@define
class Zipf:
    """Ranks 1 … `count`, the k-th in proportion to k ** -`exponent`, by rejection-inversion: no table, any count.

    W. Hörmann, G. Derflinger: Rejection-inversion to generate variates from monotone discrete distributions, 1996.
    """

    count: int
    exponent: float
    _low: float = field(init=False)
    _high: float = field(init=False)
    _near: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        if self.count < 1 or self.exponent < 0:
            raise ValueError("a Zipf distribution has at least one rank and an exponent of at least 0")
        self._low = self._area(1.5) - 1.0
        self._high = self._area(self.count + 0.5)
        self._near = 2.0 - self._inverse(self._area(2.5) - 2.0**-self.exponent)

    def draw(self, rng: Random) -> int:
        while True:
            area = self._high + rng.random() * (self._low - self._high)
            x = self._inverse(area)
            rank = min(max(int(x + 0.5), 1), self.count)
            if rank - x <= self._near or area >= self._area(rank + 0.5) - rank**-self.exponent:
                return rank

    def _area(self, x: float) -> float:
        """The integral of x ** -exponent, exact at an exponent of 1, too."""
        power, log = 1.0 - self.exponent, math.log(x)
        return log if abs(power * log) < 1e-9 else math.expm1(power * log) / power

    def _inverse(self, area: float) -> float:
        power = 1.0 - self.exponent
        scaled = max(area * power, -1.0)
        return math.exp(area) if abs(scaled) < 1e-9 else math.exp(math.log1p(scaled) / power)
