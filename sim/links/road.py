"""The way of one request, and of its answer: what lies between a viewer and whoever answers.

The connection is a local one; its link is put between the request and its channel. So everything that is known of a
viewer may decide where he is, a header among it, and on one connection of HTTP/2 every stream goes its own way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer
from zope.interface import implementer

from sim.links.access import Line
from sim.links.cable import Cable
from sim.links.lane import Lane
from wire.web.request import StreamingRequest

STATUS_LINE = 32  # bytes, about


@implementer(IPushProducer)
class Road:
    """A request's channel as one has it who is far from its viewer. The channel's producer until the answer is all
    there: whoever stands between two owns both sides' pauses.
    """

    write_file = None
    """A link carries bytes that it can count: none go past it."""

    def __init__(self, request: StreamingRequest, cable: Cable, line: Line) -> None:
        self.arrived: Deferred[None] = Deferred()
        self._request = request
        self._channel: Any = request.channel
        self._cable = cable
        self._line = line
        self._coming = Lane(line.back(cable), cable.clock, deliver=_nothing)
        self._going = Lane(
            line.out(cable),
            cable.clock,
            self._deliver,
            filled=self._pause_producer,
            drained=self._resume_producer,
        )
        self._producer: Any = None
        self._since = line.opened_at
        self._greeting: IDelayedCall | None = None
        self._aging: IDelayedCall | None = None
        self._is_greeting = True
        self._is_over = False

    def set_out(self) -> None:
        """The viewer asks."""
        self._request.channel = cast(Any, self)
        self._cable.riders[self] = self._line.access.riders[self] = None
        self._channel.registerProducer(self, True)  # whoever has left already says so now
        if not self._is_over:
            self._age()
            self._greet()

    def _greet(self) -> None:
        left = self._since + self._line.greeting_seconds(self._cable) - self._cable.clock.seconds()
        if left <= 0:
            self._ask()
        elif left < math.inf:
            self._greeting = self._cable.clock.callLater(left, self._greeted)

    def _greeted(self) -> None:
        self._greeting = None
        self._ask()

    def _ask(self) -> None:
        self._is_greeting = False
        self._coming.send(size_of(self._request), lambda: self.arrived.callback(None))

    # The cable's side

    def retime(self) -> None:
        """What is under way sets out again."""
        now = self._cable.clock.seconds()
        self._line.begin_anew(now)
        self._age()
        self._coming.retime(self._line.back(self._cable))
        self._going.retime(self._line.out(self._cable))
        if self._is_greeting:
            self._since = now
            self._stop_greeting()
            self._greet()

    def reset(self) -> None:
        """The connection ends with what is under way unheard."""
        self._end()
        self._channel.connection.transport.abortConnection()

    def _age(self) -> None:
        self._stop_aging()
        ages = (self._cable.reset_seconds, self._line.access.reset_seconds)
        age = min((each for each in ages if each is not None), default=None)
        if age is not None:
            left = self._line.opened_at + age - self._cable.clock.seconds()
            self._aging = self._cable.clock.callLater(max(0.0, left), self._grown_old)

    def _grown_old(self) -> None:
        self._aging = None
        self.reset()

    # The channel's side: IPushProducer

    def pauseProducing(self) -> None:
        self._going.hold()

    def resumeProducing(self) -> None:
        self._going.release()

    def stopProducing(self) -> None:
        """The viewer has left, or is not waited for any more: then what is under way will never be whole."""
        is_cut_short = self._request.finished and not self._is_over
        self._end()
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.stopProducing()
        if is_cut_short:
            self._channel.abort()

    def _end(self) -> None:
        self._is_over = True
        self._cable.riders.pop(self, None)
        self._line.access.riders.pop(self, None)
        self._coming.clear()
        self._going.clear()
        self._stop_greeting()
        self._stop_aging()

    def _stop_greeting(self) -> None:
        if self._greeting is not None:
            self._greeting.cancel()
            self._greeting = None

    def _stop_aging(self) -> None:
        if self._aging is not None:
            self._aging.cancel()
            self._aging = None

    # The request's side: what it asks of its channel

    def write(self, data: bytes) -> None:
        if data and not self._is_over:
            self._request.carried.sent += len(data)
            self._going.put(data)

    def writeSequence(self, pieces: Iterable[bytes]) -> None:
        self.write(b"".join(pieces))

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Any) -> None:
        lines = [(name, value) for name, values in headers.getAllRawHeaders() for value in values]
        self._send_head(lines, lambda: self._channel.writeHeaders(version, code, reason, headers))

    def send_head(self, status: int, lines: list[tuple[bytes, bytes]]) -> None:
        """Of HTTP/2, as all below."""
        self._send_head(lines, lambda: self._channel.send_head(status, lines))

    def inform(self, status: int, lines: list[tuple[bytes, bytes]]) -> None:
        self._send_head(lines, lambda: self._channel.inform(status, lines))

    def _send_head(self, lines: list[tuple[bytes, bytes]], send: Callable[[], object]) -> None:
        if not self._is_over:
            size = STATUS_LINE + size_of_lines(lines)
            self._request.carried.sent += size
            self._going.send(size, lambda: self._hand_on(size, send))

    def _deliver(self, piece: bytes) -> None:
        self._hand_on(len(piece), lambda: self._channel.write(piece))

    def _hand_on(self, size: int, send: Callable[[], object]) -> None:
        """It was counted as sent when it set out, and the channel counts it again."""
        self._request.carried.sent -= size
        send()

    def requestDone(self, request: StreamingRequest) -> None:
        """The answer is written: the channel hears of it when all of it has arrived."""
        if self._is_over:
            self._channel.requestDone(request)
        else:
            self._going.end(lambda: self._done(request))

    def _done(self, request: StreamingRequest) -> None:
        self._line.answered()
        self._end()
        self._channel.unregisterProducer()
        self._channel.requestDone(request)

    def cut(self, *, framed: bool) -> None:
        """It ends before it is whole, and what is under way with it."""
        if not self._is_over:
            self._end()
            self._channel.unregisterProducer()
        self._channel.cut(framed=framed)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        if not streaming:
            raise TypeError("a pull producer; only push producers are taken")
        if self._producer is not None:
            raise RuntimeError(f"{self._producer} was never unregistered")
        if self._is_over:
            producer.stopProducing()
            return
        self._producer = producer
        if self._going.is_full:
            producer.pauseProducing()

    def unregisterProducer(self) -> None:
        self._producer = None

    def _pause_producer(self) -> None:
        if self._producer is not None:
            self._producer.pauseProducing()

    def _resume_producer(self) -> None:
        if self._producer is not None:
            self._producer.resumeProducing()

    @property
    def persistent(self) -> bool:
        return bool(self._channel.persistent)

    @persistent.setter
    def persistent(self, lives_on: bool) -> None:
        self._channel.persistent = lives_on

    def __getattr__(self, name: str) -> Any:
        # what it knows of the connection concerns nobody in between
        return getattr(self.__dict__["_channel"], name)


def size_of(request: StreamingRequest) -> int:
    """Bytes of a request as HTTP/1 has it, with a body that its head announces."""
    start = len(request.method) + len(request.uri) + len(request.clientproto) + 4
    return start + size_of_lines(request.lines) + (request.body.length or 0)


def size_of_lines(lines: Iterable[tuple[bytes, bytes]]) -> int:
    """Bytes of header lines, and of the empty one behind them."""
    return sum(len(name) + len(value) + 4 for name, value in lines) + 2


def _nothing(_: bytes) -> None:
    """Questions travel as a whole."""
