"""The answer to one attempt at a question, and how long it may take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from edge.core.events import Failure as Reason
from edge.settings import Limits
from edge.upstream.connection import UpstreamConnection
from edge.upstream.failing import UpstreamFailed
from edge.upstream.retold import Retold
from wire.http.fields import ResponseHead
from wire.http.proxy_status import ProxyError


class Answer:
    """The answer of one attempt: its head and its end, each awaited once."""

    def __init__(
        self,
        clock: IReactorTime,
        limits: Limits,
        on_data: Callable[[bytes], None],
        on_interim: Callable[[ResponseHead], None] = lambda _: None,
    ) -> None:
        self.head: Deferred[ResponseHead] = Deferred()
        self.end: Deferred[None] = Deferred()
        self.connection: UpstreamConnection | Retold | None = None
        self._clock = clock
        self._limits = limits
        self._on_data = on_data
        self._on_interim = on_interim
        self._alarm: IDelayedCall | None = None
        self._room_alarm: IDelayedCall | None = None
        self._heard_at = 0.0
        self._patience = limits.between_bytes_seconds
        self._is_waiting = True  # False while we ourselves hold the upstream back
        self._is_over = False

    def expect_head(self) -> None:
        """The question is out: the first byte is awaited from now on."""
        if not self.head.called:
            self._set_alarm(self._limits.first_byte_seconds)

    @contextmanager
    def room_expected(self) -> Iterator[None]:
        """While a piece of the question waits to be taken: that may not last for ever either."""
        self._room_alarm = self._clock.callLater(self._limits.send_seconds, self._stuck)
        try:
            yield
        finally:
            self._cancel_room_alarm()

    def expect_body(self, patience_seconds: float) -> None:
        """The body is let come; silence of so long will end it."""
        self._patience = patience_seconds
        self.held_back(False)

    def watch_body(self) -> None:
        """All that had come is read: from now on there is something to wait for, if it is not over."""
        if not self._is_over:
            self._set_alarm(self._patience)

    def held_back(self, is_held: bool) -> None:
        """Silence is no fault of the upstream while it is held back."""
        self._is_waiting = not is_held
        self._heard_at = self._clock.seconds()

    def interim_arrived(self, head: ResponseHead) -> None:
        self._on_interim(head)

    def head_arrived(self, head: ResponseHead) -> None:
        self.held_back(True)
        self._cancel_alarm()
        self.head.callback(head)

    def data_arrived(self, data: bytes) -> None:
        self._heard_at = self._clock.seconds()
        self._on_data(data)

    def message_ended(self) -> None:
        self._is_over = True
        self._cancel_alarm()
        self.end.callback(None)

    def failed(self, failure: UpstreamFailed) -> None:
        """Told once: to whoever awaits the head, or else the end. Nobody awaits the end of what never began."""
        if self._is_over:
            return
        self._is_over = True
        self._cancel_alarm()
        self._cancel_room_alarm()
        if self.head.called:
            self.end.errback(failure)
        else:
            self.head.errback(failure)

    def drop(self) -> None:
        """Nobody wants the rest."""
        if self.connection is not None and not self._is_over:
            self.connection.abort()
        self.failed(UpstreamFailed(Reason.CUT, "nobody waits for it"))
        for awaited in (self.head, self.end):
            awaited.addErrback(lambda _: None)  # perhaps nobody awaited it yet, and now nobody will

    def _set_alarm(self, seconds: float) -> None:
        self._cancel_alarm()
        self._alarm = self._clock.callLater(seconds, self._rang)

    def _cancel_alarm(self) -> None:
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        self._alarm = None

    def _cancel_room_alarm(self) -> None:
        if self._room_alarm is not None and self._room_alarm.active():
            self._room_alarm.cancel()
        self._room_alarm = None

    def _rang(self) -> None:
        left = self._patience - (self._clock.seconds() - self._heard_at)
        if self.head.called and not self._is_waiting:
            self._set_alarm(self._patience)
        elif self.head.called and left > 0:
            self._set_alarm(left)
        else:
            self._give_up("the upstream took too long", ProxyError.HTTP_RESPONSE_TIMEOUT)

    def _stuck(self) -> None:
        self._give_up("the upstream does not take the request's body", ProxyError.CONNECTION_WRITE_TIMEOUT)

    def _give_up(self, sentence: str, error: ProxyError) -> None:
        if self.connection is not None:
            self.connection.abort()
        self.failed(UpstreamFailed(Reason.TIMED_OUT, sentence, error))
