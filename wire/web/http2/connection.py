"""A viewer's HTTP/2 connection: many requests at once, each on its stream, under the windows of both sides."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from time import time
from typing import TYPE_CHECKING, Any

from hpack import HeaderTuple
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress, IDelayedCall, IPushProducer, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from wire.http.dates import format_date
from wire.http2.connection import Connection
from wire.http2.events import (
    BodyEnded,
    Broken,
    DataArrived,
    Event,
    Leaving,
    RequestArrived,
    RequestRefused,
    StreamEnded,
    WindowOpened,
)
from wire.http2.frames import FRAME_BYTES, Code
from wire.http2.limits import Limits
from wire.http2.requests import Line
from wire.web.alarm import Alarm
from wire.web.http2.request import Http2Request
from wire.web.http2.stream import StreamChannel

if TYPE_CHECKING:
    from wire.web.site import StreamingSite

log = Logger()

BATCH_BYTES = 64 * 1024  # of one write to the transport


@implementer(IPushProducer)
class Http2Channel(Protocol):
    """Reads events, answers through streams, writes what the viewer and its socket take."""

    factory: StreamingSite
    transport: Any

    def __init__(self, site: StreamingSite, limits: Limits) -> None:
        self.factory = site
        self.engine = Connection(limits)
        self.streams: dict[int, StreamChannel] = {}
        self.peer: IAddress
        self.host: IAddress
        self.now = site.reactor.seconds
        self._ready: deque[StreamChannel] = deque()
        self._is_full = False
        self._is_closing = False
        self._is_busy = False
        """Events are being told: what they lead to is sent after the last of them."""
        self._sending: IDelayedCall | None = None
        self._look = Alarm(site.reactor, self._look_round)
        self._head = Alarm(site.reactor, self._head_is_late)
        self._stalled = Alarm(site.reactor, self.abort)
        self._opened_at = self._stirred_at = self.now()
        self._has_place = False
        self._is_amid_head = False

    @property
    def request(self) -> Http2Request | None:
        """One that is being answered, if any is."""
        return next((stream.request for stream in self.streams.values()), None)

    # Protocol

    def connectionMade(self) -> None:
        site = self.factory
        self.peer, self.host = self.transport.getPeer(), self.transport.getHost()
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)
        site.channels.add(self)  # type: ignore[arg-type]
        self.transport.registerProducer(self, True)
        self._has_place = site.places.take(self.address)
        if not self._has_place:
            site.refused[503] += 1
            self.engine.leave(Code.ENHANCE_YOUR_CALM)
            self._close()
            return
        self._look.set(site.limits.idle_seconds)
        self._send()
        if self.factory.is_closing:
            self.close_when_idle()

    def dataReceived(self, data: bytes) -> None:
        if self._is_closing:
            return
        self._stirred_at = self.now()
        self._is_busy = True
        try:
            for event in self.engine.receive(data, self.now()):
                _HEAR[type(event)](self, event)
        finally:
            self._is_busy = False
        self._watch_head()
        self._send()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._is_closing = True
        self._stop_alarms()
        if self._has_place:
            self.factory.places.leave(self.address)
        streams, self.streams = self.streams, {}
        for stream in streams.values():
            stream.lost(reason)
        self.factory.channel_closed(self)  # type: ignore[arg-type]

    # What the engine tells

    def _request_arrived(self, event: RequestArrived) -> None:
        self.begin(event)

    def begin(self, arrived: RequestArrived) -> None:
        """Open a stream's channel, and hand its request to whoever answers it."""
        stream = self.streams[arrived.stream] = StreamChannel(self, arrived)
        stream.start()

    def _request_refused(self, event: RequestRefused) -> None:
        """One sentence in place of an answer (RFC 9113 §8.1.1)."""
        self.factory.refused[event.status] += 1
        self.refuse(event.stream, event.status, event.sentence)
        if event.stream in self.engine.streams:
            self.engine.reset(event.stream, Code.PROTOCOL_ERROR)

    def _data_arrived(self, event: DataArrived) -> None:
        stream = self.streams.get(event.stream)
        if stream is not None:
            stream.body_arrived(event.data, event.flow)

    def _body_ended(self, event: BodyEnded) -> None:
        stream = self.streams.get(event.stream)
        if stream is not None:
            stream.body_ended()

    def _stream_ended(self, event: StreamEnded) -> None:
        """This viewer's interest in one answer is over; in the others it is not."""
        stream = self.streams.pop(event.stream, None)
        if stream is not None:
            stream.lost(Failure(ConnectionDone(f"the stream was reset ({event.code})")))

    def _window_opened(self, event: WindowOpened) -> None:
        opened = self.streams.values() if event.stream == 0 else [self.streams.get(event.stream)]
        for stream in opened:
            if stream is not None and stream.is_blocked:
                self.wants_to_send(stream)

    def _peer_leaves(self, event: Leaving) -> None:
        self.close_when_idle()

    def _broken(self, event: Broken) -> None:
        log.info("HTTP/2 with {peer} ends: {why}", peer=getattr(self.peer, "host", "?"), why=event.sentence)
        self._close()

    # What streams want

    def refuse(self, number: int, status: int, sentence: str) -> None:
        """A whole answer of one sentence, if the viewer's window takes it."""
        content = sentence.encode() + b"\n"
        head = [
            (b":status", b"%d" % status),
            (b"date", format_date(time()).encode("ascii")),
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(content)),
            (b"cache-control", b"no-store"),
        ]
        self.engine.send_head(number, head, is_last=False)
        if self.engine.room_for(number) >= len(content):
            self.engine.send_data(number, content, is_last=True)
        self.send_soon()

    def wants_to_send(self, stream: StreamChannel) -> None:
        """Something waits to be sent on a stream."""
        if stream not in self._ready:
            self._ready.append(stream)
        self.send_soon()

    def send_head(self, stream: StreamChannel, lines: Iterable[HeaderTuple | Line], *, is_last: bool) -> None:
        """A head goes out before any data that waits."""
        self.engine.send_head(stream.number, lines, is_last=is_last)
        self.send_soon()

    def consumed(self, stream: StreamChannel, flow: int) -> None:
        """So much of a request's body was taken."""
        if flow:
            self.engine.consumed(stream.number, flow)
            self.send_soon()

    def reset(self, stream: StreamChannel, code: Code) -> None:
        """End a stream."""
        stream.is_over = True
        self.streams.pop(stream.number, None)
        if stream.number in self.engine.streams:
            self.engine.reset(stream.number, code)
        self.send_soon()

    def answered(self, stream: StreamChannel) -> None:
        """The answer is out. A body that is still coming is of no more use (RFC 9113 §8.1)."""
        self._stirred_at = self.now()
        self.streams.pop(stream.number, None)
        if stream.number in self.engine.streams:
            self.engine.reset(stream.number, Code.NO_ERROR)
        if not self.streams and self._is_old:
            self.engine.leave()
        self._close_if_done()

    def soon(self, step: Callable[[], None]) -> None:
        """In the reactor's next turn."""
        self.factory.reactor.callLater(0, step)

    # Sending

    def send_soon(self) -> None:
        """Send at the end of this turn: what belongs together goes in one write."""
        if not self._is_busy and self._sending is None and not self._is_closing:
            self._sending = self.factory.reactor.callLater(0, self._send)

    def _send(self) -> None:
        """What the engine has, then a frame of each stream in turn, as long as the socket takes it."""
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
        size = 0
        while self._ready and size < BATCH_BYTES and not self._is_full:
            stream = self._ready.popleft()
            size += FRAME_BYTES
            if stream.send_some():
                self._ready.append(stream)

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

    # Time

    def _look_round(self) -> None:
        """Now and then: who asks for nothing may go, who takes none of an answer must, whatever else it sends."""
        limits, now = self.factory.limits, self.now()
        if not self.streams and now - self._stirred_at >= limits.idle_seconds:
            self.loseConnection()
            return
        for stream in tuple(self.streams.values()):
            if stream.is_blocked and now - stream.moved_at >= limits.stall_seconds:
                self.reset(stream, Code.CANCEL)
                stream.lost(Failure(ConnectionDone("the viewer took nothing")))
            elif now - stream.started_at >= limits.request_seconds:
                stream.ran_too_long()
        if self._is_old:
            self.close_when_idle()
        quiet = 0.0 if self.streams else now - self._stirred_at
        self._look.set(limits.idle_seconds - quiet)

    @property
    def _is_old(self) -> bool:
        return self.now() - self._opened_at > self.factory.limits.connection_seconds

    def _watch_head(self) -> None:
        """A header block that has begun must end in time, whatever else comes of it."""
        if not self.engine.is_amid_head:
            self._head.stop()
            self._is_amid_head = False
        elif not self._is_amid_head:
            self._is_amid_head = True
            self._head.set(self.factory.limits.head_seconds)

    def _head_is_late(self) -> None:
        self.factory.refused[408] += 1
        self.engine.leave(Code.ENHANCE_YOUR_CALM)
        self._close()

    def _stop_alarms(self) -> None:
        if self._sending is not None and self._sending.active():
            self._sending.cancel()
        for alarm in (self._look, self._head, self._stalled):
            alarm.stop()

    # What a site asks of its channels

    def close_when_idle(self) -> None:
        """Take no more requests; close when those that run are answered."""
        if not self.streams:
            self.loseConnection()
        elif not self.engine.is_leaving:
            self.engine.say_farewell()
            self._send()

    def _close_if_done(self) -> None:
        if self.engine.is_leaving and not self.streams and not self._is_closing:
            self._close()

    def _close(self) -> None:
        """Close behind what is written."""
        self._is_closing = True
        data = self.engine.take()
        if data:
            self.transport.write(data)
        if not self._is_full:  # or else it is set already
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

    @property
    def address(self) -> str:
        """The viewer's."""
        return str(getattr(self.peer, "host", ""))


_HEAR: dict[type[Event], Callable[[Http2Channel, Any], None]] = {
    RequestArrived: Http2Channel._request_arrived,
    RequestRefused: Http2Channel._request_refused,
    DataArrived: Http2Channel._data_arrived,
    BodyEnded: Http2Channel._body_ended,
    StreamEnded: Http2Channel._stream_ended,
    WindowOpened: Http2Channel._window_opened,
    Leaving: Http2Channel._peer_leaves,
    Broken: Http2Channel._broken,
}
