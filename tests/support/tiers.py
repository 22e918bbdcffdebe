"""The caches that workloads.md §9 calibrates a workload by: an edge for each region, three shields, LRU by bytes; and
what can be said of a workload and of a cache without running either."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import Factory, define
from numpy.typing import NDArray

from edge.cache.eviction.lru import Lru
from sim.traffic.regions import DEFAULT

SHIELDS = {
    **dict.fromkeys(("na-east", "na-west", "sa"), "americas"),
    **dict.fromkeys(("eu-west", "eu-central", "africa"), "europe and africa"),
    **dict.fromkeys(("middle-east", "south-asia", "se-asia", "japan", "oceania"), "the rest"),
}
MEAN_BYTES = 22_400  # of a derived image (§3)


@define
class Tiers:
    """Nothing is warmed up; what misses is stored at once."""

    edges: Mapping[str, Lru]
    shields: Mapping[str, Lru]
    asked: int = 0
    edge_misses: int = 0
    origin_requests: int = 0
    asked_bytes: int = 0
    origin_bytes: int = 0

    @classmethod
    def of(cls, edge_bytes: float, shield_bytes: float) -> Tiers:
        """Each edge and each shield has so much room."""
        return cls(
            {region: Lru(int(edge_bytes)) for region in DEFAULT},
            {shield: Lru(int(shield_bytes)) for shield in SHIELDS.values()},
        )

    def ask(self, region: str, name: str, size: int) -> None:
        """A viewer's request."""
        self.asked += 1
        self.asked_bytes += size
        if not _had(self.edges[region], name, size):
            self.edge_misses += 1
            if not _had(self.shields[SHIELDS[region]], name, size):
                self.origin_requests += 1
                self.origin_bytes += size

    def edge_hits(self, expected: float | None = None) -> float:
        """Of all requests; of a sample of keys, of as many as were to be `expected` of it."""
        return 1 - self.edge_misses / (expected or self.asked)

    @property
    def shield_hits(self) -> float:
        """Of what reached the shields."""
        return 1 - self.origin_requests / self.edge_misses


def _had(cache: Lru, name: str, size: int) -> bool:
    if cache.find(name):
        return True
    if cache.admits(size):
        cache.insert(name, size)
    return False


@define
class Law:
    """What is to be expected of `requests` of which `fresh` never return and the rest follow Zipf's law."""

    requests: float
    fresh: float
    exponent: float
    keys: int
    uses: NDArray[np.float64] = Factory(lambda self: self._uses(), takes_self=True)
    """How often each key is to be expected."""

    def _uses(self) -> NDArray[np.float64]:
        return self.requests * (1 - self.fresh) * zipf(self.keys, self.exponent)

    @property
    def objects(self) -> float:
        """Different keys."""
        return float(self.requests * self.fresh + (1 - np.exp(-self.uses)).sum())

    @property
    def once(self) -> float:
        """Keys asked for once."""
        return float(self.requests * self.fresh + (self.uses * np.exp(-self.uses)).sum())

    def at_least(self, times: int) -> float:
        """Keys asked for so often or oftener."""
        return float((1 - _below(self.uses, times)).sum())

    def requests_at_least(self, times: int) -> float:
        """Requests for such keys."""
        near = self.uses[(self.uses > times / 4) & (self.uses < times * 4)]
        above = self.uses[self.uses >= times * 4]
        return float(above.sum() + (near * (1 - _below(near, times - 1))).sum())


def zipf(keys: int, exponent: float) -> NDArray[np.float64]:
    """The probability of each rank."""
    weights = np.arange(1, keys + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _below(means: NDArray[np.float64], times: int) -> NDArray[np.float64]:
    """The probability of fewer than so many, of Poisson counts."""
    term = np.exp(-means)
    total = term.copy()
    for count in range(1, times):
        term = term * means / count
        total += term
    return total


def che_misses(chances: NDArray[np.float64], room: float) -> float:
    """The miss ratio of LRU with room for so many keys of one size, under independent requests (H. Che, 2002)."""
    low, high = 0.0, room
    while (1 - np.exp(-chances * high)).sum() < room:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 - np.exp(-chances * middle)).sum() < room else (low, middle)
    return float((chances * np.exp(-chances * high)).sum())
