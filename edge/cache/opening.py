"""An edge's cache, opened by what it is told: memory, and a disk tier where there is a folder for it."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.interfaces import IReactorFromThreads

from edge.cache.disk import DiskCache
from edge.cache.eviction import DEFAULT_EVICTION
from edge.cache.hot import HotCache
from edge.cache.interface import CacheUnusable
from edge.cache.shelf import BROKEN
from edge.cache.tiered import TieredCache


async def open_cache(
    reactor: IReactorFromThreads,
    *,
    hot_bytes: int,
    disk_bytes: int,
    directory: Path | None,
    eviction: str = DEFAULT_EVICTION,
    verify_all: bool = False,
    seat: int = 0,
    seats: int = 1,
) -> TieredCache:
    """An edge's cache: memory, and a disk tier if a folder is named for it; CacheUnusable if that cannot be
    one.

    Who was told to keep things must not forget them at the next start and say nothing. Await
    `cache.disk.sweep()` in the background once the node serves.
    """
    hot = HotCache(hot_bytes, eviction=eviction)
    if directory is None or not disk_bytes:
        return TieredCache(hot, None)
    try:
        disk = await DiskCache.opened(
            reactor, directory, disk_bytes, seat=seat, seats=seats, verify_all=verify_all
        )
        return TieredCache(hot, disk)
    except BROKEN as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise CacheUnusable(f"the cache folder {directory} cannot be used: {reason}") from error
