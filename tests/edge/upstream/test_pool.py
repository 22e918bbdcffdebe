"""Connections that are kept, and none that is forgotten."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from attrs import field, frozen
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred
from twisted.web.client import URI

from edge.core.events import Failure as Reason
from edge.upstream.failing import UpstreamFailed
from edge.upstream.pool import Pool
from tests.support.edge_node import until
from tests.support.scripted_origin import ScriptedOrigin
from wire.web.agent import PlainConnect

reactor: Any = real_reactor


@frozen
class Slow:
    """A way out that opens when it is told to."""

    opening: Deferred[None] = field(factory=Deferred)

    def endpointForURI(self, uri: URI) -> Any:
        return SlowEndpoint(PlainConnect(reactor).endpointForURI(uri), self.opening)


@frozen
class SlowEndpoint:
    """Dials, and tells of it late."""

    inner: Any
    opening: Deferred[None]

    def connect(self, factory: Any) -> Deferred[Any]:
        return Deferred.fromCoroutine(self._connect(factory))

    async def _connect(self, factory: Any) -> Any:
        await self.opening
        return await self.inner.connect(factory)


@pytest_twisted.ensureDeferred
async def test_a_connection_that_comes_after_the_end_is_closed_at_once() -> None:
    """It was being dialled when the node stopped."""
    origin, slow = ScriptedOrigin().listen(), Slow()
    pool = Pool(reactor, slow, connect_seconds=1.0)  # type: ignore[arg-type]
    taking = Deferred.fromCoroutine(pool.take(origin.url))
    await pool.close()
    slow.opening.callback(None)
    with pytest.raises(UpstreamFailed) as failed:
        await taking
    assert failed.value.reason is Reason.UNREACHABLE
    await until(lambda: origin.connections == 1 and not origin.lines)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_idle_connection_that_the_upstream_closes_is_forgotten() -> None:
    """It would only cost the next one who asks."""
    origin = ScriptedOrigin().listen()
    pool = Pool(reactor, PlainConnect(reactor), connect_seconds=1.0)
    connection = await pool.take(origin.url)
    pool._put_back(origin.url, connection)
    assert pool.open_count == 1
    await until(lambda: origin.lines)
    for line in tuple(origin.lines):
        line.close()
    await until(lambda: pool.open_count == 0)
    assert (await pool.take(origin.url)) is not connection
    await pool.close()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_idle_connections_are_let_go_after_a_while() -> None:
    """And no more of them are kept than was said."""
    origin = ScriptedOrigin().listen()
    pool = Pool(reactor, PlainConnect(reactor), connect_seconds=1.0, idle_seconds=0.05, idle_per_upstream=1)
    one, two = await pool.take(origin.url), await pool.take(origin.url)
    for connection in (one, two):
        pool._put_back(origin.url, connection)
    await until(lambda: pool.open_count == 1)
    assert one.is_open
    await until(lambda: pool.open_count == 0)
    await pool.close()
    await origin.stop()
