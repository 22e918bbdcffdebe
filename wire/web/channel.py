"""One viewer's connection: requests one after the other, answers in the same order, both under back-pressure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import Request

from wire.http.incoming import End, Incoming, Refused, RequestParser
from wire.web.alarm import Alarm
from wire.web.body import RequestBody
from wire.web.patience import Awaited, Patience
from wire.web.refusing import refusal_bytes
from wire.web.request import StreamingRequest
from wire.web.writing import WritingChannel

if TYPE_CHECKING:
    from wire.web.site import StreamingSite

PIPELINED_BYTES = 16 * 1024  # of requests that wait for the answer before them; more stay in the socket
GOODBYE_SECONDS = 5.0  # for a client to read a refusal and hang up
ABORT_SECONDS = 15.0  # for a client that was cut to take what it can have


class UnderWay(Protocol):
    """What a connection asks of the request that is being read or answered."""

    @property
    def method(self) -> bytes: ...
    @property
    def body(self) -> RequestBody: ...
    @property
    def startedWriting(self) -> object:
        """Whether the viewer was told anything."""

    @property
    def finished(self) -> object: ...
    @property
    def is_gone(self) -> bool: ...

    def cut(self) -> None:
        """End the connection so that the viewer can tell that the answer is not whole."""

    def connectionLost(self, reason: Failure) -> None:
        """The viewer has left, or was told that no answer comes."""


class StreamingChannel(WritingChannel):
    """Speaks HTTP/1 to one viewer. A request starts when its head is complete; its body streams to it."""

    factory: StreamingSite
    persistent = True
    """Whether the connection is asked again after the answer under way."""
    expects_continue = False
    """Whether the client waits for leave to send its body."""
    request: UnderWay | None = None
    """The one that is being read or answered."""
    _has_place = False
    _address = ""
    _parser: RequestParser
    _patience: Patience
    _is_leaving = False  # nothing that comes is read any more
    _is_parting = False  # an answer is still going out, the last one
    _is_talking = False  # the client may still be sending
    _is_answered = False  # the answer is out, and the request's body is not in
    _is_reading_on = False
    _is_paused = False
    _head_came_at = 0.0  # of a request with a body, by the reactor's clock

    # Its life

    def connectionMade(self) -> None:
        site = self.factory
        self._parser = RequestParser(site.limits.head)
        self._patience = Patience(site.reactor, site.limits, self._ran_out)
        self.open_outlet(Alarm(site.reactor, self.abort), site.limits.stall_seconds)
        self._address = str(getattr(self.getPeer(), "host", ""))
        self._has_place = site.places.take(self._address)
        site.channels.add(self)
        if not self._has_place:
            self._part_with(503, "Too many connections; please try again")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._is_leaving = True
        self._patience.stop()
        self._stalled.stop()
        self._forget_request(reason)
        if self._has_place:
            self.factory.places.leave(self._address)
        self.factory.channel_closed(self)

    @property
    def connection(self) -> StreamingChannel:
        """What all requests of one viewer's connection have in common."""
        return self

    @property
    def opened_at(self) -> float:
        """When the viewer came, by the reactor's clock."""
        return self._patience.opened_at

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way, and no part of one has come."""
        return self.request is None and not self._parser.waiting and not self._is_leaving

    def close_when_idle(self) -> None:
        """Close now if no request is running, else after the one that is."""
        self.persistent = False
        if self.request is None:
            self._hang_up()

    # Reading

    def dataReceived(self, data: bytes) -> None:
        if not self._is_leaving:
            self._parser.feed(data)
            self._read_on()

    def _read_on(self) -> None:
        """Take from the parser what there is room for. Answers may come while we are at it."""
        if self._is_reading_on or self._is_leaving:
            return
        self._is_reading_on = True
        try:
            while not self._is_leaving and self._has_room():
                event = self._parser.next_event()
                if event is None:
                    break
                self._take(event)
        except Refused as refused:
            self._part_with(refused.status, refused.sentence)
        finally:
            self._is_reading_on = False
        if not self._is_leaving:
            if self.request is None:
                self._patience.for_head() if self._parser.is_amid_head else self._patience.for_request()
            self._steer()

    def _has_room(self) -> bool:
        request = self.request
        if request is None:
            return not self.is_full  # who takes no answers is asked for no more questions
        return not (request.body.is_complete or request.body.is_paused)

    def _take(self, event: Incoming | bytes | End) -> None:
        request = self.request
        if isinstance(event, Incoming):
            self._begin(event)
            return
        self.carried.received = self._parser.message_bytes
        if request is not None and isinstance(event, bytes):
            self.expects_continue = False
            request.body.bytes_received(event)
        elif request is not None:
            self.expects_continue = False
            self._patience.for_answer()
            self.carried.receiving_seconds = self.factory.reactor.seconds() - self._head_came_at
            request.body.ended()
            if self._is_answered:
                self._next()

    def _begin(self, head: Incoming) -> None:
        self.persistent = head.keeps and not self.factory.is_closing and not self._patience.is_out_of_age
        self.expects_continue = head.expects_continue
        request = self._request_for(head)
        self.carried = request.carried
        self.carried.received = self._parser.message_bytes
        if head.length == 0:
            self._patience.for_answer()
        else:
            self._head_came_at = self.factory.reactor.seconds()
            self._patience.for_body(request.body)
        request.start()

    def _request_for(self, head: Incoming) -> StreamingRequest:
        self.request = request = StreamingRequest(self, head)
        return request

    def _steer(self) -> None:
        """Read from the socket no more than there is room for."""
        request = self.request
        if request is None:
            is_enough = self.is_full
        elif request.body.is_complete:
            is_enough = self._parser.waiting > PIPELINED_BYTES
        else:
            is_enough = request.body.is_paused
        if is_enough != self._is_paused:
            self._is_paused = is_enough
            transport = cast(Any, self.transport)
            transport.pauseProducing() if is_enough else transport.resumeProducing()

    def room_changed(self) -> None:
        if self._is_parting and not self.is_full:
            self._say_goodbye()
        elif self.request is None and not self.is_full:
            self._read_on()  # what was pipelined meanwhile
        elif not self._is_leaving:
            self._steer()

    # Faucet, for RequestBody

    def continue_expected(self) -> None:
        if self.expects_continue:
            self.expects_continue = False
            self._patience.count_anew()
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def pause_reading(self) -> None:
        self._steer()

    def resume_reading(self) -> None:
        self._patience.count_anew()
        self._read_on()

    # After an answer

    def requestDone(self, request: Request) -> None:
        """The answer is written. If the body is still coming, let it fall, but not for ever."""
        body = cast(StreamingRequest, request).body
        if body.is_complete:
            self._next()
        elif self.expects_continue:
            self._next(keep=False)  # the client may or may not send what we never asked for
        else:
            self._is_answered = True
            self._patience.for_rest()
            body.discard()

    def _next(self, *, keep: bool = True) -> None:
        self.request = None
        self._is_answered = False
        if keep and self.persistent:
            self._read_on()
        else:
            self._hang_up()

    # Parting

    def _ran_out(self, awaited: Awaited) -> None:
        request = self.request
        match awaited:
            case Awaited.HEAD:
                self._part_with(408, "The request's head took too long")
            case Awaited.BODY:
                self._part_with(408, "The request's body came too slowly")
            case Awaited.ANSWER if request is not None:
                self._part_with(503, "The request took too long")
            case Awaited.GOODBYE:
                self.abort()
            case _:
                self._hang_up()

    def _part_with(self, status: int, sentence: str) -> None:
        """Say why, if that can still be said, and that this was the end; then wait for the client to go."""
        request, site = self.request, self.factory
        site.refused[status] += 1
        if request is not None and (request.startedWriting or request.is_gone):
            request.cut()
            self._forget_request()
            return
        head_only = (self._parser.method if request is None else request.method) == b"HEAD"
        self.write(refusal_bytes(status, sentence, site.reactor.seconds(), head_only=head_only))
        self._forget_request()
        self._hang_up(is_talking=True)

    def _forget_request(self, reason: Failure | None = None) -> None:
        request, self.request = self.request, None
        self.stopProducing()
        if request is None:
            return
        if request.finished:
            request.body.lost()
        else:
            request.connectionLost(reason or connectionDone)

    def _hang_up(self, *, is_talking: bool = False) -> None:
        """Close. A client that may still be sending is read from meanwhile: a socket closed with bytes unread
        would be reset, and our last words with it (RFC 9112 §9.6)."""
        if self._is_leaving:
            return
        self._is_leaving = True
        self._is_talking = is_talking or bool(self._parser.waiting)
        if self._is_paused:
            self._is_paused = False
            cast(Any, self.transport).resumeProducing()
        if self.is_full:  # the end of an answer: its reader is held to no other pace than before
            self._is_parting = True
            self._patience.for_goodbye(self.factory.limits.request_seconds)
        else:
            self._say_goodbye()

    def _say_goodbye(self) -> None:
        self._is_parting = False
        self._stalled.stop()
        if self._is_talking:
            self._patience.for_goodbye(GOODBYE_SECONDS if self.half_close() else ABORT_SECONDS)
        else:
            self._patience.for_goodbye(self._stall_seconds)
            self.loseConnection()

    def cut(self, *, framed: bool) -> None:
        """Close before the message ends: after flushing where framing betrays the loss, else by a reset."""
        if not framed:
            self.abort()
            return
        self.unregisterProducer()
        self._is_leaving = True
        self._patience.for_goodbye(ABORT_SECONDS)
        self.loseConnection()
