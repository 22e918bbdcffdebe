"""The disk tier: a shelf on threads of its own, one that writes and a few that read, behind the cache's
interface.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.logger import Logger
from twisted.python.failure import Failure

from edge.cache.body import FileBody, MemoryBody
from edge.cache.hot import length_of, new_body_id
from edge.cache.interface import Body, BodyMissing, CacheStats, CacheUnavailable
from edge.cache.shelf import BROKEN, Shelf, open_shelf
from edge.cache.threads import Threads
from edge.core.entry import Entry
from wire.web.files import SharedFile

READERS = 3
BEHIND_BYTES = 4 << 20  # of what waits to be written, before more is better not written at all
WAITING_BYTES = 32 * 1024  # what waits beside a body: the conversation that brought it

T = TypeVar("T")
log = Logger()


class DiskCache:
    """Everything about a file or a database happens on a thread; order is kept by there being one that
    writes.
    """

    def __init__(self, shelf: Shelf, readers: Threads, writer: Threads) -> None:
        self._shelf = shelf
        self._readers = readers
        self._writer = writer
        self._is_closing = False
        self._is_failing = False
        self._insertions = self._failures = 0
        self._waiting_bytes = 0
        self._was_behind = False
        self._occupied_bytes = self._entries = 0

    @classmethod
    async def opened(
        cls,
        reactor: IReactorFromThreads,
        directory: Path,
        capacity_bytes: int,
        *,
        seat: int = 0,
        seats: int = 1,
        verify_all: bool = False,
    ) -> DiskCache:
        """The tier in `directory`, with what an earlier process left there; may raise OSError. `Shelf` says what
        the seats are."""
        writer = Threads(reactor, 1, "cache-write")
        try:
            shelf = await writer.run(
                partial(open_shelf, directory, capacity_bytes, seat=seat, seats=seats, verify_all=verify_all)
            )
        except BaseException:
            await writer.stop()
            raise
        # A connection that is not closed on its thread lives until a garbage collection.
        readers = Threads(reactor, READERS, "cache-read", at_end=shelf.disconnect)
        cache = cls(shelf, readers, writer)
        await cache._write(cache._take_stock)
        return cache

    @property
    def spool_directory(self) -> Path:
        """Where spools should be made, so that a finished one is moved in rather than copied. Emptied at each
        start.
        """
        return self._shelf.spools

    async def sweep(self) -> int:
        """Clear away what a killed process left behind; how much. In the background: it takes turns with
        readers.
        """
        swept = 0
        steps = self._shelf.leftovers.steps()
        try:
            while not self._is_closing:
                step = await self._readers.run(lambda: next(steps, None))
                if step is None:
                    break
                swept += await self._readers.run(step)
            if not self._is_closing:
                await self._write(lambda: None)  # and take stock of what is left
        except BROKEN:
            if not self._is_closing:
                self._failed("sweeping")
        return swept

    # The interface of every tier

    async def variants(self, key: str) -> tuple[Entry, ...]:
        found, _ = await self.find(key)
        return found

    async def find(self, key: str) -> tuple[tuple[Entry, ...], bytes | None]:
        """The variants, and the body of an only one that is small, in one visit. To use it is no use that is noted."""
        try:
            return await self._readers.run(lambda: self._shelf.find(key))
        except BROKEN:
            self._failed("looking up")
            return (), None

    async def insert(self, key: str, entry: Entry, body: bytes | Path) -> Entry | None:
        stored = evolve(entry, key=key, body_id=new_body_id())
        kept = await self.put(stored, body)
        return next((other for other in kept or () if other.body_id == stored.body_id), None)

    async def put(self, entry: Entry, body: bytes | Path) -> tuple[Entry, ...] | None:
        """Insert under a name given already; all variants now under the key, None if it was not kept."""
        waiting = WAITING_BYTES + (2 * len(body) if isinstance(body, bytes) else 0)  # it is spooled, too
        self._waiting_bytes += waiting
        try:
            return await self._write(lambda: self._put(entry, body))
        except BROKEN:
            self._failed("storing")
            return None
        finally:
            self._waiting_bytes -= waiting
            self._was_behind = self._was_behind and self._waiting_bytes > 0

    def _put(self, entry: Entry, body: bytes | Path) -> tuple[Entry, ...] | None:
        size = length_of(body)
        entry = entry if entry.size == size else evolve(entry, size=size)
        if not self._shelf.admits(entry.size):
            if isinstance(body, Path):
                body.unlink(missing_ok=True)
            superseded = [
                other.body_id for other in self._shelf.entries(entry.key) if other.variant == entry.variant
            ]
            self._shelf.drop(entry.key, superseded)
            return None
        kept = self._shelf.put(entry, body)
        self._insertions += 1
        self._is_failing = False
        return kept

    async def update(self, key: str, entry: Entry) -> None:
        try:
            await self._write(lambda: self._shelf.renew(evolve(entry, key=key)))
        except BROKEN:
            self._failed("updating")

    async def open(self, entry: Entry) -> Body:
        try:
            found = await self._readers.run(lambda: self._shelf.open(entry), let_go)
        except BROKEN as broken:
            self._failed("reading")
            raise BodyMissing(entry.body_id) from broken
        except BodyMissing as missing:
            log.info("removed from the cache: {reason}", reason=str(missing))
            self._write(lambda: self._shelf.drop(entry.key, (entry.body_id,))).addErrback(self._drop_failed)
            raise
        self.touch(entry.body_id)
        if isinstance(found, bytes):
            return MemoryBody(found)
        return self.reading(SharedFile(found))

    def reading(self, file: SharedFile) -> FileBody:
        """A body that lies open; the file is the body's to close."""
        return FileBody(file, self._readers.run)

    @property
    def is_failing(self) -> bool:
        """Whether it failed, and nothing was stored since."""
        return self._is_failing

    def is_behind(self) -> bool:
        """Whether it is written to more slowly than bodies come, and those that wait take much memory."""
        is_behind = self._waiting_bytes > BEHIND_BYTES
        if is_behind and not self._was_behind:  # one line until it has caught up
            self._was_behind = True
            log.info("the disk cannot keep up; some of what comes is not written to it")
        return is_behind

    def admits(self, size: int) -> bool:
        """Whether a body of this size may be stored at all."""
        return self._shelf.admits(size)

    def evicted(self) -> Iterator[str]:
        """The keys that lost a variant to make room, each told once."""
        evicted = self._shelf.evicted
        while evicted:
            yield evicted.popleft()

    def touch(self, body_id: str) -> None:
        """Note a use; a hit in the tier above counts here too, or this tier would evict what is hottest."""
        if self._shelf.touch(body_id) and not self._is_closing:
            self._write(self._shelf.flush).addErrback(self._drop_failed)

    async def remove(self, key: str) -> int:
        return await self._promised(lambda: self._shelf.remove(key))

    async def drop(self, entry: Entry) -> bool:
        return await self._promised(lambda: self._shelf.drop(entry.key, (entry.body_id,))) > 0

    async def tagged(self, surrogate_keys: tuple[str, ...]) -> tuple[Entry, ...]:
        # On the writer: after every insert that was asked for before.
        return await self._promised(lambda: self._shelf.tagged(surrogate_keys))

    async def purge_tags(self, surrogate_keys: tuple[str, ...]) -> int:
        return await self._promised(lambda: self._shelf.purge_tags(surrogate_keys))

    async def counted(self) -> None:
        """Have `stats` tell what other processes did to the folder, too."""
        with suppress(*BROKEN):
            await self._readers.run(self._take_stock)

    def stats(self) -> CacheStats:
        return CacheStats(
            disk_bytes=self._occupied_bytes,
            disk_limit=self._shelf.capacity_bytes,
            entries=self._entries,
            insertions=self._insertions,
            evictions=self._shelf.evictions,
            failures=self._failures,
        )

    async def close(self) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        try:
            await self._readers.stop()
            await self._writer.run(self._shelf.close)
        except BROKEN:
            self._failed("closing")
        await self._writer.stop()

    # Threads

    def _write(self, job: Callable[[], T]) -> Deferred[T]:
        def job_then_stock() -> T:
            done = job()
            self._take_stock()
            return done

        return self._writer.run(job_then_stock)

    def _take_stock(self) -> None:
        self._occupied_bytes, self._entries = self._shelf.stock()

    async def _promised(self, job: Callable[[], T]) -> T:
        """What whoever purges relies on: done, or an error."""
        try:
            return await self._write(job)
        except BROKEN as broken:
            self._failed("purging")
            raise CacheUnavailable("The disk cache cannot forget right now", log=str(broken)) from broken

    def _failed(self, doing: str) -> None:
        self._failures += 1
        if not self._is_failing:  # one line when it begins to fail, not one a request
            self._is_failing = True
            log.failure("cache on disk failed while {doing}; going on without", doing=doing)

    def _drop_failed(self, failure: Failure) -> None:
        if failure.check(CancelledError):
            return
        failure.trap(*BROKEN, sqlite3.ProgrammingError)
        self._failures += 1


def let_go(found: bytes | BinaryIO) -> None:
    """An opened body that nobody waits for any more."""
    if not isinstance(found, bytes):
        found.close()
