"""How long a viewer's connection is waited for: in virtual time, on a transport in memory."""

from __future__ import annotations

from typing import Any, cast

import pytest
from attrs import evolve
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from wire.http.incoming import HeadLimits
from wire.web.channel import StreamingChannel
from wire.web.limits import ConnectionLimits
from wire.web.resource import CoroutineResource
from wire.web.site import StreamingRequest, StreamingSite

LIMITS = ConnectionLimits(
    head=HeadLimits(body_bytes=100_000),
    idle_seconds=60,
    head_seconds=10,
    body_seconds=20,
    body_rate=100,
    request_seconds=100,
    connection_seconds=500,
    linger_seconds=30,
    connections=4,
    connections_per_address=2,
)
POST = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n"


class Answers(CoroutineResource):
    """Reads a body, waits, or answers at once."""

    def __init__(self) -> None:
        super().__init__()
        self.gate: Deferred[None] = Deferred()
        self.cancelled = 0

    async def answer(self, request: StreamingRequest) -> None:
        try:
            if request.path == b"/read":
                await request.body.read(1 << 20)
            elif request.path == b"/wait":
                await self.gate
            request.write(b"hello")
        except BaseException:
            self.cancelled += 1
            raise


class Socket(StringTransport):
    """Remembers how it was closed."""

    is_aborted = False
    is_half_closed = False

    def abortConnection(self) -> None:
        self.is_aborted = True
        super().abortConnection()

    def loseWriteConnection(self) -> None:
        self.is_half_closed = True

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Nothing is delayed."""

    @property
    def is_open(self) -> bool:
        return not (self.disconnecting or self.is_half_closed or self.is_aborted)


class Served:
    """A site with connections to it."""

    def __init__(self, limits: ConnectionLimits = LIMITS) -> None:
        self.clock = Clock()
        self.resource = Answers()
        self.site = StreamingSite(lambda _: self.resource, reactor=self.clock, limits=limits)

    def connect(self) -> tuple[StreamingChannel, Socket]:
        channel = cast(StreamingChannel, self.site.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)))
        socket = Socket()
        channel.makeConnection(socket)
        return channel, socket


@pytest.fixture
def served() -> Served:
    return Served()


def test_silence_is_closed_without_a_word(served: Served) -> None:
    """Nobody asked anything, so nothing is answered."""
    _, socket = served.connect()
    served.clock.advance(59)
    assert socket.is_open
    served.clock.advance(2)
    assert socket.disconnecting
    assert socket.value() == b""


def test_a_head_that_drips_is_408(served: Served) -> None:
    """A byte now and then buys no time (slowloris)."""
    channel, socket = served.connect()
    for letter in b"GET / HTTP/1.1\r\n":
        channel.dataReceived(bytes((letter,)))
        served.clock.advance(0.6)
    assert socket.is_open
    served.clock.advance(1)
    assert socket.value().startswith(b"HTTP/1.1 408 ")
    assert socket.value().endswith(b"The request's head took too long\n")
    assert not socket.is_open


def test_each_request_has_its_own_time(served: Served) -> None:
    """What was spent on one is not missing for the next."""
    channel, socket = served.connect()
    for _ in range(20):
        channel.dataReceived(b"GET / HTTP/1.1\r\n")
        served.clock.advance(8)
        channel.dataReceived(b"Host: x\r\n\r\n")
        served.clock.advance(15)
    assert socket.is_open
    assert socket.value().count(b"HTTP/1.1 200") == 20


def test_a_body_that_trickles_is_408(served: Served) -> None:
    """Less than the rate in one span, however steadily."""
    channel, socket = served.connect()
    channel.dataReceived(POST)
    for _ in range(20):
        channel.dataReceived(b"x" * 101)
        served.clock.advance(1)
    assert socket.is_open
    for _ in range(21):
        channel.dataReceived(b"x" * 90)
        served.clock.advance(1)
    assert socket.value().startswith(b"HTTP/1.1 408")
    assert served.resource.cancelled == 1
    assert channel.request is None


def test_a_body_that_we_hold_back_may_take_its_time(served: Served) -> None:
    """Its reader is slow, not its sender; and when it is read on, the span begins anew."""
    channel, socket = served.connect()
    channel.dataReceived(POST.replace(b"/read", b"/wait").replace(b"50000", b"99999"))
    request: Any = channel.request
    request.body.is_wanted = request.body.is_paused = True
    served.clock.advance(50)
    assert socket.is_open
    request.body.is_paused = False
    channel.resume_reading()
    served.clock.advance(15)
    assert socket.is_open
    served.clock.advance(16)
    assert not socket.is_open


def test_an_answer_that_never_ends_is_ended(served: Served) -> None:
    """503 where nothing was said yet."""
    channel, socket = served.connect()
    channel.dataReceived(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
    served.clock.advance(99)
    assert socket.is_open
    served.clock.advance(2)
    assert socket.value().startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert served.resource.cancelled == 1


def test_a_steady_body_has_its_total_time_too(served: Served) -> None:
    """Fast enough in every span, and still too long."""
    channel, socket = served.connect()
    channel.dataReceived(POST.replace(b"50000", b"99999"))
    for _ in range(101):
        channel.dataReceived(b"x" * 200)
        served.clock.advance(1)
    assert socket.value().startswith(b"HTTP/1.1 503")


def test_an_old_connection_is_closed_behind_an_answer(served: Served) -> None:
    """Which says so."""
    channel, socket = served.connect()
    for _ in range(10):
        channel.dataReceived(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"Connection: close" not in socket.value()
        served.clock.advance(50.5)
    channel.dataReceived(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"Connection: close" in socket.value()
    assert socket.disconnecting


def test_who_was_refused_and_does_not_go_is_aborted(served: Served) -> None:
    """What it still sends is read and dropped meanwhile, so that it can read why."""
    channel, socket = served.connect()
    channel.dataReceived(b"bad\r\n")
    assert socket.is_half_closed
    channel.dataReceived(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert socket.value().count(b"HTTP/1.1 ") == 1
    served.clock.advance(6)
    assert socket.is_aborted


def test_an_early_answer_waits_for_the_rest_but_not_for_ever(served: Served) -> None:
    """The connection is in step again when the body has come; if it does not come, it is closed."""
    channel, socket = served.connect()
    channel.dataReceived(POST.replace(b"/read", b"/early"))
    assert socket.value().startswith(b"HTTP/1.1 200")
    served.clock.advance(29)
    assert socket.is_open
    served.clock.advance(2)
    assert not socket.is_open


@pytest.fixture(params=["", "GET / HT"], ids=["silent", "talking"])
def parting(request: pytest.FixtureRequest) -> tuple[Served, StreamingChannel, Socket]:
    """The last answer of a connection, most of which waits to be sent, be it that the viewer sends more or not."""
    served = Served(evolve(LIMITS, stall_seconds=10))
    channel, socket = served.connect()
    channel.dataReceived(
        b"GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + request.param.encode()
    )
    channel.pauseProducing()
    served.resource.gate.callback(None)
    assert socket.value().endswith(b"hello\r\n0\r\n\r\n")
    return served, channel, socket


def test_a_last_answer_is_waited_for_while_it_moves(
    parting: tuple[Served, StreamingChannel, Socket],
) -> None:
    """As any other: each piece that is taken buys the next its time, and when all has gone it is closed."""
    served, channel, socket = parting
    for _ in range(5):
        served.clock.advance(9)
        assert socket.is_open
        channel.pauseProducing()  # some of a file was taken
    channel.resumeProducing()
    assert not socket.is_open
    assert not socket.is_aborted


def test_a_last_answer_that_nobody_takes_is_dropped(parting: tuple[Served, StreamingChannel, Socket]) -> None:
    """By the same clock."""
    served, _, socket = parting
    served.clock.advance(9)
    assert socket.is_open
    served.clock.advance(2)
    assert socket.is_aborted


def test_a_last_answer_that_never_ends_is_cut(parting: tuple[Served, StreamingChannel, Socket]) -> None:
    """A byte now and then buys no more than a request may take."""
    served, channel, socket = parting
    for _ in range(12):
        served.clock.advance(9)
        channel.pauseProducing()
    assert socket.is_aborted


def test_a_body_over_the_limit_is_413_when_it_gets_there(served: Served) -> None:
    """Told while it is still sent (sheet 22.5)."""
    channel, socket = served.connect()
    channel.dataReceived(b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(13):
        channel.dataReceived(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
    assert socket.value().startswith(b"HTTP/1.1 413")
    assert socket.value().count(b"HTTP/1.1 ") == 1
    assert served.site.refused == {413: 1}


def test_there_are_only_so_many_places(served: Served) -> None:
    """Per address and in all; who gets none is told, and a place that is left is free again."""
    channels = [served.connect() for _ in range(3)]
    assert channels[1][1].value() == b""
    assert channels[2][1].value().startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"Retry-After: 1\r\n" in channels[2][1].value()
    assert served.site.refused == {503: 1}
    channels[0][0].connectionLost()
    assert served.connect()[1].value() == b""
    assert served.connect()[1].value() != b""


def test_no_timer_is_left_behind(served: Served) -> None:
    """A connection that has gone rings nobody."""
    channel, _ = served.connect()
    channel.dataReceived(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
    channel.pauseProducing()
    channel.connectionLost()
    assert served.clock.getDelayedCalls() == []
    assert served.site.channels == set()


def test_pipelined_requests_wait_within_bounds(served: Served) -> None:
    """Behind a slow answer some 16 KiB are read ahead, and the rest stays in the socket."""
    channel, socket = served.connect()
    channel.dataReceived(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
    more = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    while socket.producerState == "producing":
        channel.dataReceived(more)
        assert len(more) < 20_000
        more += more
    served.resource.gate.callback(None)
    assert socket.producerState == "producing"
    assert socket.value().count(b"HTTP/1.1 200") > 500


def test_who_takes_no_answers_is_asked_for_no_more_questions(served: Served) -> None:
    """Answers that nobody produces would otherwise pile up without end."""
    channel, socket = served.connect()
    channel.pauseProducing()
    channel.dataReceived(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    assert socket.value() == b""
    assert socket.producerState == "paused"
    channel.resumeProducing()
    assert socket.value().count(b"HTTP/1.1 200") == 3
    assert socket.producerState == "producing"
