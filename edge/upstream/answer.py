"""The answer to one attempt at a question, and how long it may take."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from edge.core.events import Failure as Reason
from edge.settings import Limits
from edge.upstream.connection import UpstreamConnection, UpstreamFailed
from wire.http.fields import ResponseHead


class Answer:
    """The answer of one attempt: its head and its end, each awaited once."""

    def __init__(self, clock: IReactorTime, limits: Limits, on_data: Callable[[bytes], None]) -> None:
        self.head: Deferred[ResponseHead] = Deferred()
        self.end: Deferred[None] = Deferred()
        self.connection: UpstreamConnection | None = None
        self._clock = clock
        self._limits = limits
        self._on_data = on_data
        self._alarm: IDelayedCall | None = None
        self._heard_at = 0.0
        self._is_waiting = True  # False while we ourselves hold the upstream back

    def expect_head(self) -> None:
        """The question is out: the first byte is awaited from now on."""
        if not self.head.called:
            self._set_alarm(self._limits.first_byte_seconds)

    def held_back(self, is_held: bool) -> None:
        """Silence is no fault of the upstream while it is held back."""
        self._is_waiting = not is_held
        self._heard_at = self._clock.seconds()

    def head_arrived(self, head: ResponseHead) -> None:
        self.held_back(True)
        self._set_alarm(self._limits.between_bytes_seconds)
        self.head.callback(head)

    def data_arrived(self, data: bytes) -> None:
        self._heard_at = self._clock.seconds()
        self._on_data(data)

    def message_ended(self) -> None:
        self._cancel_alarm()
        self.end.callback(None)

    def failed(self, failure: UpstreamFailed) -> None:
        self._cancel_alarm()
        if not self.head.called:
            self.head.errback(failure)
        elif not self.end.called:
            self.end.errback(failure)

    def drop(self) -> None:
        """Nobody wants the rest."""
        if self.connection is not None and not self.end.called:
            self.connection.abort()
        self.failed(UpstreamFailed(Reason.CUT, "nobody waits for it"))
        self.end.addErrback(lambda _: None)  # perhaps nobody awaited it yet, and now nobody will

    def _set_alarm(self, seconds: float) -> None:
        self._cancel_alarm()
        self._alarm = self._clock.callLater(seconds, self._rang)

    def _cancel_alarm(self) -> None:
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        self._alarm = None

    def _rang(self) -> None:
        silence = self._limits.between_bytes_seconds - (self._clock.seconds() - self._heard_at)
        if self.head.called and not self._is_waiting:
            self._set_alarm(self._limits.between_bytes_seconds)
        elif self.head.called and silence > 0:
            self._set_alarm(silence)
        else:
            if self.connection is not None:
                self.connection.abort()
            self.failed(UpstreamFailed(Reason.TIMED_OUT, "the upstream took too long"))
