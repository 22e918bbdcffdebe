"""So many questions at once for one upstream; the rest wait their turn, in a line that ends."""

from __future__ import annotations

from collections import deque

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.interfaces import IReactorTime

from edge.core.events import Failure as Reason
from edge.settings import Concurrency
from edge.upstream.failing import UpstreamFailed


@define(eq=False)
class Turns:
    """The turns of one upstream. Whoever took one gives it back, once."""

    concurrency: Concurrency
    clock: IReactorTime
    running: int = 0
    _line: deque[Deferred[None]] = field(factory=deque, init=False)

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._line)

    def take_now(self) -> bool:
        """The same where it is our turn at once; whether it is."""
        if self.running >= self.concurrency.requests:
            return False
        self.running += 1
        return True

    async def take(self) -> None:
        """Our turn: at once, or after those who came before. UpstreamFailed (BUSY) when the line is full or
        too slow; who is cancelled leaves it."""
        if self.take_now():
            return
        if len(self._line) >= self.concurrency.waiting:
            raise UpstreamFailed(Reason.BUSY, "too many wait for the upstream")
        turn: Deferred[None] = Deferred(self._line.remove)
        self._line.append(turn)
        turn.addTimeout(self.concurrency.waiting_seconds, self.clock)
        try:
            await turn
        except TookTooLong as late:
            raise UpstreamFailed(Reason.BUSY, "the upstream is too busy") from late

    def give_back(self) -> None:
        """The turn goes to whoever waits longest."""
        if self._line:
            self._line.popleft().callback(None)
        else:
            self.running -= 1
