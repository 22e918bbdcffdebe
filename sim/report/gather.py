"""What every node counted, and what that makes per second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from sim.report.top import Took, quantile

SMOOTHING_SECONDS = 3.0
REMEMBERED_SECONDS = 30.0

Slots = tuple[tuple[float, ...], tuple[int, ...]]
"""Bounds in seconds, and how many answers took up to each; one more for those beyond the last."""


@frozen
class Counted:
    """A node's `/status` at one moment. What a node does not count is 0."""

    at: float
    pid: int = 0
    requests: int = 0
    hits: int = 0
    misses: int = 0
    errors: int = 0
    in_flight: int = 0
    cache_bytes: int = 0
    cache_limit: int = 0
    entries: int = 0
    bounds: tuple[float, ...] = ()
    """Of the buckets of answers by how long they took, in seconds."""
    slots: tuple[int, ...] = ()
    """How many answers took so long; one more for those beyond the last bound."""

    @classmethod
    def parse(cls, status: Mapping[str, Any], at: float) -> Counted:
        """Take what is there and is a number; a node of another version must not break the view."""

        def number(source: Any, name: str) -> int:
            value = source.get(name, 0) if isinstance(source, Mapping) else 0
            return int(value) if isinstance(value, (int, float)) else 0

        def numbers(name: str) -> tuple[Any, ...]:
            latency = status.get("latency")
            values = latency.get(name) if isinstance(latency, Mapping) else None
            return tuple(values) if isinstance(values, list) else ()

        cache = status.get("cache")
        return cls(
            at=at,
            **{
                name: number(status, name)
                for name in ("pid", "requests", "hits", "misses", "errors", "in_flight")
            },
            cache_bytes=number(cache, "hot_bytes") + number(cache, "disk_bytes"),
            cache_limit=number(cache, "hot_limit") + number(cache, "disk_limit"),
            entries=number(cache, "entries"),
            bounds=numbers("bounds"),
            slots=numbers("counts"),
        )


@define
class Tally:
    """One node's counts over time."""

    last: Counted | None = None
    requests_per_second: float = 0.0
    _recent: list[Counted] = field(factory=list)

    def add(self, counted: Counted) -> None:
        """Take a new count in. A restarted node begins at nothing, and so do its rates."""
        if self.last is not None and (counted.pid != self.last.pid or counted.requests < self.last.requests):
            self._recent.clear()
        self._recent.append(counted)
        while counted.at - self._recent[0].at > REMEMBERED_SECONDS and len(self._recent) > 2:
            self._recent.pop(0)
        steady = [each for each in self._recent if counted.at - each.at <= SMOOTHING_SECONDS]
        first = steady[0] if len(steady) > 1 else self._recent[-2:][0]
        span = counted.at - first.at
        self.requests_per_second = (counted.requests - first.requests) / span if span > 0 else 0.0
        self.last = counted

    def lost(self) -> None:
        """The node does not answer."""
        self._recent.clear()
        self.requests_per_second = 0.0

    def took(self) -> Slots:
        """How long the answers of the last half minute took."""
        if not self._recent:
            return (), ()
        first, last = self._recent[0].slots, self._recent[-1].slots
        grown = tuple(after - before for before, after in zip(first, last, strict=False))
        return self._recent[-1].bounds, grown

    def latency(self, part: float) -> Took | None:
        """Within how long so many of the answers of the last half minute were whole; None if there were none."""
        return quantile(*self.took(), part)

    @property
    def is_answering(self) -> bool:
        """Whether the node answered when it was asked last."""
        return bool(self._recent)

    @property
    def hit_ratio(self) -> float | None:
        """Hits of all that was asked of the cache since the node started; None before the first."""
        if self.last is None or not self.last.hits + self.last.misses:
            return None
        return self.last.hits / (self.last.hits + self.last.misses)

    @property
    def cache_fill(self) -> float | None:
        """How full the cache is, 0 to 1; None where there is none."""
        if self.last is None or not self.last.cache_limit:
            return None
        return self.last.cache_bytes / self.last.cache_limit
