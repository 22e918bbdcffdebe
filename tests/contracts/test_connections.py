"""What a protocol may expect of its transport: Twisted's own, and those that the loop makes.

The loop here is asyncio's; the last test has another process hold the same contract on uvloop.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as real_reactor
from twisted.internet.error import CannotListenError, ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IConsumer,
    IHalfCloseableProtocol,
    IPullProducer,
    IPushProducer,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer
from zope.interface.verify import verifyObject

from tests.support.edge_node import pause, until
from tests.support.viewer import Connection, connect
from wire.web.listening import adopt, bound, listen, loop_of

reactor: Any = real_reactor
MIB = 1 << 20
MUCH = 16 * MIB  # more than the kernel takes of a peer that does not read

Listen = Callable[[ServerFactory], Any]


def by_twisted(factory: ServerFactory) -> Any:
    """On Twisted's own transports."""
    return reactor.listenTCP(0, factory, interface="127.0.0.1")


def by_the_loop(factory: ServerFactory) -> Any:
    """On the loop's."""
    return listen(reactor, factory, 0, interface="127.0.0.1")


@pytest.fixture(params=[by_twisted, by_the_loop])
def kind(request: pytest.FixtureRequest) -> Listen:
    """Who accepts."""
    chosen: Listen = request.param
    return chosen


