"""Asks upstreams, again and again, whether they are ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Never

from treq import content
from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as GaveUp
from twisted.internet.error import ConnectError, TCPTimedOutError
from twisted.internet.error import TimeoutError as NotConnected
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.web.client import Agent, ResponseFailed

from edge.upstream.standings import Miss, Standing, Standings

log = Logger()

UNANSWERED = (GaveUp, NotConnected, TCPTimedOutError)


class Checks(Service):
    """One loop for each upstream that can be asked: `{base URL: the URL that answers 2xx or 3xx when it is}`."""

    def __init__(
        self,
        standings: Standings,
        questions: Mapping[str, str],
        agent: Agent,
        clock: IReactorTime,
        *,
        interval_seconds: float,
        timeout_seconds: float,
    ) -> None:
        self._standings = standings
        self._questions = dict(questions)
        self._agent = agent
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._timeout_seconds = timeout_seconds
        self._loops: list[LoopingCall] = []
        self.on_silent: Callable[[str], None] = lambda url: None
        """Told of an upstream that is down and does not even say so."""
        self.on_passed: Callable[[str, float], None] = lambda url, seconds: None
        """Told of every check that was passed, and how long the answer took."""
        self._checking: dict[str, Deferred[float]] = {}
        standings.on_suspect = self.check_soon
        standings.on_change = self._tell

    def startService(self) -> None:
        super().startService()
        for url in self._questions:
            loop = LoopingCall(self.check_soon, url)
            loop.clock = self._clock
            loop.start(self._interval_seconds, now=True)
            self._loops.append(loop)

    def stopService(self) -> None:
        super().stopService()
        for loop in self._loops:
            loop.stop()
        self._loops.clear()
        for checking in tuple(self._checking.values()):
            checking.cancel()

    def check_soon(self, url: str) -> None:
        """Ask now, unless it is being asked, or is not there."""
        is_known = url in self._questions and url not in self._standings.away
        if not self.running or not is_known or url in self._checking:
            return
        asking = Deferred.fromCoroutine(self._ask(url))
        asking.addTimeout(self._timeout_seconds, self._clock, onTimeoutCancel=_give_up)
        self._checking[url] = asking
        asking.addBoth(self._asked, url)
        asking.addCallbacks(
            lambda seconds: self._passed(url, seconds), lambda failure: self._missed(url, failure.value)
        )
        asking.addErrback(lambda failure: log.failure("while checking {url}", failure, url=url))

    def _asked(self, result: object, url: str) -> object:
        del self._checking[url]
        return result

    async def _ask(self, url: str) -> float:
        started = self._clock.seconds()
        response = await self._agent.request(b"GET", self._questions[url].encode("ascii"))
        told = await content(response)
        if not 200 <= response.code < 400:
            raise NotReady(f"not ready: {told[:200].decode('utf-8', 'replace').strip()}")
        return self._clock.seconds() - started

    def _passed(self, url: str, seconds: float) -> None:
        if url in self._standings.away:  # it left while it was being asked
            return
        self._standings.check_passed(url)
        self.on_passed(url, seconds)

    def _missed(self, url: str, error: BaseException) -> None:
        if url in self._standings.away or (isinstance(error, CancelledError) and not self.running):
            return
        if not isinstance(error, NotReady | ConnectError | ResponseFailed | OSError):
            log.debug("{url} missed a check: {error!r}", url=url, error=error)
        self._standings.check_missed(url, str(error) or type(error).__name__, _how(error))
        if self._standings.is_silent(url):
            self.on_silent(url)  # a draining one still finishes what it has begun

    def _tell(self, url: str, standing: Standing, reason: str) -> None:
        log.info("{url} is {standing} {reason}", url=url, standing=standing.value, reason=reason)


def _give_up(_: object, seconds: float) -> Never:
    raise GaveUp(f"no answer within {seconds:g} s")


def _how(error: BaseException) -> Miss:
    if isinstance(error, NotReady):
        return Miss.UNREADY
    return Miss.UNANSWERED if isinstance(error, UNANSWERED) else Miss.REFUSED


class NotReady(Exception):
    """It answers, but not as one that is ready."""
