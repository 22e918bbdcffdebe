"""Caches of each kind, entries to put into them, and ways to break them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.cache.disk import DiskCache
from edge.cache.hot import HotCache
from edge.cache.interface import Cache
from edge.cache.opening import open_cache
from edge.cache.tiered import TieredCache
from edge.core.entry import Entry
from wire.http.fields import Fields

Opener = Callable[[Any, Path, int], Awaitable[Cache]]


async def hot(reactor: Any, directory: Path, capacity_bytes: int) -> HotCache:
    """Memory alone."""
    return HotCache(capacity_bytes, largest_share=1.0)


async def disk(reactor: Any, directory: Path, capacity_bytes: int) -> DiskCache:
    """The disk alone."""
    return await DiskCache.opened(reactor, directory, capacity_bytes)


async def tiered(reactor: Any, directory: Path, capacity_bytes: int) -> TieredCache:
    """Little memory over the disk, so that much is only below."""
    return await open_cache(
        reactor, hot_bytes=capacity_bytes // 4, disk_bytes=capacity_bytes, directory=directory
    )


KINDS: dict[str, Opener] = {"hot": hot, "disk": disk, "tiered": tiered}


@asynccontextmanager
async def opened(
    kind: str, reactor: Any, directory: Path, capacity_bytes: int = 4_000_000
) -> AsyncIterator[Any]:
    """A cache, closed at the end."""
    cache = await KINDS[kind](reactor, directory, capacity_bytes)
    try:
        yield cache
    finally:
        await cache.close()


def entry_of(
    key: str = "/cat.jpg", *, variant: str | None = None, tags: tuple[str, ...] = (), etag: str = '"v1"'
) -> Entry:
    """A response as the core would have it stored."""
    return Entry(
        key=key,
        status=200,
        fields=Fields([("Content-Type", "image/jpeg"), ("ETag", etag)]),
        request_time=100.0,
        response_time=100.5,
        date=100.0,
        lifetime=3600.0,
        initial_age=0.5,
        etag=etag,
        vary=(("accept", variant),) if variant is not None else (),
        surrogate_keys=tags,
    )


def pattern(size: int, seed: int = 0) -> bytes:
    """Bytes that differ at every place and for every seed."""
    unit = b"".join((seed * 1_000_003 + at).to_bytes(8, "big") for at in range(min(size // 8 + 1, 512)))
    return (unit * (size // len(unit) + 1))[:size]


async def bodies(cache: Cache, key: str) -> list[bytes]:
    """Every body under a key."""
    found = []
    for entry in await cache.variants(key):
        with await cache.open(entry) as body:
            found.append(await body.read())
    return found
