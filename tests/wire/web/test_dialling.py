"""Connections that the loop dials, and those that come to nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.error import TimeoutError as TookTooLong
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import URI

from tests.support.edge_node import pause, until
from wire.web.agent import PlainConnect
from wire.web.dialling import LoopEndpoint
from wire.web.listening import loop_of


class Dialled(Protocol):
    transport: Any

    def __init__(self) -> None:
        self.received = b""
        self.lost: list[Failure] = []

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.append(reason)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Somebody who listens, and takes nobody in before it is told to."""
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listening:
        yield listening


def endpoint(port: int, seconds: float = 5.0) -> LoopEndpoint:
    loop = loop_of(reactor)
    assert loop is not None
    return LoopEndpoint(loop, reactor, "127.0.0.1", port, seconds)


def factory() -> Factory:
    made: Factory = Factory.forProtocol(Dialled)
    made.noisy = False
    return made


@pytest.mark.parametrize("in_order", [True, False])
@pytest_twisted.ensureDeferred
async def test_bytes_go_both_ways_and_an_end_is_told_as_it_was(server: socket.socket, in_order: bool) -> None:
    """An answer without a length is whole only where its connection ended in an orderly way."""
    dialled: Any = await endpoint(server.getsockname()[1]).connect(factory())
    peer, _ = server.accept()
    dialled.transport.write(b"question")
    assert peer.recv(100) == b"question"
    peer.send(b"answer")
    await until(lambda: dialled.received == b"answer")
    if not in_order:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
    await until(lambda: dialled.lost)
    assert dialled.lost[0].check(ConnectionDone if in_order else ConnectionLost)
    dialled.transport.pauseProducing()
    dialled.transport.resumeProducing()


@pytest_twisted.ensureDeferred
async def test_a_refusal_is_told_in_twisteds_words() -> None:
    """Whoever asks tells refusals from silence by them."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(Refused):
        await endpoint(port).connect(factory())


@pytest_twisted.ensureDeferred
async def test_nobody_is_dialled_for_ever(server: socket.socket) -> None:
    """A full backlog takes no more, and does not say so."""
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(server.getsockname())
    with pytest.raises(TookTooLong):
        await endpoint(server.getsockname()[1], 0.1).connect(factory())
    dialling = endpoint(server.getsockname()[1], 60.0).connect(factory())
    await pause(0)
    dialling.cancel()
    with pytest.raises(CancelledError):
        await dialling
    for filler in fillers:
        filler.close()


def test_names_and_tls_are_dialled_by_twisted() -> None:
    """It asks for all addresses of a name at once, and knows certificates."""
    connect = PlainConnect(reactor)
    assert isinstance(connect.endpointForURI(URI.fromBytes(b"http://127.0.0.1:80/")), LoopEndpoint)
    assert isinstance(connect.endpointForURI(URI.fromBytes(b"http://[::1]:80/")), LoopEndpoint)
    for other in (b"http://localhost:80/", b"https://127.0.0.1/"):
        assert not isinstance(connect.endpointForURI(URI.fromBytes(other)), LoopEndpoint)
