"""What a node does again and again while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

log = Logger()


class Chores:
    """Small deeds, each with a rhythm of its own. One that fails is logged, and not done again."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._calls: list[LoopingCall] = []

    def every(self, seconds: float, chore: Callable[[], None]) -> None:
        """Do this from now on, first in so many seconds."""
        call = LoopingCall(chore)
        call.clock = self._clock
        call.start(seconds, now=False).addErrback(lambda failure: log.failure("a chore failed", failure))
        self._calls.append(call)

    def stop(self) -> None:
        """Do nothing any more."""
        for call in self._calls:
            if call.running:
                call.stop()
