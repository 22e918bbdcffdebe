"""What a node tells of itself in figures: `/status` for people and pages, gauges and counts for Prometheus."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry

from edge.cache.tiered import TieredCache
from edge.control.tally import BUCKETS, Tally, registry_of
from edge.http.machinery import Machinery
from edge.settings import Settings
from edge.upstream.health import Health
from edge.upstream.pool import Pool


class Figures:
    """Read at the moment they are asked for; of the cache, from when it is open."""

    def __init__(
        self,
        settings: Settings,
        tally: Tally,
        pool: Pool,
        health: Health,
        *,
        now: Callable[[], float],
        viewers: Callable[[], int],
    ) -> None:
        self.registry: CollectorRegistry = registry_of(settings.name, tally, self.gauges, self.counts)
        self._settings = settings
        self._tally = tally
        self._pool = pool
        self._health = health
        self._now = now
        self._viewers = viewers
        self._started_at = now()
        self._open: tuple[TieredCache, Machinery] | None = None

    def opened(self, cache: TieredCache, machinery: Machinery) -> None:
        """Viewers are served from now on."""
        self._open = cache, machinery

    def status(self) -> dict[str, Any]:
        """The node in figures, for /status."""
        settings, tally = self._settings, self._tally
        upstreams = {url: self._word_for(url) for url in settings.asked}
        told: dict[str, Any] = {
            "name": settings.name,
            "role": settings.role,
            "region": settings.region,
            "pop": settings.pop or settings.name,
            "pid": os.getpid(),
            "uptime_seconds": round(self._now() - self._started_at, 3),
            "requests": tally.total,
            "hits": tally.hits,
            "misses": tally.misses,
            "errors": tally.errors,
            "upstream_requests": tally.upstream_requests,
            "sent_bytes": tally.sent_bytes,
            "latency": {"bounds": BUCKETS, "counts": tally.slots},
            "in_flight": 0,
            "waiting_for_upstream": self._pool.waiting,
            "upstream_connections": self._pool.open_count,
            "upstreams": upstreams,
            "upstreams_up": sum(word == "up" for word in upstreams.values()),
            "breakers_open": self._health.breakers.count_open,
        }
        if self._open is not None:
            cache, machinery = self._open
            stats = cache.stats()
            told["in_flight"] = machinery.in_flight.count
            told["waiting_for_flight"] = machinery.flights.waiting
            told["cache"] = {
                "hot_bytes": stats.hot_bytes,
                "hot_limit": stats.hot_limit,
                "disk_bytes": stats.disk_bytes,
                "disk_limit": stats.disk_limit,
                "entries": stats.entries,
            }
        return told

    def _word_for(self, upstream: str) -> str:
        if upstream in self._health.away:
            return "away"
        return "up" if self._health.ejected_until(upstream) <= self._now() else "ejected"

    async def shared_status(self) -> dict[str, Any]:
        """The same, with what other workers did to the disk."""
        if self._open is not None and self._open[0].disk is not None:
            await self._open[0].disk.counted()
        return self.status()

    def counts(self) -> dict[str, float]:
        """What only grows."""
        if self._open is None:
            return {}
        stats = self._open[0].stats()
        return {
            "cache_insertions": stats.insertions,
            "cache_evictions": stats.evictions,
            "cache_failures": stats.failures,
            "breaker_openings": self._health.breakers.openings,
        }

    def gauges(self) -> dict[str, float]:
        """What rises and falls."""
        if self._open is None:
            return {}
        cache, machinery = self._open
        stats = cache.stats()
        return {
            "in_flight": machinery.in_flight.count,
            "waiting_for_flight": machinery.flights.waiting,
            "upstream_connections": self._pool.open_count,
            "waiting_for_upstream": self._pool.waiting,
            "breakers_open": self._health.breakers.count_open,
            "viewer_connections": self._viewers(),
            "cache_hot_bytes": stats.hot_bytes,
            "cache_disk_bytes": stats.disk_bytes,
            "cache_entries": stats.entries,
        }
