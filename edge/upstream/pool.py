"""Connections to the upstreams, kept while they are idle."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import Factory
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory

from edge.core.events import Failure as Reason
from edge.upstream.connection import UpstreamConnection
from edge.upstream.failing import UpstreamFailed, not_connected


class Pool:
    """Gives connections out, newest first, and takes them back. One per node."""

    def __init__(
        self,
        clock: IReactorTime,
        connect: IAgentEndpointFactory,
        *,
        connect_seconds: float,
        idle_seconds: float = 30.0,
        idle_per_upstream: int = 64,
    ) -> None:
        self._clock = clock
        self._connect = connect
        self._connect_seconds = connect_seconds
        self._idle_seconds = idle_seconds
        self._idle_per_upstream = idle_per_upstream
        self._idle: dict[str, list[tuple[UpstreamConnection, IDelayedCall]]] = {}
        self._open: set[UpstreamConnection] = set()
        self._is_closed = False
        self._factory = Factory.forProtocol(UpstreamConnection)
        self._factory.noisy = False

    async def take(self, upstream: str, *, fresh: bool = False) -> UpstreamConnection:
        """A connection to `upstream` (a base URL): an idle one unless it must be `fresh`, else a new one."""
        idle = self._idle.get(upstream, [])
        while idle and not fresh:
            connection, expiry = idle.pop()
            expiry.cancel()
            if connection.is_open:
                return connection
        return await self._dial(upstream)

    async def close(self) -> None:
        """Close what is idle, abort what is not."""
        self._is_closed = True
        for idle in self._idle.values():
            for _, expiry in idle:
                expiry.cancel()
        self._idle.clear()
        for connection in tuple(self._open):
            connection.abort()

    @property
    def open_count(self) -> int:
        """How many connections there are."""
        return len(self._open)

    async def _dial(self, upstream: str) -> UpstreamConnection:
        endpoint = self._connect.endpointForURI(URI.fromBytes(upstream.encode("ascii")))
        dialling: Deferred[Any] = endpoint.connect(self._factory)
        dialling.addTimeout(self._connect_seconds, self._clock)
        try:
            connection: UpstreamConnection = await dialling
        except Exception as failure:
            raise not_connected(upstream, failure) from failure
        if self._is_closed:  # while it was being dialled: nobody would close it
            connection.abort()
            raise UpstreamFailed(Reason.UNREACHABLE, "the node is stopping")
        connection.on_lost = lambda connection: self._forget(upstream, connection)
        connection.on_idle = lambda connection: self._put_back(upstream, connection)
        self._open.add(connection)
        return connection

    def _put_back(self, upstream: str, connection: UpstreamConnection) -> None:
        idle = self._idle.setdefault(upstream, [])
        if self._is_closed or len(idle) >= self._idle_per_upstream:
            connection.close()
            return
        idle.append(
            (connection, self._clock.callLater(self._idle_seconds, self._expire, upstream, connection))
        )

    def _forget(self, upstream: str, connection: UpstreamConnection) -> None:
        self._open.discard(connection)
        idle = self._idle.get(upstream, [])
        for pair in [pair for pair in idle if pair[0] is connection]:
            idle.remove(pair)
            pair[1].cancel()

    def _expire(self, upstream: str, connection: UpstreamConnection) -> None:
        idle = self._idle.get(upstream, [])
        idle[:] = [pair for pair in idle if pair[0] is not connection]
        connection.close()
