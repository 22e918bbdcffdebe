"""What clouds use by the day: counted in memory, added to the catalogue's sums every now and then."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from origin.catalogue import Tallies, Tally
from wire.errors import Unavailable

log = Logger()

DAY = 24 * 3600
REQUESTS, BANDWIDTH, TRANSFORMATIONS = "requests", "bandwidth", "transformations"


class Meter(Service):
    """Counts for one process. What a killed process has counted since its last round is lost."""

    def __init__(
        self, tallies: Tallies, *, clock: IReactorTime, now: Callable[[], float], every_seconds: float = 2.0
    ) -> None:
        self._tallies = tallies
        self._now = now
        self._every_seconds = every_seconds
        self._counted: Counter[Tally] = Counter()
        self._loop = LoopingCall(self._round)
        self._loop.clock = clock
        self._looping: Deferred[Any] | None = None

    def count(self, cloud: str, kind: str, amount: int = 1) -> None:
        """Note what a cloud has used today."""
        self._counted[Tally(cloud, kind, int(self._now() // DAY))] += amount

    async def flush(self) -> None:
        """Add what was counted to the sums; kept for the next time where they are out of reach."""
        counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            await self._tallies.add_all(counted)
        except Unavailable as error:
            self._counted.update(counted)
            log.debug("use is noted later: {why}", why=str(error))

    def startService(self) -> None:
        super().startService()
        self._looping = self._loop.start(self._every_seconds, now=False)

    def stopService(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        if self._looping is not None:
            await self._looping
        await self.flush()

    def _round(self) -> "Deferred[None]":
        return Deferred.fromCoroutine(self._safely())

    async def _safely(self) -> None:
        try:
            await self.flush()
        except CancelledError:
            raise
        except Exception:  # noqa: BLE001  the border: one bad round must not end all rounds
            log.failure("while noting what clouds use")
