"""A body on its way: one writer, many readers, each at its own pace, while it grows."""

from __future__ import annotations

import os
import tempfile
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

MEMORY_BYTES = 256 * 1024  # a stored body beyond this goes to a file
AHEAD_BYTES = 512 * 1024  # how far a passing body's writer may be ahead of its slowest reader

log = Logger()


class SpoolFailed(Exception):
    """The body ended before its end. What was read is a prefix of something nobody has."""


class SpoolGone(SpoolFailed):
    """The bytes asked for were passed on and forgotten."""


class State(Enum):
    """Where a spool is in its life."""

    GROWING = auto()
    COMPLETE = auto()
    FAILED = auto()


class Source(Protocol):
    """The writer's brake: what fills the spool."""

    def pause(self) -> None:
        """Bring no more for now."""

    def resume(self) -> None:
        """Go on."""


class Spool:
    """Bytes from one writer to any number of readers.

    A *kept* spool holds everything: in memory up to `memory_bytes`, then in a file of its own in `folder`,
    so readers lag as they like and the writer is never paused for them. A *passing* spool (`keep=False`,
    or after `pass_on()`) holds in memory only what its slowest reader has not had, pauses its source
    beyond `ahead_bytes`, and never touches the disk (sheet 22.4: no-store content is not written to disk).
    A kept one whose file cannot be written stays in memory up to `fallback_bytes`, and passes beyond.

    A file lives until the spool is closed *and* its last reader is; `adopt` moves it away first.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        keep: bool = True,
        memory_bytes: int = MEMORY_BYTES,
        fallback_bytes: int = 0,
        ahead_bytes: int = AHEAD_BYTES,
        source: Source | None = None,
    ) -> None:
        self.state = State.GROWING
        self.size = 0
        self.source = source
        self.failure: Exception | None = None
        self.was_held_back = False
        """Whether its source ever had to wait for a reader."""
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._fallback_bytes = fallback_bytes
        self._has_no_file = False  # for want of room
        self._ahead_bytes = ahead_bytes
        self._keeps = keep
        self._memory = bytearray()
        self._memory_start = 0  # offset of the first byte in memory; what lies before is in the file or gone
        self._file: int | None = None  # its descriptor; bytes 0..memory_start are there
        self._path: Path | None = None
        self._readers: set[Reader] = set()
        self._is_paused = False
        self._is_closed = False

    @property
    def is_kept(self) -> bool:
        """Whether every byte so far is held."""
        return self._keeps

    @property
    def path(self) -> Path | None:
        """The file behind, if there is one."""
        return self._path

    # The writer's side

    def write(self, data: bytes) -> None:
        """More of the body."""
        if self.state is not State.GROWING or not data:
            return
        self.size += len(data)
        self._memory += data
        is_large = self._file is not None or len(self._memory) > self._memory_bytes
        if self._keeps and self._has_no_file and len(self._memory) > self._fallback_bytes:
            self.pass_on()
        elif self._keeps and is_large and self._folder is not None and not self._has_no_file:
            self._move_to_file(self._folder)
        self._wake()
        self._balance()

    def complete(self) -> None:
        """That was all of it."""
        if self.state is State.GROWING:
            self.state = State.COMPLETE
            self._wake()

    def fail(self, failure: Exception) -> None:
        """There will be no more, and it was not all."""
        if self.state is State.GROWING:
            self.state = State.FAILED
            self.failure = failure
            self._wake()

    def pass_on(self) -> None:
        """Keep no more than the slowest reader needs: this body will not be stored."""
        self._keeps = False
        self._forget_behind()
        self._balance()

    def close(self) -> None:
        """The owner needs it no more: with its last reader the bytes go, and the file."""
        if not self._is_closed:
            self._is_closed = True
            if self.state is State.GROWING:
                self.fail(SpoolFailed("abandoned"))
            self._release()

    # The owner's side, when it is complete

    def content(self, *, broken_off: bool = False) -> bytes | None:
        """The whole body, if it is complete and in memory; `broken_off`: what came of one that failed."""
        if self._is_over(broken_off) and self._keeps and self._file is None:
            return bytes(self._memory)
        return None

    def _is_over(self, broken_off: bool) -> bool:
        return self.state is State.COMPLETE or (broken_off and self.state is State.FAILED)

    def adopt(self, destination: Path) -> None:
        """Give the whole body away as the file `destination`, by a rename. Readers read on."""
        content = self.content()
        if content is None:
            os.replace(self.give_away(), destination)
        else:
            part = destination.with_name(destination.name + ".part")
            part.write_bytes(content)
            os.replace(part, destination)

    def give_away(self, *, broken_off: bool = False) -> Path:
        """The file of a whole body, from now on the caller's to move or remove. Readers read on."""
        path = self._path
        if not self._is_over(broken_off) or not self._keeps or path is None:
            raise SpoolFailed("only a complete, kept body can be given away")
        self._path = None  # not ours to remove any more; our descriptor still reads it
        return path

    # The readers' side

    def reader(self, start: int = 0, stop: int | None = None) -> Reader:
        """A reader of bytes `start..stop` (stop exclusive; None: to the end). Close it."""
        if start < self._oldest():
            raise SpoolGone(f"bytes before {self._oldest()} are gone")
        reader = Reader(self, start, stop)
        self._readers.add(reader)
        return reader

    def read_at(self, offset: int, limit: int) -> bytes:
        """At most `limit` bytes that are there at `offset`."""
        limit = min(limit, self.size - offset)
        if limit <= 0:
            return b""
        if offset >= self._memory_start:
            at = offset - self._memory_start
            return bytes(memoryview(self._memory)[at : at + limit])
        if self._file is None:
            raise SpoolGone(f"byte {offset} is gone")
        return os.pread(self._file, min(limit, self._memory_start - offset), offset)

    def advanced(self) -> None:
        """A reader got further: forget what none needs, let the source go on."""
        if not self._keeps:
            self._forget_behind()
            self._balance()

    def left(self, reader: Reader) -> None:
        """A reader is done."""
        self._readers.discard(reader)
        if self._is_closed:
            self._release()
        else:
            self.advanced()

    # How it is kept

    def _oldest(self) -> int:
        return 0 if self._file is not None else self._memory_start

    def _slowest(self) -> int:
        return min((min(reader.position, self.size) for reader in self._readers), default=self.size)

    def _move_to_file(self, folder: Path) -> None:
        """What is in memory goes to the end of the file. A full disk makes this a body in memory, or a passing one."""
        try:
            if self._file is None:
                self._file, name = tempfile.mkstemp(prefix="spool-", dir=folder)
                self._path = Path(name)
            while self._memory:
                written = os.pwrite(self._file, self._memory, self._memory_start)
                del self._memory[:written]
                self._memory_start += written
        except OSError as error:
            log.warn("a body cannot be kept on disk: {error}", error=error)
            if self._memory_start or len(self._memory) > self._fallback_bytes:
                self.pass_on()
            else:
                self._has_no_file = True
                self._drop_file()

    def _forget_behind(self) -> None:
        slowest = self._slowest()
        if self._file is not None and slowest >= self._memory_start:
            self._drop_file()
        if self._file is None and slowest > self._memory_start:
            del self._memory[: slowest - self._memory_start]
            self._memory_start = slowest

    def _balance(self) -> None:
        """Pause or resume the source of a passing body."""
        source = self.source
        if source is None or self.state is not State.GROWING:
            return
        is_ahead = not self._keeps and self.size - self._slowest() > self._ahead_bytes
        if is_ahead and not self._is_paused:
            self._is_paused = self.was_held_back = True
            source.pause()
        elif self._is_paused and not is_ahead:
            self._is_paused = False
            source.resume()

    def _wake(self) -> None:
        for reader in tuple(self._readers):
            reader.wake()

    def _release(self) -> None:
        if not self._readers:
            self._drop_file()
            self._memory = bytearray()
            self._memory_start = self.size

    def _drop_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None


