"""Twisted's asyncio reactor on a uvloop loop, and what the two do not know of each other."""

from __future__ import annotations

import select
import signal
from asyncio import AbstractEventLoop
from typing import Any

from twisted.internet import process
from twisted.internet.asyncioreactor import AsyncioSelectorReactor


class UvloopReactor(AsyncioSelectorReactor):
    """Hears of children that ended, and of peers that reset a connection with bytes still unread."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        super().__init__(loop)
        self._trouble = select.poll()
        # uvloop keeps SIGCHLD's wake-up to itself, so Twisted would not hear of the end of its children
        self.callWhenRunning(
            signal.signal, signal.SIGCHLD, lambda *_: self.callFromThread(process.reapAllProcesses)
        )

    def _readOrWrite(self, selectable: Any, read: bool) -> None:
        super()._readOrWrite(selectable, read)
        if read and selectable in self._readers and self._is_in_trouble(selectable.fileno()):
            self._asyncioEventloop.call_soon(self._watch_again, selectable)

    def _is_in_trouble(self, descriptor: int) -> bool:
        """Whether it has an error to tell, behind what is still to be read."""
        self._trouble.register(descriptor, 0)
        told = self._trouble.poll(0)
        self._trouble.unregister(descriptor)
        return any(event & select.POLLERR for _, event in told)

    def _watch_again(self, selectable: Any) -> None:
        """uvloop forgets a descriptor in error after it called once; Twisted reads a bufferful at a time."""
        if selectable in self._readers:
            self.removeReader(selectable)
            self.addReader(selectable)
