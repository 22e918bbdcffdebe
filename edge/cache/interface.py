"""What every cache tier promises. `tests/contracts/test_cache.py` holds each implementation to it.

A **key** picks a head; the head lists **variants**, each an `Entry` with a body of its own, found by
`Entry.body_id`. The cache names bodies; callers never make up a `body_id`. All methods are called on the
reactor's thread.

The path a viewer waits on never fails because of the cache: `variants` answers `()`, `insert` answers None
and `update` does nothing when a disk is full or broken (logged and counted in `stats().failures`). Only
`remove`, `drop`, `tagged` and `purge_tags` raise, `CacheUnavailable`, because whoever purges must not be told
"gone" of what is still there.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol

from attrs import frozen
from twisted.internet.interfaces import IConsumer

from edge.core.entry import Entry
from wire.errors import Unavailable

VARIANTS = 64
"""How many responses a key may hold, parts of them included (sheet 8.4)."""


class BodyMissing(Exception):
    """The entry's body is gone or was found damaged (and the variant then removed): look up again, it is a
    miss.
    """


class CacheUnusable(OSError):
    """The folder cannot hold a cache; the sentence says which, and why. For whoever starts the node."""


class CacheUnavailable(Unavailable):
    """The tier cannot promise that something is gone. 503: ask again."""


@frozen
class CacheStats:
    """A tier in figures. `entries` counts stored variants; limits are 0 where there is no such tier."""

    hot_bytes: int = 0
    hot_limit: int = 0
    disk_bytes: int = 0
    disk_limit: int = 0
    entries: int = 0
    insertions: int = 0
    evictions: int = 0
    failures: int = 0  # input/output errors survived by going without the tier


class Body(Protocol):
    """An opened body: stays whole until closed, even when its entry is evicted or purged meanwhile.

    Close it, or use it in a `with`: a disk body holds a file descriptor.
    """

    @property
    def size(self) -> int:
        """Length in bytes."""

    @property
    def data(self) -> bytes | None:
        """All the bytes when they are in memory already, else None: then `read` or `send`."""

    async def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes `start..stop` (stop exclusive; None: to the end)."""

    async def send(self, consumer: IConsumer, start: int = 0, stop: int | None = None) -> None:
        """Write bytes `start..stop` to `consumer` under its back-pressure.

        Registers and unregisters a producer; does not finish the consumer. Cancelling the awaiting Deferred
        stops it.
        """

    def close(self) -> None:
        """Let go of what is held; twice is once."""

    def __enter__(self) -> Body: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Cache(Protocol):
    """Stored responses: found by key, forgotten by key or by surrogate key (e.g. the path tag, for a URL
    whatever its host).
    """

    async def variants(self, key: str) -> tuple[Entry, ...]:
        """Every stored response under `key`, oldest insertion first; `()` when there is none."""

    async def insert(self, key: str, entry: Entry, body: bytes | Path) -> Entry | None:
        """Keep a whole response; the answer is the entry as stored (with `body_id` and `size`), None if it
        was not kept.

        Replaces the one with the same `variant`; of more than `VARIANTS` under the key, the one that was not used
        for longest goes. A `Path` is consumed: moved into the cache when on the same
        file system (`spool_directory` of the disk and tiered caches is), else copied; removed if refused.
        When this returns it is visible; a `remove`, `drop` or purge called while it runs wins.
        """

    async def update(self, key: str, entry: Entry) -> None:
        """Replace the head of the variant with `entry.body_id` (after a 304); nothing if that is no longer
        stored.
        """

    async def open(self, entry: Entry) -> Body:
        """The body of an entry that `variants` or `insert` answered, or `BodyMissing`. Counts as a use."""

    async def remove(self, key: str) -> int:
        """Forget every variant under `key`; how many there were. Unknown keys are no error."""

    async def drop(self, entry: Entry) -> bool:
        """Forget one variant, the one with `entry.body_id`; whether it was there."""

    async def tagged(self, surrogate_keys: tuple[str, ...]) -> tuple[Entry, ...]:
        """Every variant that with one of these surrogate keys (to purge softly: `update` each, expired)."""

    async def purge_tags(self, surrogate_keys: tuple[str, ...]) -> int:
        """Forget every variant that carries one of these surrogate keys."""

    def stats(self) -> CacheStats:
        """Figures of this moment; cheap."""

    async def close(self) -> None:
        """Flush what is pending and let go of files and threads. The cache is not used again."""
