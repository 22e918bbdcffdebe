"""sim.links.shaped and .lane: connections that take the time of their link and lose and hoard nothing."""

from random import Random
from typing import Any

import pytest
import pytest_twisted
import treq
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.client import URI, Agent
from twisted.web.iweb import IAgentEndpointFactory
from twisted.web.resource import Resource
from twisted.web.server import Site
from zope.interface import implementer

from sim.links.cable import Cable
from sim.links.shaped import ShapedConnect, ShapedEndpoint
from sim.links.way import Way
from wire.web.agent import PlainConnect

CHUNK = 65536


class Socket:
    """The far end of a loopback connection: takes what is written, offers bytes unless it is paused."""

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.written = b""
        self.is_paused = False
        self._is_closed = False
        self.producer: Any = None

    def write(self, data: bytes) -> None:
        self.written += data

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        assert streaming
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def pauseProducing(self) -> None:
        self.is_paused = True

    def resumeProducing(self) -> None:
        self.is_paused = False

    def loseConnection(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self.protocol.connectionLost(Failure(ConnectionDone()))

    abortConnection = loseConnection

    def closed(self) -> bool:
        return self._is_closed

    def offer(self, size: int) -> int:
        """Push bytes as a socket does, a read at a time, until it is paused; how many went."""
        sent = 0
        while sent < size and not self.is_paused:
            chunk = bytes([(sent // CHUNK) % 251]) * min(CHUNK, size - sent)
            self.protocol.dataReceived(chunk)
            sent += len(chunk)
        return sent


@implementer(IStreamClientEndpoint)
class Loopback:
    """An endpoint that connects at once to a Socket."""

    def __init__(self) -> None:
        self.socket: Any = None

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        protocol = protocolFactory.buildProtocol(object())
        self.socket = Socket(protocol)
        protocol.makeConnection(self.socket)
        return succeed(protocol)


class Inside(Protocol):
    """The protocol that believes it talks over a long cable."""

    def __init__(self) -> None:
        self.received: list[tuple[float, bytes]] = []
        self.lost_at: float | None = None
        self.reason: Failure | None = None
        self.clock: Clock

    def dataReceived(self, data: bytes) -> None:
        self.received.append((self.clock.seconds(), data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost_at = self.clock.seconds()
        self.reason = reason

    @property
    def size(self) -> int:
        return sum(len(data) for _, data in self.received)


def connected(link: Way) -> tuple[Clock, Inside, Socket]:
    """A connection over a link, its handshake done."""
    clock, loopback = Clock(), Loopback()
    cable = Cable(link, link, clock, Random(1))
    endpoint = ShapedEndpoint(loopback, cable)
    made: list[Any] = []
    endpoint.connect(Factory.forProtocol(Inside)).addCallback(made.append)
    assert loopback.socket is None or not link.rtt_seconds
    clock.advance(link.rtt_seconds)
    (inside,) = made
    inside.clock = clock
    return clock, inside, loopback.socket


def run(clock: Clock, seconds: float, step: float = 0.001) -> None:
    clock.pump([step] * round(seconds / step))


def test_to_connect_takes_a_round_trip() -> None:
    """TCP's handshake: not a moment before, and the socket is not even opened by then."""
    clock, loopback = Clock(), Loopback()
    cable = Cable(Way(0.2), Way(0.2), clock, Random(1))
    made: list[Any] = []
    ShapedEndpoint(loopback, cable).connect(Factory.forProtocol(Inside)).addCallback(made.append)
    clock.advance(0.199)
    assert made == []
    clock.advance(0.002)
    assert len(made) == 1


def test_a_connection_given_up_is_not_made() -> None:
    """Cancelling during the handshake leaves nothing behind."""
    clock, loopback = Clock(), Loopback()
    cable = Cable(Way(0.2), Way(0.2), clock, Random(1))
    connecting = ShapedEndpoint(loopback, cable).connect(Factory.forProtocol(Inside))
    connecting.addErrback(lambda _: None)
    connecting.cancel()
    clock.advance(1.0)
    assert loopback.socket is None
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize("size", [1_000, 100_000, 10_000_000])
@pytest.mark.parametrize(("rtt", "rate"), [(0.2, 200e6), (0.002, 50e6), (0.1, 5e6)])
def test_a_transfer_takes_what_the_arithmetic_says(size: int, rtt: float, rate: float) -> None:
    """Half a round trip, and the bytes at the rate: within 5 %."""
    clock, inside, socket = connected(Way(rtt, rate))
    began, sent = clock.seconds(), 0
    expected = rtt / 2 + size * 8 / rate
    while inside.size < size:
        sent += socket.offer(size - sent)
        clock.advance(expected / 500)
    taken = inside.received[-1][0] - began
    assert taken == pytest.approx(expected, rel=0.05)


def test_what_is_said_travels_half_a_round_trip_too() -> None:
    clock, inside, socket = connected(Way(0.2, 1e9))
    inside.transport.write(b"hello")  # type: ignore[union-attr]
    clock.advance(0.099)
    assert socket.written == b""
    clock.advance(0.002)
    assert socket.written == b"hello"


def test_a_reader_that_stops_stops_the_sender_within_a_window() -> None:
    """The pause inside reaches the socket through the lane; nobody's resume undoes it."""
    link = Way(0.1, 100e6)
    clock, inside, socket = connected(link)
    inside.transport.pauseProducing()  # type: ignore[union-attr]
    sent = 0
    for _ in range(500):
        sent += socket.offer(CHUNK)
        clock.advance(0.01)
    assert sent <= link.window
    assert socket.is_paused
    assert inside.received == []
    inside.transport.resumeProducing()  # type: ignore[union-attr]
    run(clock, 1.0)
    assert inside.size == sent
    assert not socket.is_paused


def test_a_slow_link_never_hoards_more_than_its_window() -> None:
    """A sender that could send everything at once is paused instead."""
    link = Way(0.05, 1e6)
    clock, inside, socket = connected(link)
    sent, most = 0, 0
    for _ in range(3000):
        sent += socket.offer(1 << 30)
        most = max(most, sent - inside.size)
        clock.advance(0.002)
    assert most <= link.window
    assert inside.size * 8 / (3000 * 0.002) == pytest.approx(1e6, rel=0.05)


class Push:
    """A producer inside that would write for ever."""

    def __init__(self) -> None:
        self.is_paused = False
        self.is_stopped = False

    def pauseProducing(self) -> None:
        self.is_paused = True

    def resumeProducing(self) -> None:
        self.is_paused = False

    def stopProducing(self) -> None:
        self.is_stopped = True


def test_a_writer_is_paused_by_the_link_and_by_the_socket() -> None:
    """Both the lane's window and the real socket's full buffer must reach whoever writes."""
    link = Way(0.05, 10e6)
    clock, inside, socket = connected(link)
    producer, written = Push(), 0
    inside.transport.registerProducer(producer, True)  # type: ignore[union-attr]
    for _ in range(200):
        while not producer.is_paused:
            inside.transport.write(bytes(CHUNK))  # type: ignore[union-attr]
            written += CHUNK
        assert written - len(socket.written) <= link.window
        clock.advance(0.01)
    socket.producer.pauseProducing()
    before = len(socket.written)
    while not producer.is_paused:
        inside.transport.write(bytes(CHUNK))  # type: ignore[union-attr]
        written += CHUNK
    run(clock, 1.0, 0.01)
    assert len(socket.written) == before
    assert producer.is_paused
    socket.producer.resumeProducing()
    run(clock, 1.0, 0.01)
    assert len(socket.written) == written
    assert not producer.is_paused


def test_a_pull_producer_is_asked_as_the_lane_empties() -> None:
    clock, inside, socket = connected(Way(0.01, 1e9))
    transport: Any = inside.transport

    class Pull:
        left = 5

        def resumeProducing(self) -> None:
            self.left -= 1
            transport.write(b"x")
            if not self.left:
                transport.unregisterProducer()

        def stopProducing(self) -> None:
            raise AssertionError("nobody left")

    transport.registerProducer(Pull(), False)
    run(clock, 1.0)
    assert socket.written == b"xxxxx"


def test_hanging_up_waits_for_the_last_byte() -> None:
    """loseConnection sends what was written before it closes."""
    clock, inside, socket = connected(Way(0.1, 1e6))
    inside.transport.write(bytes(10_000))  # type: ignore[union-attr]
    inside.transport.loseConnection()  # type: ignore[union-attr]
    inside.transport.write(b"too late")  # type: ignore[union-attr]
    run(clock, 0.1)
    assert not socket.closed()
    run(clock, 0.2)
    assert socket.written == bytes(10_000)
    assert socket.closed()
    assert inside.lost_at is not None


def test_the_end_arrives_after_the_bytes_before_it() -> None:
    """A far end that sends and closes at once is heard out."""
    clock, inside, socket = connected(Way(0.1, 1e6))
    began = clock.seconds()
    socket.offer(100_000)
    socket.loseConnection()
    assert inside.lost_at is None
    run(clock, 1.0)
    assert inside.size == 100_000
    assert inside.lost_at == pytest.approx(began + 0.05 + 0.8, rel=0.05)


def test_a_writer_is_told_when_the_far_end_is_gone() -> None:
    clock, inside, socket = connected(Way(0.1, 1e6))
    producer = Push()
    inside.transport.registerProducer(producer, True)  # type: ignore[union-attr]
    socket.loseConnection()
    assert producer.is_stopped
    inside.transport.write(b"into the void")  # type: ignore[union-attr]
    run(clock, 0.2)
    assert socket.written == b""
    assert clock.getDelayedCalls() == []


def test_to_abort_is_immediate() -> None:
    clock, inside, socket = connected(Way(0.1, 1e6))
    inside.transport.write(bytes(10_000))  # type: ignore[union-attr]
    socket.offer(10_000)
    inside.transport.abortConnection()  # type: ignore[union-attr]
    assert inside.lost_at == clock.seconds()
    assert clock.getDelayedCalls() == []


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(st.binary(min_size=1, max_size=3000), st.sampled_from(["pause", "resume", "wait"])),
        max_size=25,
    ),
    st.sampled_from([Way(0.0, 1e9), Way(0.05, 1e6), Way(0.3, 1e5, loss=0.2)]),
)
def test_bytes_and_their_order_are_conserved(steps: list[bytes | str], link: Way) -> None:
    """Whatever is paused and however the bytes are cut: what goes in comes out, once, in order, both ways."""
    clock, inside, socket = connected(link)
    transport: Any = inside.transport
    whole = b""
    for step in steps:
        match step:
            case bytes():
                whole += step
                socket.protocol.dataReceived(step)
                transport.write(step)
            case "pause":
                transport.pauseProducing()
            case "resume":
                transport.resumeProducing()
            case _:
                clock.advance(0.07)
    transport.resumeProducing()
    while clock.getDelayedCalls():
        clock.advance(1.0)
    assert b"".join(data for _, data in inside.received) == whole == socket.written
    times = [when for when, _ in inside.received]
    assert times == sorted(times)


@implementer(IAgentEndpointFactory)
class Nowhere:
    """A plain way out that only says who was asked."""

    def endpointForURI(self, uri: URI) -> Any:
        return uri.netloc


def test_only_places_with_a_link_are_shaped() -> None:
    """A control endpoint next door is next door."""
    cable = Cable(Way(), Way(), Clock(), Random(1))
    shaped = ShapedConnect(Nowhere(), {"127.0.0.1:9000": cable, "[::1]:9000": cable})
    kinds = [
        type(shaped.endpointForURI(URI.fromBytes(url)))
        for url in (b"http://127.0.0.1:9000/x", b"http://127.0.0.1:9001/x")
    ]
    assert kinds == [ShapedEndpoint, bytes]


class Body(Resource):
    """A megabyte, at any path."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        return bytes(1_000_000)


@pytest_twisted.ensureDeferred
async def test_a_real_request_over_a_real_socket_takes_its_time() -> None:
    """Handshake 1 round trip, request and answer another, and a megabyte at 40 Mbit/s is 0.2 s."""
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor
    port = reactor.listenTCP(0, Site(Body()), interface="127.0.0.1")
    number = port.getHost().port
    cables = {f"127.0.0.1:{number}": Cable(Way(0.1, 40e6), Way(0.1, 40e6), reactor, Random(1))}
    agent = Agent.usingEndpointFactory(reactor, ShapedConnect(PlainConnect(reactor), cables))
    began = reactor.seconds()
    response = await agent.request(b"GET", f"http://127.0.0.1:{number}/".encode())
    body = await treq.content(response)
    taken = reactor.seconds() - began
    await port.stopListening()
    assert len(body) == 1_000_000
    assert 0.39 < taken < 1.2  # the upper bound leaves room for a busy machine
