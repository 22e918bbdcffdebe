"""A pool that notices who has gone silent, and can hang up on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from edge.core.invalidation import SAFE
from edge.upstream.connection import UpstreamConnection
from edge.upstream.dials import Dials
from edge.upstream.failing import UpstreamFailed
from edge.upstream.pool import Pool
from wire.http.fields import RequestHead
from wire.web.alarm import Alarm

LOOK_SECONDS = 0.2  # who has not answered by then may be at work on it, or gone
THERE_SECONDS = 1.0  # who took a call so lately is there


class Lines(Pool):
    """A pool that knows who is at the other end.

    A killed upstream resets its connections, and those who wait are helped at once. A stopped or unreachable one
    says nothing: they would wait as long as an image may take to render. Once somebody knows better, so do they: the
    checks do in time, and the pool itself looks after those that leave a question unanswered, by dialling them anew.
    """

    def __init__(self, *args: Any, **told: Any) -> None:
        super().__init__(*args, **told)
        self.on_missing: Callable[[str], None] = lambda upstream: None
        """Told of an upstream that takes no call, and perhaps never will."""
        self._lines: dict[str, set[UpstreamConnection]] = defaultdict(set)
        self._dials = Dials(self._clock, lambda upstream: self.on_missing(upstream))
        self._waited: dict[UpstreamConnection, int] = {}
        """Those without an answer at the last look, and the number of its question."""
        self._looking = Alarm(self._clock, self._look)

    async def take(self, upstream: str, *, fresh: bool = False) -> UpstreamConnection:
        connection = await super().take(upstream, fresh=fresh)
        self._look_soon()
        return connection

    def take_idle(self, upstream: str) -> UpstreamConnection | None:
        self._look_soon()
        return super().take_idle(upstream)

    async def close(self) -> None:
        self._looking.stop()
        await super().close()
        self._dials.give_up_all()

    def hang_up(self, upstream: str, *, validations_only: bool = False) -> int:
        """End every connection on which no answer has begun; how many. What is flowing is left to flow, and what may
        not be done twice is left to be done. Whoever waits for a connection hears that there is none.

        `validations_only`: of connections, those alone whose askers hold something that may stand in for the answer.
        """
        silent = [
            line
            for line in self._lines[upstream]
            if line.is_open and not line.answer_has_begun and _may_be_left(line.asked, validations_only)
        ]
        for line in silent:
            line.hang_up()
        self._dials.give_up(upstream)
        return len(silent)

    # Who is at the other end

    async def _dial(self, upstream: str) -> UpstreamConnection:
        connection = await self._dials.finished(upstream, Deferred.fromCoroutine(super()._dial(upstream)))
        self._lines[upstream].add(connection)
        return connection

    def _forget(self, upstream: str, connection: UpstreamConnection) -> None:
        super()._forget(upstream, connection)
        self._lines[upstream].discard(connection)

    def _look_soon(self) -> None:
        if not self._looking.is_set and not self._is_closed:
            self._looking.set(LOOK_SECONDS)

    def _look(self) -> None:
        waited, self._waited = self._waited, {}
        for upstream, lines in self._lines.items():
            waiting = {line: line.questions for line in lines if line.is_waiting}
            self._waited |= waiting
            if any(waited.get(line) == question for line, question in waiting.items()):
                self._look_after(upstream)
        if self._waited:
            self._look_soon()

    def _look_after(self, upstream: str) -> None:
        """Is anybody there?"""
        there_until = self._dials.answered_at.get(upstream, 0.0) + THERE_SECONDS
        if not self._dials.are_under_way(upstream) and self._clock.seconds() >= there_until:
            calling = Deferred.fromCoroutine(self._dial(upstream))
            calling.addCallback(lambda connection: self._put_back(upstream, connection))
            calling.addErrback(lambda failure: failure.trap(UpstreamFailed))  # whoever asks finds out


def _may_be_left(asked: RequestHead | None, validations_only: bool) -> bool:
    if asked is None:
        return True
    is_validation = "if-none-match" in asked.fields or "if-modified-since" in asked.fields
    return asked.method in SAFE and (is_validation or not validations_only)
