"""Ports: who may listen, who shares, and what stops."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.error import CannotListenError

from tests.support.edge_node import until
from tests.support.transports import (
    Accepting,
    Listen,
    a_pair,
    reactor,
)
from tests.support.viewer import connect
from wire.web.listening import LoopPort, bound, listen, loop_of, reserved


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
async def test_a_port_that_is_reserved_takes_calls_once_it_is_started() -> None:
    """Of two who reserved the same, the first to start has it."""
    factory = Accepting()
    port: Any = reserved(reactor, factory, 0, interface="127.0.0.1")
    number = port.getHost().port
    rival: Any = reserved(reactor, Accepting(), number, interface="127.0.0.1")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", number))
    port.startListening()
    client = await connect(number)
    await until(lambda: len(factory.served) == 1)
    with pytest.raises(CannotListenError):
        rival.startListening()
    client.leave()
    await client.ended
    await port.stopListening()
    await rival.stopListening()
    assert (factory.started, factory.stopped) == (1, 1)


@pytest_twisted.ensureDeferred
async def test_two_ports_may_share_a_number_and_a_socket_may_be_LoopPort() -> None:
    """What several processes of one node do: each connection is accepted by one of them."""
    first, second = Accepting(), Accepting()
    listener = bound(0, "127.0.0.1", 50, reuse_port=True)
    number = listener.getsockname()[1]
    loop = loop_of(reactor)
    assert loop is not None
    ports: list[Any] = [LoopPort(loop, first, listener)]
    ports[0].startListening()
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
