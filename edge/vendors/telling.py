"""Having every edge of a vendor forget, those too that are out of reach at first."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from math import inf
from typing import Any

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IAgent

from edge.control.purge import Purge
from edge.control.purging import Fanout

log = Logger()
PAUSE_SECONDS = 0.5


@define
class Telling:
    """The way to the edges, and what is still on its way."""

    agent: IAgent
    clock: IReactorTime
    within_seconds: float
    node: str = "vendors"
    _running: set[Deferred[Any]] = field(factory=set, init=False)

    async def tell(self, purge: Purge, pops: Iterable[str]) -> tuple[str, ...]:
        """Tell all at once, and once more: who was told before its parent may have asked that for the old object
        meanwhile. Those that did not confirm."""
        peers = tuple(pops)
        first = await self._fanout(peers).tell(purge)
        again = await self._fanout(peers).tell(purge)
        return tuple(peer for peer in peers if (first[peer], again[peer]) != ("ok", "ok"))

    async def insist(
        self, purge: Purge, pops: Iterable[str], patience_seconds: float = inf
    ) -> tuple[str, ...]:
        """Tell these until the last has confirmed, or patience is over: those that did not."""
        missing, deadline = tuple(pops), self.clock.seconds() + patience_seconds
        while missing and self.clock.seconds() < deadline:
            await deferLater(self.clock, PAUSE_SECONDS)
            missing = await self.tell(purge, missing)
        return missing

    def in_background(self, doing: Coroutine[Any, Any, object]) -> None:
        """Go on with something that nobody waits for; it ends with the node."""
        running: Deferred[Any] = Deferred.fromCoroutine(doing)
        self._running.add(running)
        running.addErrback(_went_wrong)
        running.addBoth(self._forget(running))

    def stop(self) -> None:
        """Leave off."""
        for running in tuple(self._running):
            running.cancel()

    def _forget(self, running: Deferred[Any]) -> Callable[[Any], None]:
        return lambda _: self._running.discard(running)

    def _fanout(self, peers: tuple[str, ...]) -> Fanout:
        return Fanout(self.agent, self.clock, peers, self.within_seconds, self.node)


def _went_wrong(failure: Failure) -> None:
    if not failure.check(CancelledError):
        log.failure("while telling edges what to forget", failure)