class Served(Protocol):
    """What the server's side of one connection hears."""

    transport: Any

    def __init__(self) -> None:
        self.received = bytearray()
        self.lost: list[Failure] = []
        self.answer: Callable[[bytes], None] = lambda _: None

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        self.answer(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.append(reason)


@implementer(IHalfCloseableProtocol)
class HalfServed(Served):
    """One that goes on when the peer has said all."""

    def __init__(self) -> None:
        super().__init__()
        self.halves: list[str] = []

    def readConnectionLost(self) -> None:
        self.halves.append("read")

    def writeConnectionLost(self) -> None:
        self.halves.append("write")


class Accepting(ServerFactory):
    """Keeps what it accepted."""

    noisy = False

    def __init__(self, protocol: type[Served] = Served) -> None:
        self.kind = protocol
        self.served: list[Served] = []
        self.is_open = True
        self.started = self.stopped = 0

    def buildProtocol(self, addr: Any) -> Served | None:
        if not self.is_open:
            return None
        self.served.append(self.kind())
        return self.served[-1]

    def startFactory(self) -> None:
        self.started += 1

    def stopFactory(self) -> None:
        self.stopped += 1


@implementer(IPushProducer, IPullProducer)
class Source:
    """Notes what it is told; as a pull producer it writes a piece each time, `pieces` times."""

    def __init__(self, consumer: Any = None, pieces: int = 0) -> None:
        self.told: list[str] = []
        self.consumer = consumer
        self.pieces = pieces

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")
        if self.consumer is not None and self.pieces > 0:
            self.pieces -= 1
            self.consumer.write(bytes(MIB))
            if not self.pieces:
                self.consumer.unregisterProducer()

    def stopProducing(self) -> None:
        self.told.append("stop")


@asynccontextmanager
async def a_pair(
    kind: Listen, protocol: type[Served] = Served
) -> AsyncIterator[tuple[Any, Connection, Accepting]]:
    """A connection: the server's protocol, the client, and the factory."""
    factory = Accepting(protocol)
    port = kind(factory)
    client = await connect(port.getHost().port)
    await until(lambda: factory.served and factory.served[0].transport is not None)
    try:
        yield factory.served[0], client, factory
    finally:
        if not client.ended.called:
            client.leave()
            await client.ended
        await until(lambda: all(served.lost for served in factory.served))
        await port.stopListening()


@asynccontextmanager
async def a_bare_peer(
    kind: Listen, protocol: type[Served] = Served
) -> AsyncIterator[tuple[Any, socket.socket]]:
    """The server's protocol, and a client that reads when it is told to."""
    factory = Accepting(protocol)
    port: Any = kind(factory)
    with socket.create_connection(("127.0.0.1", port.getHost().port)) as peer:
        peer.settimeout(5.0)
        await until(lambda: factory.served and factory.served[0].transport is not None)
        yield factory.served[0], peer
    await until(lambda: factory.served[0].lost)
    await port.stopListening()


def read_all(peer: socket.socket) -> bytes:
    """What has come, up to the end, which is here already."""
    got = bytearray()
    while part := peer.recv(MIB):
        got += part
    return bytes(got)


@pytest_twisted.ensureDeferred
async def test_it_is_what_it_says(kind: Listen) -> None:
    """The interfaces, the addresses, the socket's options."""
    async with a_pair(kind) as (served, client, _):
        transport = served.transport
        for interface in (ITCPTransport, IConsumer, IPushProducer):
            assert verifyObject(interface, transport)
        assert transport.getPeer() == client.transport.getHost()
        assert transport.getHost() == client.transport.getPeer()
        transport.setTcpNoDelay(True)
        assert transport.getTcpNoDelay() is True
        transport.setTcpKeepAlive(True)
        assert transport.getTcpKeepAlive() is True
        assert (transport.connected, transport.disconnecting, transport.disconnected) == (True, False, False)


@pytest_twisted.ensureDeferred
async def test_bytes_arrive_in_order_and_whole(kind: Listen) -> None:
    """However they were written."""
    async with a_pair(kind) as (served, client, _):
        client.send(b"what is it?")
        await until(lambda: served.received == b"what is it?")
        served.transport.write(b"one, ")
        served.transport.writeSequence([b"two, ", b"", b"three"])
        served.transport.writeSequence([])
        served.transport.write(b"")
        body = os.urandom(2 * MIB)
        served.transport.write(body)
        await client.until(15 + len(body))
        assert bytes(client.received) == b"one, two, three" + body


@pytest_twisted.ensureDeferred
async def test_only_bytes_can_be_written(kind: Listen) -> None:
    """What may change before it is sent, or is no bytes, is refused at once."""
    async with a_pair(kind) as (served, _, _factory):
        for wrong in ("text", bytearray(b"x")):
            with pytest.raises(TypeError):
                served.transport.write(wrong)
            with pytest.raises(TypeError):
                served.transport.writeSequence([b"", wrong])


@pytest_twisted.ensureDeferred
async def test_losing_a_connection_flushes_it_first(kind: Listen) -> None:
    """And both ends see an orderly end."""
    async with a_pair(kind) as (served, client, _):
        served.transport.write(bytes(MUCH))
        served.transport.loseConnection()
        served.transport.loseConnection()
        assert served.transport.disconnecting
        assert await client.ended is True
        assert len(client.received) == MUCH
        await until(lambda: served.lost)
        assert served.lost[0].check(ConnectionDone)
        served.transport.write(b"too late")
        served.transport.writeSequence([b"too late"])
        served.transport.abortConnection()
        served.transport.loseConnection()
        assert len(served.lost) == 1


@pytest_twisted.ensureDeferred
async def test_aborting_drops_what_waits_and_resets(kind: Listen) -> None:
    """The peer cannot take it for a whole answer, and we hear that it was our doing."""
    async with a_bare_peer(kind) as (served, peer):
        served.transport.write(bytes(MUCH))
        served.transport.abortConnection()
        served.transport.abortConnection()
        assert not served.lost  # never within the call
        await until(lambda: served.lost)
        assert served.lost[0].check(ConnectionAborted)
        with pytest.raises(ConnectionResetError):
            read_all(peer)


@pytest_twisted.ensureDeferred
async def test_an_abort_overtakes_a_flush(kind: Listen) -> None:
    """A peer that never reads cannot keep a connection that was to be lost."""
    async with a_bare_peer(kind) as (served, peer):
        served.transport.write(bytes(MUCH))
        served.transport.loseConnection()
        await pause(0)
        assert not served.lost
        served.transport.abortConnection()
        await until(lambda: served.lost)
        with pytest.raises(ConnectionResetError):
            read_all(peer)


@pytest_twisted.ensureDeferred
async def test_a_peer_that_leaves_is_told_of(kind: Listen) -> None:
    """In order or by a reset, once."""
    async with a_pair(kind) as (served, client, _):
        client.transport.loseConnection()
        await until(lambda: served.lost)
        assert served.lost[0].check(ConnectionDone)
        assert served.transport.disconnected
    async with a_pair(kind) as (served, client, _):
        client.leave()
        await until(lambda: served.lost)
        assert served.lost[0].check(ConnectionLost)


@pytest_twisted.ensureDeferred
async def test_a_peer_that_has_said_all_is_gone_for_most_protocols(kind: Listen) -> None:
    """A half-closed connection is a closed one, as HTTP servers on Twisted have it."""
    async with a_pair(kind) as (served, client, _):
        client.transport.loseWriteConnection()
        await until(lambda: served.lost)
        assert served.lost[0].check(ConnectionDone)
        assert await client.ended is True


@pytest_twisted.ensureDeferred
async def test_a_protocol_may_go_on_when_the_peer_has_said_all(kind: Listen) -> None:
    """If it knows half-closed connections."""
    async with a_pair(kind, HalfServed) as (served, client, _):
        client.send(b"all of it")
        client.transport.loseWriteConnection()
        await until(lambda: served.halves == ["read"])
        served.transport.resumeProducing()  # there is no more, but no harm in it
        served.transport.write(b"answer")
        await client.until(6)
        served.transport.loseConnection()
        assert await client.ended is True
        assert bytes(served.received) == b"all of it"


@pytest_twisted.ensureDeferred
async def test_one_direction_is_closed_behind_what_was_written(kind: Listen) -> None:
    """We may still read."""
    async with a_bare_peer(kind, HalfServed) as (served, peer):
        served.transport.write(b"all of it")
        served.transport.loseWriteConnection()
        await until(lambda: served.halves == ["write"])
        assert read_all(peer) == b"all of it"
        peer.send(b"heard you")
        await until(lambda: served.received == b"heard you")
        served.transport.loseConnection()
        await until(lambda: served.lost)


@pytest_twisted.ensureDeferred
async def test_a_paused_transport_reads_nothing(kind: Listen) -> None:
    """What the peer sends waits in the kernel, and then holds the peer up."""
    async with a_pair(kind) as (served, client, _):
        served.transport.pauseProducing()
        served.transport.pauseProducing()
        client.send(bytes(MUCH))
        source = Source()
        client.transport.registerProducer(source, True)
        client.send(b"!")
        assert source.told == ["pause"]
        for _step in range(5):
            await pause(0)
        assert not served.received
        served.transport.resumeProducing()
        served.transport.resumeProducing()
        await until(lambda: len(served.received) == MUCH + 1)
        client.transport.unregisterProducer()


@pytest_twisted.ensureDeferred
async def test_pausing_while_data_arrives_holds_the_rest(kind: Listen) -> None:
    """From within dataReceived, too."""
    async with a_pair(kind) as (served, client, _):
        served.answer = lambda _: served.transport.pauseProducing()
        client.send(bytes(MUCH))
        await until(lambda: served.received)
        for _step in range(5):
            await pause(0)
        assert len(served.received) < MUCH
        served.answer = lambda _: None
        served.transport.resumeProducing()
        await until(lambda: len(served.received) == MUCH)


@pytest_twisted.ensureDeferred
async def test_a_push_producer_is_paused_while_the_peer_does_not_read(kind: Listen) -> None:
    """And resumed once it does."""
    async with a_pair(kind) as (served, client, _):
        client.transport.pauseProducing()
        source = Source()
        served.transport.registerProducer(source, True)
        with pytest.raises(RuntimeError):
            served.transport.registerProducer(Source(), True)
        served.transport.write(b"a little")
        assert source.told == []
        served.transport.write(bytes(MUCH))
        assert source.told[:1] == ["pause"]
        client.transport.resumeProducing()
        await until(lambda: source.told[-1] == "resume")
        assert set(source.told) == {"pause", "resume"}
        served.transport.unregisterProducer()
        await client.until(8 + MUCH)


@pytest_twisted.ensureDeferred
async def test_a_pull_producer_is_asked_as_often_as_there_is_room(kind: Listen) -> None:
    """Not more often, so that it holds nothing in memory that the peer does not take."""
    async with a_pair(kind) as (served, client, _):
        client.transport.pauseProducing()
        source = Source(served.transport, pieces=32)
        served.transport.registerProducer(source, False)
        for _step in range(50):
            await pause(0)
        assert source.pieces > 0
        client.transport.resumeProducing()
        await client.until(32 * MIB)
        assert set(source.told) == {"resume"}
        assert len(source.told) == 32


@pytest_twisted.ensureDeferred
async def test_a_connection_lives_until_its_producer_is_done(kind: Listen) -> None:
    """loseConnection waits for who has more to write."""
    async with a_pair(kind) as (served, client, _):
        client.transport.pauseProducing()
        source = Source()
        served.transport.registerProducer(source, True)
        served.transport.write(bytes(MUCH))
        served.transport.loseConnection()
        served.transport.write(b"the last")
        served.transport.unregisterProducer()
        client.transport.resumeProducing()
        assert await client.ended is True
        assert len(client.received) == MUCH + 8
        assert source.told.count("stop") == 0


@pytest_twisted.ensureDeferred
async def test_a_producer_is_stopped_when_its_peer_is_gone(kind: Listen) -> None:
    """The one that is registered, and any that comes too late."""
    async with a_pair(kind) as (served, client, _):
        source, late = Source(), Source()
        served.transport.registerProducer(source, True)
        client.leave()
        await until(lambda: served.lost)
        assert source.told == ["stop"]
        served.transport.registerProducer(late, True)
        assert late.told == ["stop"]


@pytest_twisted.ensureDeferred
async def test_nothing_is_heard_after_losing_the_connection(kind: Listen) -> None:
    """What the peer still sends is not ours any more."""
    async with a_pair(kind) as (served, client, _):
        served.answer = lambda _: served.transport.loseConnection()
        client.send(b"one")
        assert await client.ended is True
        assert bytes(served.received) == b"one"


@pytest_twisted.ensureDeferred
async def test_a_protocol_that_fails_loses_its_own_connection(kind: Listen) -> None:
    """With its own failure, and nobody else's."""
    async with a_pair(kind) as (served, client, factory):
        other = await connect(client.transport.getPeer().port)
        await until(lambda: len(factory.served) == 2 and factory.served[1].transport is not None)

        def fail(_: bytes) -> None:
            raise ZeroDivisionError

        served.answer = fail
        client.send(b"x")
        await client.ended
        await until(lambda: served.lost)
        assert served.lost[0].check(ZeroDivisionError)
        factory.served[1].transport.write(b"still here")
        await other.until(10)
        other.leave()
        await other.ended


@pytest_twisted.ensureDeferred
async def test_a_factory_may_refuse(kind: Listen) -> None:
    """No protocol, no connection."""
    factory = Accepting()
    factory.is_open = False
    port = kind(factory)
    client = await connect(port.getHost().port)
    await client.ended
    assert not factory.served
    await port.stopListening()


@pytest_twisted.ensureDeferred
async def test_a_port_that_stops_keeps_its_connections(kind: Listen) -> None:
    """And takes no more; its factory is told when it begins and when it ends."""
    async with a_pair(kind) as (served, client, factory):
        assert (factory.started, factory.stopped) == (1, 0)
        other = kind(Accepting())
        number = other.getHost().port
        await other.stopListening()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", number))
        served.transport.write(b"still here")
        await client.until(10)
    await until(lambda: factory.stopped == 1)


def test_a_taken_port_is_told_at_once() -> None:
    """Before anything is started on it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        factory = Accepting()
        with pytest.raises(CannotListenError):
            listen(reactor, factory, holder.getsockname()[1], interface="127.0.0.1")
        assert factory.started == 0


@pytest_twisted.ensureDeferred
async def test_two_ports_may_share_a_number_and_a_socket_may_be_adopted() -> None:
    """What several processes of one node do: each connection is accepted by one of them."""
    first, second = Accepting(), Accepting()
    listener = bound(0, "127.0.0.1", 50, reuse_port=True)
    number = listener.getsockname()[1]
    loop = loop_of(reactor)
    assert loop is not None
    ports: list[Any] = [adopt(loop, first, listener)]
    ports.append(listen(reactor, second, number, interface="127.0.0.1", reuse_port=True))
    clients = [await connect(number) for _ in range(16)]
    await until(lambda: len(first.served) + len(second.served) == 16)
    for client in clients:
        client.leave()
        await client.ended
    await until(lambda: all(served.lost for served in (*first.served, *second.served)))
    for port in ports:
        await port.stopListening()
        await port.stopListening()
    assert (first.stopped, second.stopped) == (1, 1)


@pytest_twisted.ensureDeferred
async def test_an_address_of_the_sixth_version() -> None:
    """Is one for Twisted, too."""
    try:
        factory = Accepting()
        port: Any = listen(reactor, factory, 0, interface="::1")
    except CannotListenError:
        pytest.skip("no IPv6 on this machine")
    raw = socket.create_connection(("::1", port.getHost().port))
    await until(lambda: factory.served and factory.served[0].transport is not None)
    assert factory.served[0].transport.getPeer().host == "::1"
    raw.close()
    await until(lambda: factory.served[0].lost)
    await port.stopListening()


@pytest.mark.skipif("uvloop" in type(loop_of(real_reactor)).__module__, reason="this is that run")
def test_uvloop_holds_the_same_contract() -> None:
    """As nodes run it."""
    pytest.importorskip("uvloop")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.on_uvloop", "-p", "no:cacheprovider",
         "-p", "no:schemathesis",
         "-k", "not by_twisted", str(Path(__file__))],
        capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
