"""Open files: shared by several users, read without waiting where that can be, and sent by the kernel itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import BinaryIO

PROBE_BYTES = 256 * 1024  # how far apart it is looked whether bytes are in memory


class SharedFile:
    """An open file that is read at offsets. Each user shares and closes it; with the last it is closed.

    It outlives its name: bytes of a file that was removed can be read to the end.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.number = file.fileno()
        self._file = file
        self._users = 1
        self._state = self._look()

    @property
    def size(self) -> int:
        """Bytes, when it was opened."""
        return self._state[0]

    def _look(self) -> tuple[int, int, bool]:
        state = os.fstat(self.number)
        return state.st_size, state.st_mtime_ns, state.st_nlink > 0

    @property
    def is_as_it_was(self) -> bool:
        """Whether nobody has changed or removed it since it was opened, as far as the file system tells."""
        return self._look() == self._state

    def share(self) -> SharedFile:
        """The same, for one more user; ValueError where it was closed."""
        if not self._users:
            raise ValueError("a closed file is shared")
        self._users += 1
        return self

    def close(self) -> None:
        """One user less."""
        self._users -= 1
        if not self._users:
            self._file.close()

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`; may wait for the disk."""
        return os.pread(self.number, length, start)

    def read_now(self, start: int, length: int) -> bytes | None:
        """The same where the bytes are in memory; None where the disk would have to be waited for."""
        data = bytearray(length)
        try:
            if not self._users:
                return None  # closed, and its number perhaps another's
            if os.preadv(self.number, [data], start, os.RWF_NOWAIT) != length:
                return None
        except OSError:  # not there, or the file system cannot tell
            return None
        return bytes(data)

    def is_at_hand(self, start: int, stop: int) -> bool:
        """Whether these bytes are in memory, as far as a few of them tell."""
        return all(self.read_now(at, 1) is not None for at in (*range(start, stop, PROBE_BYTES), stop - 1))


class FileSending:
    """Bytes of a file on their way to a socket that takes no others meanwhile. Nothing is copied (`sendfile(2)`).

    `moved` is told of each step, and whether that was all; of an error by the exception: the socket's, or EOFError
    where the file ends too soon. Nothing more is told after `stop`.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        socket: int,
        file: SharedFile,
        start: int,
        stop: int,
        moved: Callable[[bool, Exception | None], None],
    ) -> None:
        self._loop = loop
        self._socket = socket
        self._file = file.share()
        self._at = start
        self._end = stop
        self._moved = moved
        self._is_over = False
        self._waiting: int | None = (
            None  # a descriptor of our own: the loop knows the socket's as its transport's
        )

    def begin(self) -> bool:
        """Send what the socket takes at once; whether that was all. Else `moved` is told of the rest. OSError and
        EOFError as they come."""
        try:
            if self._send():
                self.stop()
                return True
            self._waiting = os.dup(self._socket)
            self._loop.add_writer(self._waiting, self._go_on)
        except BaseException:
            self.stop()
            raise
        return False

    def _send(self) -> bool:
        try:
            while self._at < self._end:
                sent = os.sendfile(self._socket, self._file.number, self._at, self._end - self._at)
                if not sent:
                    raise EOFError("the file has become shorter")
                self._at += sent
        except BlockingIOError:
            return False
        return True

    def _go_on(self) -> None:
        try:
            is_all = self._send()
        except (OSError, EOFError) as error:
            self.stop()
            self._moved(True, error)
            return
        if is_all:
            self.stop()
        self._moved(is_all, None)

    def stop(self) -> None:
        """Let go of file and socket. Twice is once."""
        if self._waiting is not None:
            self._loop.remove_writer(self._waiting)
            os.close(self._waiting)
            self._waiting = None
        if not self._is_over:
            self._is_over = True
            self._file.close()
