"""One stream as a request's channel: what an HTTP/1 connection is to its request."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hpack import HeaderTuple, NeverIndexedHeaderTuple
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web.http import NO_BODY_CODES
from twisted.web.http_headers import Headers

from wire.http.incoming import body_too_large
from wire.http.lines import Line
from wire.http2.events import RequestArrived
from wire.http2.frames import Code
from wire.http2.requests import OF_CONNECTIONS
from wire.web.files import SharedFile
from wire.web.http2.filesource import FileSource
from wire.web.http2.request import Http2Request
from wire.web.patience import Awaited, Patience

if TYPE_CHECKING:
    from wire.web.http2.connection import Http2Channel
    from wire.web.site import StreamingSite

HIGH_WATER = 64 * 1024  # bytes that wait for the viewer's window before their source is paused
TURN_BYTES = 64 * 1024  # of one stream, before others have their turn
LOW_WATER = 16 * 1024
SECRET = b"set-cookie"


class StreamChannel:
    """Holds what the viewer's windows do not take yet, and brakes whoever sends it."""

    persistent = True  # as an HTTP/1 channel has it; a stream is never used again

    def __init__(self, connection: Http2Channel, arrived: RequestArrived) -> None:
        self.number = arrived.stream
        self.is_over = False
        """Nothing more can be sent."""
        self.moved_at = 0.0
        """When the viewer last took something that had waited."""
        self._connection = connection
        self._waiting: deque[memoryview] = deque()
        self._waiting_bytes = 0
        self._has_head = False
        self._is_finished = False
        self._producer: Any = None
        self._is_paused = False
        self._owed = 0  # bytes of the body whose window is not handed back while its reader is behind
        self.request = Http2Request(self, arrived.head)  # type: ignore[arg-type]
        self.request.carried.received = arrived.packed_bytes
        self.expects_continue = arrived.head.expects_continue
        self.started_at = connection.now()
        self._patience: Patience | None = None
        """With a body that does not come: an answer that takes long is the connection's to notice."""

    def start(self) -> None:
        """Hand the request to whoever answers it."""
        if not self.request.body.is_complete:
            site = self.factory
            self._patience = Patience(site.reactor, site.limits, self._ran_out)
            self._patience.for_body(self.request.body)
        self.request.start()

    def answer(self, block: bytes, body: bytes = b"") -> None:
        """The whole answer, its head packed already, past the request's own ways."""
        self._has_head = True
        self._connection.engine.send_packed_head(self.number, block, is_last=not body)
        if body:
            self.write(body)
            self.requestDone(self.request)
        else:
            self._all_sent()

    def answer_from_file(self, block: bytes, file: SharedFile) -> None:
        """The same with a body that is read as the viewer takes it."""
        self._has_head = True
        self._connection.engine.send_packed_head(self.number, block, is_last=False)
        FileSource(self, file).start()

    # What twisted.web asks of a channel

    @property
    def factory(self) -> StreamingSite:
        return self._connection.factory

    @property
    def connection(self) -> Http2Channel:
        """What all streams of one viewer's connection have in common."""
        return self._connection

    @property
    def transport(self) -> Any:
        return self._connection.transport

    def getPeer(self) -> IAddress:
        return self._connection.peer

    def getHost(self) -> IAddress:
        return self._connection.host

    def isSecure(self) -> bool:
        """HTTP/2 is spoken over TLS alone."""
        return True

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Headers) -> None:
        """The head of an answer that was made line by line."""
        lines = [(name, value) for name, values in headers.getAllRawHeaders() for value in values]
        self.send_head(int(code), lines)

    def write(self, data: bytes) -> None:
        """More of the body."""
        if self.is_over or not data:
            return
        if not self._waiting:
            self.moved_at = self._connection.now()
        self._waiting.append(memoryview(data))
        self._waiting_bytes += len(data)
        self.request.carried.sent += len(data)
        self._connection.wants_to_send(self)
        if self._waiting_bytes >= HIGH_WATER:
            self._pause()

    def writeSequence(self, pieces: Iterable[bytes]) -> None:
        """More of the body, in pieces."""
        self.write(b"".join(pieces))

    def requestDone(self, request: Http2Request) -> None:
        """The answer is written; it may still wait for the viewer."""
        self._is_finished = True
        if not self.is_over:
            self._connection.wants_to_send(self)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Only push producers: all of ours are."""
        if not streaming:
            raise TypeError("a stream takes push producers only")
        if self.is_over:
            producer.stopProducing()
            return
        self._producer = producer
        self._is_paused = False
        if self._waiting_bytes >= HIGH_WATER:
            self._pause()

    def unregisterProducer(self) -> None:
        """It has written all it had."""
        self._producer = None

    def loseConnection(self) -> None:
        """Nothing is left to do on this stream."""
        self.cut(framed=True)

    abort = loseConnection

    def cut(self, *, framed: bool) -> None:
        """End the stream before its message ends."""
        if not self.is_over:
            self._connection.reset(self, Code.INTERNAL_ERROR)
            self._connection.soon(lambda: self.lost(Failure(ConnectionDone("cut"))))

    # Faucet: the reading side, for RequestBody

    def continue_expected(self) -> None:
        if self.expects_continue and not self._has_head and not self.is_over:
            self.expects_continue = False
            self._count_anew()
            self._send_lines([(b":status", b"100")], is_last=False)

    def pause_reading(self) -> None:
        """Hand back no window: the viewer will stop of itself."""

    def resume_reading(self) -> None:
        self._count_anew()
        owed, self._owed = self._owed, 0
        self._connection.consumed(self, owed)

    # What the connection tells

    def body_arrived(self, data: bytes, flow: int) -> None:
        """More of the request's body."""
        self.expects_continue = False
        self.request.carried.received += flow
        body, limit = self.request.body, self.factory.limits.head.body_bytes
        body.bytes_received(data)
        if limit is not None and body.received > limit:
            refused = body_too_large(limit)
            self._refuse(refused.status, refused.sentence)
            return
        if body.is_paused:
            self._owed += flow
        else:
            self._connection.consumed(self, flow)

    def body_ended(self) -> None:
        """The request is whole."""
        self._stop_waiting()
        self.request.carried.receiving_seconds = self._connection.now() - self.started_at
        self.request.body.ended()

    def lost(self, reason: Failure) -> None:
        """The stream is no more: what was done for it may end."""
        self.is_over = True
        self._stop_waiting()
        self._waiting.clear()
        self._waiting_bytes = 0
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.stopProducing()
        self.request.connectionLost(reason)

    def ran_too_long(self) -> None:
        """The answer takes longer than anybody waits."""
        self._refuse(503, "The request took too long")

    def _ran_out(self, awaited: Awaited) -> None:
        if awaited is Awaited.BODY:
            self._refuse(408, "The request's body came too slowly")
        else:
            self.ran_too_long()

    def _refuse(self, status: int, sentence: str) -> None:
        """Say why where that can still be said, and end the stream; what worked on it is told."""
        self._stop_waiting()
        self.factory.refused[status] += 1
        if not self._has_head:
            self._connection.refuse(self.number, status, sentence)
            self.is_over = True
        self._connection.reset(self, Code.CANCEL)
        self.lost(Failure(ConnectionDone(sentence)))

    def _count_anew(self) -> None:
        if self._patience is not None:
            self._patience.count_anew()

    def _stop_waiting(self) -> None:
        patience, self._patience = self._patience, None
        if patience is not None:
            patience.stop()

    @property
    def is_blocked(self) -> bool:
        """Whether bytes wait for the viewer."""
        return bool(self._waiting)

    # Sending

    def send_head(self, status: int, lines: Iterable[Line]) -> None:
        """The head of the answer. Where no body can follow, the stream ends with it."""
        if self.is_over or self._has_head:
            return
        self._has_head = True
        is_last = self.request.head_only or status in NO_BODY_CODES
        self._send_lines(as_sent(status, lines), is_last=is_last)
        if is_last:
            self._all_sent()

    def inform(self, status: int, lines: Iterable[Line]) -> None:
        """A 1xx head, before that of the answer (RFC 9113 §8.1)."""
        if not self.is_over and not self._has_head:
            self._send_lines(as_sent(status, lines), is_last=False)

    def _send_lines(self, lines: Iterable[HeaderTuple | Line], *, is_last: bool) -> None:
        self.request.carried.sent += self._connection.send_head(self, lines, is_last=is_last)

    def send_some(self) -> bool:
        """Send a turn of what waits, if there is room; whether more could be sent at once."""
        engine = self._connection.engine
        if self.is_over:
            return False
        if not self._waiting:
            if self._is_finished:
                engine.send_data(self.number, b"", is_last=True)
                self._all_sent()
            return False
        room = min(engine.room_for(self.number), TURN_BYTES)
        if not room:
            return False
        piece = self._waiting.popleft()
        if len(piece) > room:
            self._waiting.appendleft(piece[room:])
            piece = piece[:room]
        self._waiting_bytes -= len(piece)
        self.moved_at = self._connection.now()
        is_last = self._is_finished and not self._waiting
        engine.send_data(self.number, piece, is_last=is_last)
        if is_last:
            self._all_sent()
        elif self._is_paused and self._waiting_bytes <= LOW_WATER:
            self._is_paused = False
            if self._producer is not None:
                self._producer.resumeProducing()
        return bool(self._waiting)

    def _all_sent(self) -> None:
        self.is_over = True
        self._stop_waiting()
        self._connection.answered(self)

    def _pause(self) -> None:
        if self._producer is not None and not self._is_paused:
            self._is_paused = True
            self._producer.pauseProducing()


def as_sent(status: int, lines: Iterable[Line]) -> list[HeaderTuple | Line]:
    """A head as HTTP/2 has it: names in lower case, nothing that is a connection's, no index of secrets."""
    head: list[HeaderTuple | Line] = [(b":status", b"%d" % status)]
    for name, value in lines:
        lower = name.lower()
        if lower not in OF_CONNECTIONS:
            head.append(NeverIndexedHeaderTuple(lower, value) if lower == SECRET else (lower, value))
    return head
