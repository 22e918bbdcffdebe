"""The writing side of the loop's transport: bytes as they come, and now and then a file between them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from wire.web.files import FileSending, SharedFile

HIGH_WATER = (
    64 * 1024
)  # the loop's own: with more it calls `pause_writing`, and `resume_writing` in due course


class Outlet:
    """Keeps the order between what the transport was given to write and what the kernel sends from a file.

    `full` is told, as often as the peer has taken some of a file, that no more is wanted; `free` when all of it has
    gone; `broke` why it never will.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: Any,
        full: Callable[[], None],
        free: Callable[[], None],
        broke: Callable[[Exception], None],
    ) -> None:
        self._loop = loop
        self._transport = transport
        self._full, self._free, self._broke = full, free, broke
        self._sending: FileSending | None = None
        self._due: tuple[SharedFile, int, int] | None = None  # waits until all bytes before it have gone
        self._behind: list[bytes] = []
        self._goodbye: Callable[[], None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a file is to go before anything else."""
        return self._sending is not None or self._due is not None

    def write(self, pieces: list[bytes]) -> None:
        """These bytes, behind all that was written before."""
        if self.is_busy:
            self._behind += pieces
        elif len(pieces) == 1:
            self._transport.write(pieces[0])
        else:
            self._transport.writelines(pieces)

    def write_file(self, file: SharedFile, start: int, stop: int, before: bytes = b"") -> None:
        """The same of bytes of a file, of which there may be one at a time, and of some before it."""
        if self.is_busy:
            raise RuntimeError("a file is being sent already")
        if not self._transport.get_write_buffer_size():
            before = before[self._written(before) :]
        if before:
            self._transport.write(before)
        if self._transport.get_write_buffer_size():
            self._due = (file.share(), start, stop)
            self._full()
            self._transport.set_write_buffer_limits(0)  # so that we hear of it when all has gone
        else:
            self._begin(file, start, stop)

    def _written(self, data: bytes) -> int:
        """How many of these bytes the socket takes at once. Of an error whoever writes next hears."""
        try:
            return os.write(self._number, data) if data else 0
        except OSError:
            return 0

    @property
    def _number(self) -> int:
        return int(self._transport.get_extra_info("socket").fileno())

    def drained(self) -> bool:
        """The transport has written what it was given; whether it was a file that waited for that."""
        if self._due is None:
            return False
        (file, start, stop), self._due = self._due, None
        self._transport.set_write_buffer_limits()
        if self._begin(file, start, stop):
            self._sent()
        file.close()
        return True

    def afterwards(self, goodbye: Callable[[], None]) -> None:
        """Do this when the file has gone, at once where there is none."""
        if self.is_busy:
            self._goodbye = goodbye
        else:
            goodbye()

    def drop(self) -> None:
        """The connection has gone, or is to."""
        sending, self._sending = self._sending, None
        due, self._due = self._due, None
        self._behind.clear()
        self._goodbye = None
        if sending is not None:
            sending.stop()
        if due is not None:
            due[0].close()

    def _begin(self, file: SharedFile, start: int, stop: int) -> bool:
        self._sending = FileSending(self._loop, self._number, file, start, stop, self._moved)
        try:
            is_all = self._sending.begin()
        except (OSError, EOFError) as error:
            self._moved(True, error)
            return False
        if is_all:
            self._sending = None
        else:
            self._full()
        return is_all

    def _moved(self, is_all: bool, error: Exception | None) -> None:
        if error is not None:
            self.drop()
            self._broke(error)
        elif is_all:
            self._sent()
        else:
            self._full()

    def _sent(self) -> None:
        self._sending = None
        behind, self._behind = self._behind, []
        goodbye, self._goodbye = self._goodbye, None
        if behind:
            self._transport.writelines(behind)
        if goodbye is not None:
            goodbye()
        elif self._transport.get_write_buffer_size() <= HIGH_WATER:  # else the transport tells
            self._free()
