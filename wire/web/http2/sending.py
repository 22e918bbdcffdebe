"""The sending half of a viewer's HTTP/2 connection: what its streams have, as the socket takes it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from hpack import HeaderTuple
from twisted.internet.interfaces import IDelayedCall, IPushProducer
from twisted.internet.protocol import Protocol
from zope.interface import implementer

from wire.http.lines import Line
from wire.http2.connection import Connection
from wire.http2.frames import Code
from wire.http2.limits import Limits
from wire.web.alarm import Alarm
from wire.web.http2.stream import StreamChannel, as_sent
from wire.web.refusing import refusal

if TYPE_CHECKING:
    from wire.web.site import StreamingSite

BATCH_BYTES = 64 * 1024  # of one write to the transport


@implementer(IPushProducer)
class SendingChannel(Protocol):
    """Carries frames to the transport: the engine's own, then some of each stream that has any, in turn."""

    factory: StreamingSite
    transport: Any

    def __init__(self, site: StreamingSite, limits: Limits) -> None:
        self.factory = site
        self.engine = Connection(limits)
        self.streams: dict[int, StreamChannel] = {}
        self.now = site.reactor.seconds
        self._opened_at = self._idle_since = self.now()
        """When the last stream left, if there is none."""
        self._ready: deque[StreamChannel] = deque()
        self._is_full = False
        self._is_closing = False
        self._is_busy = False
        """Events are being told: what they lead to is sent after the last of them."""
        self._sending: IDelayedCall | None = None
        self._stalled = Alarm(site.reactor, self.abort)

    # What streams want

    def refuse(self, number: int, status: int, sentence: str) -> None:
        """A whole answer of one sentence, if the viewer's window takes it."""
        lines, content = refusal(status, sentence, self.now())
        self.engine.send_head(number, as_sent(status, lines), is_last=False)
        if self.engine.room_for(number) >= len(content):
            self.engine.send_data(number, content, is_last=True)
        self.send_soon()

    def wants_to_send(self, stream: StreamChannel) -> None:
        """Something waits to be sent on a stream."""
        if stream not in self._ready:
            self._ready.append(stream)
        self.send_soon()

    def send_head(self, stream: StreamChannel, lines: Iterable[HeaderTuple | Line], *, is_last: bool) -> int:
        """A head goes out before any data that waits. How many bytes it came to."""
        size = self.engine.send_head(stream.number, lines, is_last=is_last)
        self.send_soon()
        return size

    def consumed(self, stream: StreamChannel, flow: int) -> None:
        """So much of a request's body was taken."""
        if flow:
            self.engine.consumed(stream.number, flow)
            self.send_soon()

    def reset(self, stream: StreamChannel, code: Code) -> None:
        """End a stream."""
        stream.is_over = True
        self.leaves(stream.number)
        if stream.number in self.engine.streams:
            self.engine.reset(stream.number, code)
        self.send_soon()

    def leaves(self, number: int) -> StreamChannel | None:
        """Forget a stream."""
        self._idle_since = self.now()
        return self.streams.pop(number, None)

    def soon(self, step: Callable[[], None]) -> None:
        """In the reactor's next turn."""
        self.factory.reactor.callLater(0, step)

    # Sending

    def send_soon(self) -> None:
        """Send at the end of this turn: what belongs together goes in one write."""
        if not self._is_busy and self._sending is None and not self._is_closing:
            self._sending = self.factory.reactor.callLater(0, self._send)

    def _send(self) -> None:
        """What the engine has, then some frames of each stream in turn, as long as the socket takes them."""
        if self._sending is not None and self._sending.active():
            self._sending.cancel()
        self._sending = None
        while True:
            self._is_busy = True
            try:
                self._gather()
            finally:
                self._is_busy = False
            data = self.engine.take()
            if data:
                self.transport.write(data)
            if not self._ready or self._is_full or self._is_closing:
                break
        self._close_if_done()

    def _gather(self) -> None:
        """Let streams fill one batch."""
        while self._ready and self.engine.waiting < BATCH_BYTES and not self._is_full:
            stream = self._ready.popleft()
            if stream.send_some():
                self.wants_to_send(stream)

    # The transport's pace

    def pauseProducing(self) -> None:
        self._is_full = True
        self._stalled.set(self.factory.limits.stall_seconds)

    def resumeProducing(self) -> None:
        self._is_full = False
        self._stalled.stop()
        self.send_soon()

    def stopProducing(self) -> None:
        """`connectionLost` says so, too."""

    # Its end

    def _close_if_done(self) -> None:
        """With no answer under way, close if that was announced or the connection is old."""
        if self.streams or self._is_closing:
            return
        if self._is_old and not self.engine.is_leaving:
            self.engine.leave()
        if self.engine.is_leaving:
            self._close()

    @property
    def _is_old(self) -> bool:
        return self.now() - self._opened_at > self.factory.limits.connection_seconds

    def _close(self) -> None:
        """Close behind what is written."""
        self._is_closing = True
        data = self.engine.take()
        if data:
            self.transport.write(data)
        if not self._stalled.is_set:
            self._stalled.set(self.factory.limits.stall_seconds)  # for a peer that does not hang up
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def loseConnection(self) -> None:
        """Close behind what is written."""
        if not self._is_closing:
            self.engine.leave()
            self._close()

    def abort(self) -> None:
        """End it at once."""
        self.transport.abortConnection()