class Reader:
    """One reader of a spool: `read` waits for bytes that have not come yet."""

    def __init__(self, spool: Spool, start: int, stop: int | None) -> None:
        self.position = start
        self._spool = spool
        self._stop = stop
        self._waiting: Deferred[None] | None = None

    async def read(self, limit: int) -> bytes:
        """At most `limit` bytes, b"" at the end; raises `SpoolFailed` where a cut body ends."""
        while True:
            wanted = limit if self._stop is None else min(limit, self._stop - self.position)
            if wanted <= 0:
                return b""
            data = self.read_now(wanted)
            if data:
                return data
            if self._spool.state is State.COMPLETE:
                if self._stop is not None and self.position < self._stop:
                    raise SpoolFailed(f"the body ends at {self._spool.size}, not at {self._stop}")
                return b""
            if self._spool.state is State.FAILED:
                raise SpoolFailed(str(self._spool.failure)) from self._spool.failure
            self._waiting = Deferred(self._forget)
            await self._waiting

    def read_now(self, limit: int) -> bytes:
        """What is there already, without waiting."""
        if self._stop is not None:
            limit = min(limit, self._stop - self.position)
        data = self._spool.read_at(self.position, limit)
        if data:
            self.position += len(data)
            self._spool.advanced()
        return data

    def close(self) -> None:
        """Stop reading. Closing twice is no harm."""
        self._spool.left(self)

    def wake(self) -> None:
        """There is news for a waiting reader."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def _forget(self, _: Deferred[None]) -> None:
        self._waiting = None
