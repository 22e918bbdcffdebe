"""What a run of traffic came to: by region, by tier, second by second. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import attrs
from attrs import define, field

from sim.scaling.load import Load
from sim.traffic.answers import Answered, Tier
from sim.traffic.linkbytes import LinkBytes
from sim.traffic.record import Record

FINEST_SECONDS = 1e-5
_LOG = math.log(1.02)  # a bucket is 2 % wide
QUANTILES = (0.5, 0.9, 0.95, 0.99)
PARTS = ("viewer", "link", "queue", "render")


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
                return min(float(FINEST_SECONDS * math.exp(bucket * _LOG)), self.longest_seconds)
        return 0.0

    def add_all(self, other: Histogram) -> None:
        """Take in what another counted."""
        self.counts.update(other.counts)
        self.count += other.count
        self.total_seconds += other.total_seconds
        self.longest_seconds = max(self.longest_seconds, other.longest_seconds)

    @property
    def mean(self) -> float:
        return self.total_seconds / self.count if self.count else 0.0


@define
class Counts:
    """Answers of some kind: of a region, or of a second."""

    requests: int = 0
    failures: int = 0
    wrong: int = 0
    stale: int = 0
    bytes: int = 0
    tiers: Counter[Tier] = field(factory=Counter)
    tier_bytes: Counter[Tier] = field(factory=Counter)
    took: Histogram = field(factory=Histogram)
    parts: dict[str, float] = field(factory=lambda: dict.fromkeys(PARTS, 0.0))

    def add(self, answer: Answered) -> None:
        self.requests += 1
        self.took.add(answer.seconds)
        if answer.is_failure:
            self.failures += 1
            self.wrong += answer.is_wrong
            return
        self.stale += answer.verdict == "STALE"
        self.bytes += answer.bytes
        self.tiers[answer.tier] += 1
        self.tier_bytes[answer.tier] += answer.bytes
        for name, seconds in answer.split().items():
            self.parts[name] += seconds

    def share(self, tier: Tier) -> float | None:
        """A tier's part of all answers; None of none."""
        answered = self.tiers.total()
        return self.tiers[tier] / answered if answered else None

    def as_plain(self) -> dict[str, Any]:
        answered = self.tiers.total()
        return {
            "requests": self.requests,
            "failures": self.failures,
            "wrong": self.wrong,
            "stale": self.stale,
            "bytes": self.bytes,
            "tiers": {tier.value: self.tiers[tier] for tier in Tier},
            "tier_bytes": {tier.value: self.tier_bytes[tier] for tier in Tier},
            "hit_ratio": self.share(Tier.EDGE),
            "origin_offload": 1 - self.tiers[Tier.ORIGIN] / answered if answered else None,
            "seconds": {
                **{f"p{part * 100:g}": self.took.quantile(part) for part in QUANTILES},
                "mean": self.took.mean,
                "longest": self.took.longest_seconds,
            },
            "mean_seconds_by_part": {
                name: seconds / answered if answered else 0.0 for name, seconds in self.parts.items()
            },
        }


@define
class Tally:
    """Everything that was answered so far."""

    all: Counts = field(factory=Counts)
    regions: defaultdict[str, Counts] = field(factory=lambda: defaultdict(Counts))
    pops: defaultdict[str, Counts] = field(factory=lambda: defaultdict(Counts))
    seconds: defaultdict[int, Counts] = field(factory=lambda: defaultdict(Counts))
    pools: defaultdict[str, dict[int, Load]] = field(factory=lambda: defaultdict(dict))
    """Origin pools, second by second."""
    troubles: Counter[str] = field(factory=Counter)
    changes: Counter[str] = field(factory=Counter)
    links: LinkBytes = field(factory=LinkBytes)
    """What went over each link meanwhile, where somebody counted it."""
    last_failure_at: float | None = None  # seconds after the start
    late_seconds: float = 0.0
    """By how much the latest request was begun after it was due: more than some ms, and the client was too slow."""

    def add(self, record: Record, at_seconds: float, answer: Answered) -> None:
        """Take in an answer that ended `at_seconds` after the start."""
        for counts in (
            self.all,
            self.regions[record.region],
            self.pops[answer.pop or "none"],
            self.seconds[int(at_seconds)],
        ):
            counts.add(answer)
        if answer.is_failure:
            self.troubles["wrong bytes" if answer.is_wrong else answer.why or f"status {answer.status}"] += 1
            self.last_failure_at = at_seconds

    def saw(self, pool: str, at_seconds: float, load: Load) -> None:
        """Take in a look at an origin pool."""
        self.pools[pool][int(at_seconds)] = load

    def as_plain(self) -> dict[str, Any]:
        """A document: `all`, then by region, PoP and second, and origin pools by second."""

        def each(named: Mapping[Any, Counts]) -> dict[str, Any]:
            return {str(name): named[name].as_plain() for name in sorted(named)}

        return {
            "all": self.all.as_plain(),
            "regions": each(self.regions),
            "pops": each(self.pops),
            "by_second": each(self.seconds),
            "pools": {
                pool: {str(second): attrs.asdict(load) for second, load in loads.items()}
                for pool, loads in self.pools.items()
            },
            "troubles": dict(self.troubles.most_common()),
            "changes": dict(self.changes),
            "links": self.links.as_plain(),
            "late_seconds": self.late_seconds,
        }
