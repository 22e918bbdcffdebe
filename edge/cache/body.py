"""Opened bodies: bytes at hand, or an open file that is read on the disk tier's threads."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import BinaryIO

from twisted.internet.interfaces import IConsumer

from edge.cache.interface import BodyMissing
from wire.web.sending import Valve, send_bytes

READ_BYTES = 256 * 1024  # one visit to a thread

RunInThread = Callable[[Callable[[], bytes]], Awaitable[bytes]]


class MemoryBody:
    """A body that is all in memory. Nothing to close."""

    def __init__(self, data: bytes) -> None:
        self.data: bytes | None = data
        self._bytes = data
        self.size = len(data)

    async def read(self, start: int = 0, stop: int | None = None) -> bytes:
        return self._bytes[start:stop]

    async def send(self, consumer: IConsumer, start: int = 0, stop: int | None = None) -> None:
        await send_bytes(consumer, self._bytes, start, stop)

    def close(self) -> None:
        """Memory goes with its last reader."""

    def __enter__(self) -> MemoryBody:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class FileBody:
    """An open file of known size. It outlives its name: evicted or purged, it still reads to the end."""

    data: bytes | None = None

    def __init__(self, file: BinaryIO, size: int, in_thread: RunInThread) -> None:
        self.size = size
        self._file = file
        self._in_thread = in_thread
        self._reads = 0
        self._is_closed = False

    async def read(self, start: int = 0, stop: int | None = None) -> bytes:
        stop = self.size if stop is None else min(stop, self.size)
        parts = []
        while start < stop:
            part = await self._read_at(start, min(READ_BYTES, stop - start))
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    async def send(self, consumer: IConsumer, start: int = 0, stop: int | None = None) -> None:
        stop = self.size if stop is None else min(stop, self.size)
        with Valve(consumer) as valve:
            while start < stop:
                part = await self._read_at(start, min(READ_BYTES, stop - start))
                await valve.ready()
                consumer.write(part)
                start += len(part)

    async def _read_at(self, start: int, length: int) -> bytes:
        if self._is_closed:
            raise BodyMissing("the body was closed")
        self._reads += 1
        # The thread may outlast a cancelled reader: the descriptor is closed after it, or its number could be
        # another's.
        part = await self._in_thread(lambda: self._pread(start, length))
        if not part:
            raise BodyMissing("the file is shorter than its entry says")
        return part

    def _pread(self, start: int, length: int) -> bytes:
        try:
            return os.pread(self._file.fileno(), length, start)
        finally:
            self._reads -= 1
            if self._is_closed and not self._reads:
                self._file.close()

    def close(self) -> None:
        self._is_closed = True
        if not self._reads:
            self._file.close()

    def __enter__(self) -> FileBody:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
