"""The way of one request, and of its answer: what lies between a viewer and whoever answers.

The connection is a local one; its link is put between the request and its channel. So everything that is known of a
viewer may decide where he is, a header among it, and on one connection of HTTP/2 every stream goes its own way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from random import Random
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer
from zope.interface import implementer

from sim.links.cable import Cable
from sim.links.lane import Lane, Timing
from sim.links.schedule import InSeries, Schedule
from sim.links.way import Way
from wire.web.request import StreamingRequest

STATUS_LINE = 32  # bytes, about


class Line:
    """How one viewer's connection is online: his own line, on top of any link."""

    def __init__(self, opened_at: float, *, is_secure: bool, access: Way | None, rng: Random) -> None:
        self.opened_at = opened_at
        self.greetings = 2 if is_secure else 1
        """Round trips before a question may be put: TCP's handshake, and TLS 1.3's (RFC 8446 §2)."""
        self._own = (Schedule(access, rng, opened_at), Schedule(access, rng, opened_at)) if access else None
        self._anew_at = opened_at

    def out(self, cable: Cable) -> Timing:
        """The way of answers."""
        return InSeries(cable.out, self._own[0]) if self._own else cable.out

    def back(self, cable: Cable) -> Timing:
        """The way of questions."""
        return InSeries(cable.back, self._own[1]) if self._own else cable.back

    def greeting_seconds(self, cable: Cable) -> float:
        """All round trips before a question."""
        own = sum(way.greeting_seconds() for way in self._own or ())
        return self.greetings * (cable.greeting_seconds + own)

    def begin_anew(self, now: float) -> None:
        """What is under way sets out again."""
        if self._own is not None and self._anew_at != now:  # once for all who are on it
            self._anew_at = now
            for schedule in self._own:
                schedule.change(schedule.way, now)


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
            self._channel.write,
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
        self._cable.riders[self] = None
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
        if self._is_greeting:
            self._since = now
            self._stop_greeting()
            self._greet()
            return
        self._coming.retime()
        self._going.retime()

    def reset(self) -> None:
        """The connection ends with what is under way unheard."""
        self._end()
        self._channel.connection.transport.abortConnection()

    def _age(self) -> None:
        self._stop_aging()
        age = self._cable.reset_seconds
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

    def _send_head(self, lines: list[tuple[bytes, bytes]], send: Any) -> None:
        if not self._is_over:
            self._going.send(STATUS_LINE + size_of_lines(lines), send)

    def requestDone(self, request: StreamingRequest) -> None:
        """The answer is written: the channel hears of it when all of it has arrived."""
        if self._is_over:
            self._channel.requestDone(request)
        else:
            self._going.end(lambda: self._done(request))

    def _done(self, request: StreamingRequest) -> None:
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
