"""Viewers of a running world that its page calls in: every region's, until they are sent away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, evolve, field
from twisted.internet.defer import CancelledError, Deferred, DeferredLock
from twisted.logger import Logger

from sim.demo.seed import CloudAccess
from sim.scenarios.running import questions, stream
from sim.scenarios.script import Viewers
from sim.topology.model import Region
from sim.traffic.answers import Tier
from sim.traffic.run import pictures_of, sources_of
from sim.traffic.send import Pace, Sender
from sim.traffic.targets import Targets
from sim.transfer.cloud import TransferError
from wire.errors import InvalidRequest, Unavailable

log = Logger()

HIGHEST_RATE = 200.0  # one process asks, and it has other things to do


@define
class Audience:
    """At most one audience at a time."""

    reactor: Any
    front: str
    """Base URL that they ask."""
    access: CloudAccess
    regions: Mapping[str, Region]
    viewers: Viewers = field(factory=lambda: Viewers(widths=(160, 320, 640), keys=36))
    _rate: float = 0.0
    _sender: Sender | None = None
    _sending: Deferred[Any] | None = None
    _turn: DeferredLock = field(factory=DeferredLock)

    async def traffic(self, told: Any) -> dict[str, Any]:
        """`{"rate": 20}`: so many requests a second from now on, a new count; 0 sends all viewers away."""
        rate = told.get("rate") if isinstance(told, dict) else None
        if not isinstance(rate, int | float) or isinstance(rate, bool) or not 0 <= rate <= HIGHEST_RATE:
            raise InvalidRequest(f'A command looks like {{"rate": 20}}, of 0 to {HIGHEST_RATE:.0f} a second')
        await self._turn.acquire()
        try:
            await self._leave()
            if rate:
                await self._come(float(rate))
        finally:
            self._turn.release()
        return self.told()

    def told(self) -> dict[str, Any]:
        """What the page shows: requests a second, and what came of them so far."""
        counts = self._sender.tally.all if self._sender is not None else None
        return {
            "rate": self._rate,
            "requests": counts.requests if counts else 0,
            "failures": counts.failures if counts else 0,
            "by_edges": counts.share(Tier.EDGE) if counts else None,
            "p95_ms": round(counts.took.quantile(0.95) * 1000, 1) if counts and counts.requests else None,
        }

    async def end(self) -> None:
        """Send them away, and close what they opened."""
        await self._leave()

    async def _come(self, rate: float) -> None:
        try:
            pictures = await pictures_of(self.reactor, self.access)
        except TransferError as error:
            raise Unavailable(f"The cloud does not tell its pictures: {error}") from error
        if not pictures:
            raise InvalidRequest("The cloud has no pictures to ask for: upload one")
        viewers = evolve(self.viewers, rate=rate)
        records = stream(viewers, questions(viewers), tuple(self.regions))
        pace = Pace(patience_seconds=viewers.patience.seconds)
        targets = Targets(self.access.cloud, pictures)
        self._sender = Sender(self.reactor, self.front, targets, sources_of(self.regions), pace)
        self._rate = rate
        self._sending = Deferred.fromCoroutine(self._sender.run(records))
        self._sending.addErrback(self._over)

    async def _leave(self) -> None:
        self._rate = 0.0
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.cancel()
            await sending

    def _over(self, failure: Any) -> None:
        if not failure.check(CancelledError):
            self._rate = 0.0
            log.failure("the viewers ended", failure)
