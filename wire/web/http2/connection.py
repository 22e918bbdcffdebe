"""A viewer's HTTP/2 connection: many requests at once, each on its stream, under the windows of both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress, ITCPTransport
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from wire.http2 import events as ev
from wire.http2.frames import Code
from wire.http2.limits import Limits
from wire.web.alarm import Alarm
from wire.web.files import SharedFile
from wire.web.http2.request import Http2Request
from wire.web.http2.sending import BATCH_BYTES, SendingChannel
from wire.web.http2.stream import StreamChannel

if TYPE_CHECKING:
    from wire.web.site import StreamingSite

log = Logger()


class Http2Channel(SendingChannel):
    """Reads events, and answers through streams."""

    peer: IAddress
    host: IAddress
    address: str
    """The viewer's."""
    opened_at = 0.0
    """When the viewer came, by the reactor's clock."""
    _heard_at = 0.0
    """When what is being told of came."""

    def __init__(self, site: StreamingSite, limits: Limits) -> None:
        super().__init__(site, limits)
        self._look = Alarm(site.reactor, self._look_round)
        self._head = Alarm(site.reactor, self._head_is_late)
        self._has_place = False

    @property
    def request(self) -> Http2Request | None:
        """One that is being answered, if any is."""
        return next((stream.request for stream in self.streams.values()), None)

    # Protocol

    def connectionMade(self) -> None:
        site = self.factory
        self.peer, self.host = self.transport.getPeer(), self.transport.getHost()
        self.address = str(getattr(self.peer, "host", ""))
        self.opened_at = self.now()
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)
        site.channels.add(self)
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
        self._is_busy = True
        self._heard_at = self.now()
        try:
            for event in self.engine.receive(data, self._heard_at):
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
        self.factory.channel_closed(self)

    # What the engine tells

    def _request_arrived(self, event: ev.RequestArrived) -> None:
        self.begin(event)

    def begin(self, arrived: ev.RequestArrived) -> None:
        """Open a stream's channel, and hand its request to whoever answers it."""
        stream = self.streams[arrived.stream] = StreamChannel(self, arrived)
        stream.start()

    def answer(self, arrived: ev.RequestArrived, block: bytes, body: bytes = b"") -> None:
        """The whole answer to a request, its head packed already: at once if that is one batch at most, and windows
        and socket take it."""
        number, is_busy = arrived.stream, bool(self._ready) or self._is_full
        if is_busy or len(body) > BATCH_BYTES or not self.engine.send_whole(number, block, body):
            stream = self.streams[number] = StreamChannel(self, arrived)
            stream.answer(block, body)
            return
        self._idle_since = self._heard_at
        self._end(number)
        if self.engine.waiting >= BATCH_BYTES:
            self.transport.write(self.engine.take())

    def answer_from_file(self, arrived: ev.RequestArrived, block: bytes, file: SharedFile) -> None:
        """The whole answer, whose body is all of a file; the caller may close it behind this."""
        stream = self.streams[arrived.stream] = StreamChannel(self, arrived)
        stream.answer_from_file(block, file)

    def _request_refused(self, event: ev.RequestRefused) -> None:
        """One sentence in place of an answer (RFC 9113 §8.1.1)."""
        self.factory.refused[event.status] += 1
        self._idle_since = self.now()
        self.refuse(event.stream, event.status, event.sentence)
        if event.stream in self.engine.streams:
            self.engine.reset(event.stream, Code.PROTOCOL_ERROR)

    def _data_arrived(self, event: ev.DataArrived) -> None:
        stream = self.streams.get(event.stream)
        if stream is not None:
            stream.body_arrived(event.data, event.flow)

    def _body_ended(self, event: ev.BodyEnded) -> None:
        stream = self.streams.get(event.stream)
        if stream is not None:
            stream.body_ended()

    def _stream_ended(self, event: ev.StreamEnded) -> None:
        """This viewer's interest in one answer is over; in the others it is not."""
        stream = self.leaves(event.stream)
        if stream is not None:
            stream.lost(Failure(ConnectionDone(f"the stream was reset ({event.code})")))

    def _window_opened(self, event: ev.WindowOpened) -> None:
        opened = self.streams.values() if event.stream == 0 else [self.streams.get(event.stream)]
        for stream in opened:
            if stream is not None and stream.is_blocked:
                self.wants_to_send(stream)

    def _peer_leaves(self, event: ev.Leaving) -> None:
        self.close_when_idle()

    def _broken(self, event: ev.Broken) -> None:
        log.info("HTTP/2 with {peer} ends: {why}", peer=getattr(self.peer, "host", "?"), why=event.sentence)
        self._close()

    # What streams want

    def answered(self, stream: StreamChannel) -> None:
        """The answer is out. A body that is still coming is of no more use (RFC 9113 §8.1)."""
        self.leaves(stream.number)
        self._end(stream.number)
        self._close_if_done()

    def _end(self, number: int) -> None:
        if number in self.engine.streams:
            self.engine.reset(number, Code.NO_ERROR)

    # Time

    def _look_round(self) -> None:
        """Now and then: who asks for nothing may go, who takes none of an answer must, whatever else it sends."""
        limits, now = self.factory.limits, self.now()
        if not self.streams and now - self._idle_since >= limits.idle_seconds:
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
        quiet = 0.0 if self.streams else now - self._idle_since
        self._look.set(limits.idle_seconds - quiet)

    def _watch_head(self) -> None:
        """A header block that has begun must end in time, whatever else comes of it."""
        if not self.engine.is_amid_head:
            self._head.stop()
        elif not self._head.is_set:
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


_HEAR: dict[type[ev.Event], Callable[[Http2Channel, Any], None]] = {
    ev.RequestArrived: Http2Channel._request_arrived,
    ev.RequestRefused: Http2Channel._request_refused,
    ev.DataArrived: Http2Channel._data_arrived,
    ev.BodyEnded: Http2Channel._body_ended,
    ev.StreamEnded: Http2Channel._stream_ended,
    ev.WindowOpened: Http2Channel._window_opened,
    ev.Leaving: Http2Channel._peer_leaves,
    ev.Broken: Http2Channel._broken,
}
