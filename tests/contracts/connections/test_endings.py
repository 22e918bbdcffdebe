"""How a connection ends: in order or not, by us, by the peer, or on one side only."""

from __future__ import annotations

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost

from tests.support.edge_node import pause, until
from tests.support.transports import (
    MUCH,
    HalfServed,
    Listen,
    a_bare_peer,
    a_pair,
    read_all,
)
from tests.support.viewer import connect


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
