"""Having every edge of a vendor forget, those too that are out of reach at first."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from typing import Any

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as TooLate
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IAgent

from edge.control.purge import Purge
from edge.control.purging import Fanout
from edge.vendors.pending import Noted, Pending
from wire.errors import Unavailable

log = Logger()
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 4.0  # so that who is within reach again is told within five


@define
class Telling:
    """The way to the edges, and what is still on its way. One question at a time to who is silent, whatever it has
    missed."""

    agent: IAgent
    clock: IReactorTime
    controls: Mapping[str, str]
    """PoP → its control URL."""
    within_seconds: float
    pending: Pending = field(factory=Pending)
    node: str = "vendors"
    slowest_seconds: float = field(default=0.0, init=False)
    """From a purge to the last confirmation of it."""
    confirmed: int = field(default=0, init=False)
    """Purges that all have confirmed."""
    _begun: dict[int, float] = field(factory=dict, init=False)
    _waiting: dict[int, list[Deferred[None]]] = field(factory=dict, init=False)
    _fresh: set[int] = field(factory=set, init=False)
    """Those that all are being told for the first time."""
    _insisting: set[str] = field(factory=set, init=False)
    _running: set[Deferred[Any]] = field(factory=set, init=False)
    _is_over: bool = field(default=False, init=False)

    def start(self) -> None:
        """Go on with what an earlier process left."""
        self.pending.keep_to(self.controls)
        for pop in self.pending.pops:
            self._insist(pop)

    async def tell(self, purge: Purge, pops: Iterable[str]) -> int:
        """Tell all at once, and once more: who was told before its parent may have asked that for the old object
        meanwhile. Who does not confirm is told until it does. The purge's number."""
        number = self.pending.note(purge, pops)
        noted = self.pending.left(number)
        self._begun[number] = self.clock.seconds()
        self._fresh.add(number)
        urls = {pop: self.controls[pop] for pop in noted}
        fanout = Fanout(self.agent, self.clock, tuple(urls.values()), self.within_seconds, self.node)
        try:
            first = await fanout.tell(purge)
            again = await fanout.tell(purge)
            confirmed = [pop for pop, url in urls.items() if (first[url], again[url]) == ("ok", "ok")]
            self.pending.confirm(number, confirmed)
        finally:  # also where whoever wants it has hung up
            self._fresh.discard(number)
            self._confirmed(number)
            for pop in self.pending.left(number):
                self._insist(pop, FIRST_PAUSE_SECONDS)
        return number

    async def settled(self, number: int, within_seconds: float) -> None:
        """Returns when all have confirmed a purge, or when the time is over."""
        if self.pending.left(number):
            waiting: Deferred[None] = Deferred()
            self._waiting.setdefault(number, []).append(waiting)
            waiting.addTimeout(within_seconds, self.clock)
            with suppress(TooLate):
                await waiting

    async def returned(self, pop: str) -> int:
        """Tell one that has been started all that it missed, before it serves: how many purges. `Unavailable` where it
        does not confirm one."""
        count = 0
        while missed := self.pending.of(pop):
            if not await self._told(pop, missed[0]):
                raise Unavailable(f"{pop} does not confirm what it missed")
            count += 1
        return count

    def in_background(self, doing: Coroutine[Any, Any, object]) -> None:
        """Go on with something that nobody waits for; it ends with the node."""
        running: Deferred[Any] = Deferred.fromCoroutine(doing)
        self._running.add(running)
        running.addErrback(_went_wrong)
        running.addBoth(self._ended(running))

    def stop(self) -> None:
        """Leave off. What is pending is in the file."""
        self._is_over = True
        for running in tuple(self._running):
            running.cancel()

    def _insist(self, pop: str, pause_seconds: float = 0.0) -> None:
        if pop not in self._insisting:
            self._insisting.add(pop)
            self.in_background(self._until_told(pop, pause_seconds))

    async def _until_told(self, pop: str, pause_seconds: float) -> None:
        try:
            while missed := self._missed(pop):
                await deferLater(self.clock, pause_seconds)
                is_told = await self._told(pop, missed[0])
                longer = min(max(2 * pause_seconds, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
                pause_seconds = 0.0 if is_told else longer
        finally:
            self._insisting.discard(pop)

    def _missed(self, pop: str) -> tuple[Noted, ...]:
        """What nobody else is telling it right now."""
        missed = self.pending.of(pop)
        return () if self._is_over else tuple(each for each in missed if each.number not in self._fresh)

    async def _told(self, pop: str, noted: Noted) -> bool:
        """Whether it has confirmed. Those that had before are told again."""
        url = self.controls[pop]
        fanout = Fanout(self.agent, self.clock, (url,), self.within_seconds, self.node)
        if (await fanout.tell(noted.purge))[url] != "ok":
            return False
        for other in self.pending.confirm_late(noted.number, pop):
            self._insist(other)
        self._confirmed(noted.number)
        return True

    def _confirmed(self, number: int) -> None:
        if self.pending.left(number) or number in self._fresh:
            return
        begun = self._begun.pop(number, None)
        if begun is not None:
            self.confirmed += 1
            self.slowest_seconds = max(self.slowest_seconds, self.clock.seconds() - begun)
        for waiting in self._waiting.pop(number, ()):
            if not waiting.called:
                waiting.callback(None)

    def _ended(self, running: Deferred[Any]) -> Callable[[Any], None]:
        return lambda _: self._running.discard(running)


def _went_wrong(failure: Failure) -> None:
    if not failure.check(CancelledError):
        log.failure("while telling edges what to forget", failure)
