"""The two ends of a connection whose transport is looked at: whoever accepts it, and a client, well-behaved or not."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from twisted.internet import reactor as real_reactor
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IPullProducer,
    IPushProducer,
)
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from tests.support.edge_node import until
from tests.support.viewer import Connection, connect
from wire.web.listening import listen

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
