"""The pace of a connection: a pause of either side is felt by the other."""

from __future__ import annotations

import pytest
import pytest_twisted

from tests.support.edge_node import pause, until
from tests.support.transports import (
    MIB,
    MUCH,
    Listen,
    Source,
    a_pair,
)


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
