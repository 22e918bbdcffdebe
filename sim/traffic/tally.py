"""What a run of traffic came to: by region, by tier, second by second. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import attrs
from attrs import define, field

from sim.scaling.load import Load
from sim.traffic.answers import Answered, Tier
from sim.traffic.histogram import Histogram
from sim.traffic.linkbytes import LinkBytes
from sim.traffic.lookups import Hits
from sim.traffic.record import Kind, Record
from sim.traffic.served import Served

PARTS = ("viewer", "link", "queue", "render")
CACHES = (Tier.EDGE, Tier.SHIELD)


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
    caches: dict[Tier, Hits] = field(factory=lambda: {tier: Hits() for tier in CACHES})
    """What edges had of what they were asked for, and shields of what edges asked them."""
    took: Histogram = field(factory=Histogram)
    parts: dict[str, Histogram] = field(factory=lambda: {name: Histogram() for name in PARTS})
    """Of the answers that came, the time that each part of the way took."""

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
        for tier, lookup in answer.asked:
            self.caches[tier].add(lookup, had_another=lookup.cache in answer.had_another)
        for name, seconds in answer.seconds_by_part.items():
            self.parts[name].add(seconds)

    def share(self, tier: Tier) -> float | None:
        """A tier's part of all answers; None of none."""
        answered = self.tiers.total()
        return self.tiers[tier] / answered if answered else None

    @property
    def offload(self) -> float | None:
        """The part of all answers that caches had; None of none."""
        origin = self.share(Tier.ORIGIN)
        return None if origin is None else 1 - origin

    @property
    def offload_bytes(self) -> float | None:
        """The same of their bytes."""
        return 1 - self.tier_bytes[Tier.ORIGIN] / self.bytes if self.bytes else None

    def as_plain(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "failures": self.failures,
            "wrong": self.wrong,
            "stale": self.stale,
            "bytes": self.bytes,
            "tiers": {tier.value: self.tiers[tier] for tier in Tier},
            "tier_bytes": {tier.value: self.tier_bytes[tier] for tier in Tier},
            "hit_ratio": self.share(Tier.EDGE),
            "caches": {tier.value: hits.as_plain() for tier, hits in self.caches.items()},
            "origin_offload": self.offload,
            "origin_offload_bytes": self.offload_bytes,
            "seconds": self.took.as_plain(),
            "seconds_by_part": {name: times.as_plain() for name, times in self.parts.items()},
        }


@define
class Tally:
    """Everything that was answered so far."""

    all: Counts = field(factory=Counts)
    regions: defaultdict[str, Counts] = field(factory=lambda: defaultdict(Counts))
    pops: defaultdict[str, Counts] = field(factory=lambda: defaultdict(Counts))
    caches: dict[Tier, defaultdict[str, Hits]] = field(
        factory=lambda: {tier: defaultdict(Hits) for tier in CACHES}
    )
    """Each edge and each shield."""
    seconds: defaultdict[int, Counts] = field(factory=lambda: defaultdict(Counts))
    pools: defaultdict[str, dict[int, Load]] = field(factory=lambda: defaultdict(dict))
    """Origin pools, second by second."""
    crowded: Counter[str] = field(factory=Counter)
    """What flash crowds wanted (a key) → how often an origin was asked for it."""
    troubles: Counter[str] = field(factory=Counter)
    changes: Counter[str] = field(factory=Counter)
    links: LinkBytes = field(factory=LinkBytes)
    """What went over each link meanwhile, where somebody counted it."""
    served: defaultdict[tuple[str, str], Served] = field(factory=lambda: defaultdict(Served))
    """PoP and region of the viewers → what came of it that is paid for."""
    recorded_seconds: float = 0.0
    """How far the trace had come, by its own time."""
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
        self.recorded_seconds = max(self.recorded_seconds, record.time_us / 1e6)
        if answer.status:
            self.served[answer.pop or "none", record.region].add(answer)
        if answer.is_failure:
            self.troubles["wrong bytes" if answer.is_wrong else answer.why or f"status {answer.status}"] += 1
            self.last_failure_at = at_seconds
            return
        for tier, lookup in answer.asked:
            self.caches[tier][lookup.cache].add(lookup, had_another=lookup.cache in answer.had_another)
        if record.kind is Kind.FLASH:
            self.crowded[record.key] += answer.asked_an_origin

    def saw(self, pool: str, at_seconds: float, load: Load) -> None:
        """Take in a look at an origin pool."""
        self.pools[pool][int(at_seconds)] = load

    def as_plain(self) -> dict[str, Any]:
        """A document: `all`, then by region, PoP, cache and second, and origin pools by second."""

        def each(named: Mapping[Any, Counts]) -> dict[str, Any]:
            return {str(name): named[name].as_plain() for name in sorted(named)}

        return {
            "all": self.all.as_plain(),
            "regions": each(self.regions),
            "pops": each(self.pops),
            "caches": {
                tier.value: {name: named[name].as_plain() for name in sorted(named)}
                for tier, named in self.caches.items()
            },
            "by_second": each(self.seconds),
            "pools": {
                pool: {str(second): attrs.asdict(load) for second, load in loads.items()}
                for pool, loads in self.pools.items()
            },
            "crowds": {
                "keys": len(self.crowded),
                "most_origin_requests_a_key": max(self.crowded.values(), default=0),
            },
            "troubles": dict(self.troubles.most_common()),
            "changes": dict(self.changes),
            "links": self.links.as_plain(),
            "late_seconds": self.late_seconds,
        }
