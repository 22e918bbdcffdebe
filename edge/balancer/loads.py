"""Asks PoPs how busy they are, where viewers go there without passing through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from treq import json_content
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import Agent

log = Logger()


class Loads(Service):
    """One loop for all: `{base URL: its /status}`. Who does not answer is as busy as it last said."""

    def __init__(
        self,
        questions: Mapping[str, str],
        tell: Callable[[str, int], None],
        agent: Agent,
        clock: IReactorTime,
        *,
        interval_seconds: float,
        timeout_seconds: float,
    ) -> None:
        self._questions = dict(questions)
        self._tell = tell
        self._agent = agent
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._interval_seconds = interval_seconds
        self._asking: dict[str, Deferred[None]] = {}
        self._loop = LoopingCall(self._ask_all)
        self._loop.clock = clock

    def startService(self) -> None:
        super().startService()
        self._loop.start(self._interval_seconds, now=True)

    def stopService(self) -> None:
        super().stopService()
        self._loop.stop()
        for asking in tuple(self._asking.values()):
            asking.cancel()

    def _ask_all(self) -> None:
        for url in self._questions.keys() - self._asking.keys():
            asking = Deferred.fromCoroutine(self._ask(url))
            asking.addTimeout(self._timeout_seconds, self._clock)
            self._asking[url] = asking
            asking.addBoth(self._asked, url)
            asking.addErrback(self._untold, url)

    def _asked(self, result: object, url: str) -> object:
        del self._asking[url]
        return result

    def _untold(self, failure: Failure, url: str) -> None:
        log.debug("{url} told no load: {why}", url=url, why=failure.value)

    async def _ask(self, url: str) -> None:
        status: Any = await json_content(
            await self._agent.request(b"GET", self._questions[url].encode("ascii"))
        )
        running = status.get("in_flight") if isinstance(status, dict) else None
        if isinstance(running, int):
            self._tell(url, running)
