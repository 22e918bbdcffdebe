"""How long a viewer's connection is waited for, and for what."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from twisted.internet.interfaces import IReactorTime

from wire.web.alarm import Alarm
from wire.web.body import RequestBody
from wire.web.limits import ConnectionLimits


class Awaited(Enum):
    """What a connection waits for."""

    REQUEST = "a request"
    HEAD = "the rest of a head"
    BODY = "a body"
    ANSWER = "the end of an answer"
    REST = "the rest of a body whose answer is out"
    GOODBYE = "the client to hang up"


class Patience:
    """Tells `on_out` what was waited for in vain. One timer a connection, whatever is awaited."""

    def __init__(
        self, clock: IReactorTime, limits: ConnectionLimits, on_out: Callable[[Awaited], None]
    ) -> None:
        self.awaited = Awaited.REQUEST
        self._clock = clock
        self._limits = limits
        self._on_out = on_out
        self._alarm = Alarm(clock, self._rang)
        self.opened_at = clock.seconds()
        self._ends_at = 0.0
        self._body: RequestBody | None = None
        self._counted_from = 0.0
        self._counted = 0
        self.for_request()

    @property
    def is_out_of_age(self) -> bool:
        """Whether the connection has been there for so long that it should not be kept."""
        return self._clock.seconds() - self.opened_at > self._limits.connection_seconds

    def for_request(self, waited: float = 0.0) -> None:
        """Nothing has come yet, or not for so many seconds."""
        self._await(Awaited.REQUEST, self._limits.idle_seconds - waited)

    def for_head(self) -> None:
        """Its beginning has come; more of it buys no time."""
        if self.awaited is not Awaited.HEAD:
            self._await(Awaited.HEAD, self._limits.head_seconds)

    def for_body(self, body: RequestBody) -> None:
        """The head is complete, and a body follows: it must come fast enough, span by span."""
        self._ends_at = self._clock.seconds() + self._limits.request_seconds
        self._body = body
        self.count_anew()
        self._await(Awaited.BODY, self._limits.body_seconds)

    def count_anew(self) -> None:
        """The body was held back, which is no fault of who sends it."""
        if self._body is not None:
            self._counted_from, self._counted = self._clock.seconds(), self._body.received

    def for_answer(self) -> None:
        """The request is all here."""
        if self.awaited is not Awaited.BODY:
            self._ends_at = self._clock.seconds() + self._limits.request_seconds
        self._await(Awaited.ANSWER, self._ends_at - self._clock.seconds())

    def for_rest(self) -> None:
        """The answer is out, and the client still sends."""
        self._await(Awaited.REST, self._limits.linger_seconds)

    def for_goodbye(self, seconds: float) -> None:
        """All is said."""
        self._await(Awaited.GOODBYE, seconds)

    def stop(self) -> None:
        """The connection has gone."""
        self._alarm.stop()

    def _await(self, awaited: Awaited, seconds: float) -> None:
        self.awaited = awaited
        self._alarm.set(max(0.0, seconds))

    def _rang(self) -> None:
        body, now = self._body, self._clock.seconds()
        if self.awaited is Awaited.BODY and body is not None and now >= self._ends_at:
            self._on_out(Awaited.ANSWER)
        elif self.awaited is Awaited.BODY and body is not None and not self._is_too_slow(body, now):
            self.count_anew()
            self._alarm.set(max(0.0, min(self._limits.body_seconds, self._ends_at - now)))
        else:
            self._on_out(self.awaited)

    def _is_too_slow(self, body: RequestBody, now: float) -> bool:
        due = self._limits.body_rate * (now - self._counted_from)
        return not body.is_paused and body.is_wanted and body.received - self._counted < due
