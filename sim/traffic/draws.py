"""Seeded draws: Zipf ranks without a table, and attributes that follow from a key alone. Pure."""

from __future__ import annotations

import math
from random import Random
from statistics import NormalDist
from zlib import crc32

from attrs import define, field

STEEPEST = 10.0  # exponent of Zipf's law by which one rank has 99.9 % of all
_NORMAL = NormalDist()
_ALL, _GOLDEN = 2**64 - 1, 0x9E3779B97F4A7C15


def nth_of(stream: int, nth: int) -> int:
    """64 bits: the nth number of SplitMix64 (Steele, Lea, Flood, 2014) seeded with `stream`, without those before."""
    mixed = stream + nth * _GOLDEN & _ALL
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _ALL
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _ALL
    return mixed ^ mixed >> 31


def stream_of(seed: int, *key: int | str) -> int:
    """64 bits that belong to this key: the same whenever they are asked for, so nothing is remembered."""
    mixed = 0
    for part in (seed, *key):
        mixed = nth_of(mixed ^ (part if isinstance(part, int) else crc32(part.encode())), 1)
    return mixed


def share_of(seed: int, *key: int | str) -> float:
    """A number in (0, 1) that belongs to this key."""
    return share(stream_of(seed, *key))


def share(bits: int) -> float:
    """The same in 53 bits, as a number in (0, 1)."""
    return ((bits >> 11) + 0.5) / 2**53


def normal_of(share: float) -> float:
    """The standard normal value below which `share` of all values lie."""
    return _NORMAL.inv_cdf(min(max(share, 1e-15), 1 - 1e-15))


def lognormal_of(share: float, median: float, sigma: float) -> float:
    """The value below which `share` of a lognormal distribution's lie; `sigma` of its logarithm."""
    return median * math.exp(sigma * normal_of(share))


@define
class Zipf:
    """Ranks 1 … `count`, the k-th in proportion to k ** -`exponent`, by rejection-inversion: no table, any count.

    W. Hörmann, G. Derflinger: Rejection-inversion to generate variates from monotone discrete distributions, 1996.
    """

    count: int
    exponent: float
    _power: float = field(init=False)
    _high: float = field(init=False)
    _span: float = field(init=False)
    _near: float = field(init=False)
    _least: float = field(init=False)
    _is_log: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        if self.count < 1 or self.exponent < 0:
            raise ValueError("a Zipf distribution has at least one rank and an exponent of at least 0")
        self._power = 1.0 - self.exponent
        self._is_log = abs(self._power) < 1e-3  # all but a logarithm: powers would lose digits
        self._least = (self.count + 0.5) ** self._power if self._power < 0 else 0.0
        self._high = self._area(self.count + 0.5)
        self._span = self._area(1.5) - 1.0 - self._high
        self._near = 2.0 - self._inverse(self._area(2.5) - 2.0**-self.exponent)

    def draw(self, rng: Random) -> int:
        """A rank, mostly at the first attempt."""
        while True:
            area = self._high + rng.random() * self._span
            if self._is_log:
                x = self._inverse(area)
            else:  # the same, and a trace's time is spent here
                raised = 1.0 + area * self._power
                x = (raised if raised > self._least else self._least) ** (1.0 / self._power)
            rank = int(x + 0.5)
            if rank - x <= self._near or area >= self._area(rank + 0.5) - rank**-self.exponent:
                return 1 if rank < 1 else rank if rank < self.count else self.count

    def _area(self, x: float) -> float:
        """The integral of x ** -exponent, exact at an exponent of 1, too."""
        log = math.log(x)
        return log if abs(self._power * log) < 1e-9 else math.expm1(self._power * log) / self._power

    def _inverse(self, area: float) -> float:
        scaled = area * self._power
        if not self._is_log:
            return float(max(1.0 + scaled, self._least) ** (1.0 / self._power))
        return math.exp(area) if abs(scaled) < 1e-9 else math.exp(math.log1p(scaled) / self._power)
