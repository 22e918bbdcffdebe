"""Times counted in buckets that widen with them. Pure."""

from __future__ import annotations

import math
from collections import Counter

from attrs import define, field

FINEST_SECONDS = 1e-5  # what took no longer took nothing
QUANTILES = (0.5, 0.9, 0.95, 0.99)
_LOG = math.log(1.02)  # a bucket is 2 % wide


@define
class Histogram:
    """Times in buckets 2 % wide: quantiles to 1 % of their value, in memory that does not grow with the count."""

    counts: Counter[int] = field(factory=Counter)
    count: int = 0
    total_seconds: float = 0.0
    longest_seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[round(math.log(max(seconds, FINEST_SECONDS) / FINEST_SECONDS) / _LOG)] += 1
        self.count += 1
        self.total_seconds += seconds
        self.longest_seconds = max(self.longest_seconds, seconds)

    def quantile(self, part: float) -> float:
        """Seconds that `part` of all took at most; 0 of nothing."""
        wanted, passed = math.ceil(part * self.count), 0
        for bucket in sorted(self.counts):
            passed += self.counts[bucket]
            if passed >= wanted:
                value = FINEST_SECONDS * math.exp(bucket * _LOG) if bucket else 0.0
                return min(value, self.longest_seconds)
        return 0.0

    def add_all(self, other: Histogram) -> None:
        """Take in what another counted."""
        self.counts.update(other.counts)
        self.count += other.count
        self.total_seconds += other.total_seconds
        self.longest_seconds = max(self.longest_seconds, other.longest_seconds)

    def as_plain(self) -> dict[str, float]:
        """Seconds: `QUANTILES` by their names, the mean, the longest."""
        return {
            **{f"p{part * 100:g}": self.quantile(part) for part in QUANTILES},
            "mean": self.mean,
            "longest": self.longest_seconds,
        }

    @property
    def mean(self) -> float:
        return self.total_seconds / self.count if self.count else 0.0
