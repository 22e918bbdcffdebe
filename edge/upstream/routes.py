"""Ways to the origins for what no cache keeps: straight, or through another edge (cdn-vendors §15.3)."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred, FirstError, gatherResults
from twisted.logger import Logger
from twisted.python.failure import Failure

STRAIGHT = ""
log = Logger()


@define(eq=False)
class Routes:
    """The fastest way, by the last measurement. Whoever takes one long after that has all of them measured again behind
    his back; until the first has ended it is straight on.
    """

    through: tuple[str, ...]
    """Base URLs of the other edges."""
    again_seconds: float
    now: Callable[[], float]
    seconds_by: Callable[[str], Deferred[float | None]]
    """How long a test takes through one of them, or `STRAIGHT`; None: it failed."""
    best: str = STRAIGHT
    _measured_at: float | None = field(default=None, init=False)
    _measuring: Deferred[None] | None = field(default=None, init=False)

    def way(self) -> str:
        """The edge to go through; `STRAIGHT`: none."""
        if self._measured_at is None or self.now() - self._measured_at >= self.again_seconds:
            self.measure_soon()
        return self.best

    def failed(self, url: str) -> None:
        """There was no connection to this one: where that was the way, another is looked for at once."""
        if url == self.best or (self.best == STRAIGHT and url not in self.through):
            self.best = STRAIGHT
            self.measure_soon()

    def measure_soon(self) -> None:
        """Try all ways at once, unless that is being done."""
        if self._measuring is None:
            self._measuring = measuring = Deferred.fromCoroutine(self._measure())
            measuring.addErrback(_broken_off)
            measuring.addBoth(self._measured)

    def stop(self) -> None:
        """Nobody takes a way any more."""
        if self._measuring is not None:
            self._measuring.cancel()

    async def _measure(self) -> None:
        ways = (STRAIGHT, *self.through)
        took = await gatherResults([self.seconds_by(way) for way in ways], consumeErrors=True)
        known = {way: seconds for way, seconds in zip(ways, took, strict=True) if seconds is not None}
        self.best = min(known, key=known.__getitem__, default=STRAIGHT)
        log.info("the fastest way is {way}", way=f"through {self.best}" if self.best else "straight on")

    def _measured(self, _: object) -> None:
        self._measuring = None
        self._measured_at = self.now()


def _broken_off(failure: Failure) -> None:
    why = failure.value.subFailure if isinstance(failure.value, FirstError) else failure
    if not why.check(CancelledError):
        log.failure("while measuring ways", why)
