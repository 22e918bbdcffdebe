"""Opened bodies: bytes at hand, or an open file that is read on the disk tier's threads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType

from twisted.internet.interfaces import IConsumer

from edge.cache.interface import BodyMissing
from wire.web.files import SharedFile
from wire.web.sending import Valve, send_bytes

READ_BYTES = 256 * 1024  # one visit to a thread
FILE_BYTES = 1024 * 1024  # handed to a connection at once, to be taken from the file

Read = Callable[[], "bytes | OSError"]
RunInThread = Callable[[Read, Callable[[object], object]], Awaitable["bytes | OSError"]]
WriteFile = Callable[[SharedFile, int, int], bool]


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
    """An open file, one of whose users this is. It outlives its name: evicted or purged, it still reads to the end.

    What is in memory already is read, or sent by the kernel, at once; for the rest a thread waits for the disk.
    """

    data: bytes | None = None

    def __init__(self, file: SharedFile, in_thread: RunInThread) -> None:
        self.size = file.size
        self.file = file
        self._in_thread = in_thread
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
        write_file: WriteFile | None = getattr(consumer, "write_file", None)
        with Valve(consumer) as valve:
            while start < stop:
                await valve.ready()
                ahead = min(start + FILE_BYTES, stop)
                if write_file is not None and self.file.is_at_hand(start, ahead):
                    if write_file(self.file, start, ahead):
                        start = ahead
                        continue
                    write_file = None
                part = await self._read_at(start, min(READ_BYTES, stop - start))
                await valve.ready()
                consumer.write(part)
                start += len(part)

    async def _read_at(self, start: int, length: int) -> bytes:
        if self._is_closed:
            raise BodyMissing("the body was closed")
        file = self.file
        part = file.read_now(start, length)
        if part is None:
            part = await self._read_in_thread(start, length)
        if not part:
            raise BodyMissing("the file is shorter than its entry says")
        return part

    async def _read_in_thread(self, start: int, length: int) -> bytes:
        """The thread may outlast a cancelled reader: the descriptor is closed after it, or its number could be
        another's."""
        file = self.file.share()

        def read() -> bytes | OSError:
            try:
                return file.read(start, length)
            except OSError as error:
                return error

        try:
            part = await self._in_thread(read, lambda _: file.close())
        except OSError:  # there are no threads any more
            file.close()
            raise
        file.close()
        if isinstance(part, OSError):
            raise BodyMissing("the file cannot be read") from part
        return part

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self.file.close()

    def __enter__(self) -> FileBody:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
