"""What a node still has in hand when it is told to stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime


class InFlight:
    """Counts running requests, and tells when the last has ended."""

    def __init__(self) -> None:
        self.count = 0
        self.is_draining = False
        self._waiting: list[Deferred[None]] = []

    @contextmanager
    def one(self) -> Iterator[None]:
        """`with in_flight.one():` around a request."""
        self.entered()
        try:
            yield
        finally:
            self.left()

    def entered(self) -> None:
        """One more is running."""
        self.count += 1

    def left(self) -> None:
        """One has ended."""
        self.count -= 1
        if self.count == 0:
            waiting, self._waiting = self._waiting, []
            for waiter in waiting:
                waiter.callback(None)

    async def drained(self, clock: IReactorTime, within_seconds: float) -> bool:
        """Return True when nothing runs any more, or False when `within_seconds` have passed."""
        self.is_draining = True
        if self.count == 0:
            return True
        waiter: Deferred[None] = Deferred()
        self._waiting.append(waiter)
        alarm = clock.callLater(within_seconds, self._give_up, waiter)
        await waiter
        if alarm.active():
            alarm.cancel()
        return self.count == 0

    def _give_up(self, waiter: Deferred[None]) -> None:
        if waiter in self._waiting:
            self._waiting.remove(waiter)
            waiter.callback(None)
