"""Connections to the upstreams, kept while they are idle."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import Factory
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory

from edge.core.events import Failure as Reason
from edge.settings import Concurrency
from edge.upstream.connection import UpstreamConnection
from edge.upstream.failing import UpstreamFailed, not_connected
from edge.upstream.turns import Turns


class Pool:
    """Gives connections out, newest first, and takes them back; no more at once than an upstream has turns. One
    per node.
    """

    def __init__(
        self,
        clock: IReactorTime,
        connect: IAgentEndpointFactory,
        *,
        connect_seconds: float,
        idle_seconds: float = 30.0,
        idle_per_upstream: int = 64,
        concurrency: Concurrency | None = None,
    ) -> None:
        self._clock = clock
        self._connect = connect
        self._connect_seconds = connect_seconds
        self._idle_seconds = idle_seconds
        self._idle_per_upstream = idle_per_upstream
        self._concurrency = concurrency or Concurrency()
        self._turns: dict[str, Turns] = {}
        self._idle: dict[str, list[tuple[UpstreamConnection, IDelayedCall]]] = {}
        self._open: set[UpstreamConnection] = set()
        self._busy: dict[UpstreamConnection, Turns] = {}
        self._is_closed = False
        self._factory = Factory.forProtocol(UpstreamConnection)
        self._factory.noisy = False

    async def take(self, upstream: str, *, fresh: bool = False) -> UpstreamConnection:
        """A connection to `upstream` (a base URL): an idle one unless it must be `fresh`, else a new one.

        UpstreamFailed: BUSY when too many wait for a turn already, UNREACHABLE when it cannot be dialled.
        """
        turns = self._turns_of(upstream)
        await turns.take()
        connection = None if fresh else self._idle_one(upstream)
        try:
            connection = connection or await self._dial(upstream)
        except BaseException:
            turns.give_back()
            raise
        self._busy[connection] = turns
        return connection

    def _idle_one(self, upstream: str) -> UpstreamConnection | None:
        idle = self._idle.get(upstream, [])
        while idle:
            connection, expiry = idle.pop()
            expiry.cancel()
            if connection.is_open:
                return connection
        return None

    def _turns_of(self, upstream: str) -> Turns:
        turns = self._turns.get(upstream)
        if turns is None:
            turns = self._turns[upstream] = Turns(self._concurrency, self._clock)
        return turns

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

    @property
    def waiting(self) -> int:
        """How many questions wait for their turn."""
        return sum(turns.waiting for turns in self._turns.values())

    def running(self, upstream: str) -> int:
        """How many questions an upstream has from us now, those in line included."""
        turns = self._turns.get(upstream)
        return turns.running + turns.waiting if turns is not None else 0

    async def _dial(self, upstream: str) -> UpstreamConnection:
        self._refuse_when_closed()
        endpoint = self._connect.endpointForURI(URI.fromBytes(upstream.encode("ascii")))
        dialling: Deferred[Any] = endpoint.connect(self._factory)
        dialling.addTimeout(self._connect_seconds, self._clock)
        try:
            connection: UpstreamConnection = await dialling
        except Exception as failure:
            raise not_connected(upstream, failure) from failure
        if self._is_closed:  # while it was being dialled: nobody would close it
            connection.abort()
            self._refuse_when_closed()
        connection.on_lost = lambda connection: self._forget(upstream, connection)
        connection.on_idle = lambda connection: self._put_back(upstream, connection)
        self._open.add(connection)
        return connection

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise UpstreamFailed(Reason.UNREACHABLE, "the node is stopping")

    def _put_back(self, upstream: str, connection: UpstreamConnection) -> None:
        idle = self._idle.setdefault(upstream, [])
        if self._is_closed or len(idle) >= self._idle_per_upstream:
            connection.close()
        else:
            expiry = self._clock.callLater(self._idle_seconds, self._expire, upstream, connection)
            idle.append((connection, expiry))
        self._give_turn_back(connection)  # whoever waits may have this very connection

    def _forget(self, upstream: str, connection: UpstreamConnection) -> None:
        self._open.discard(connection)
        self._give_turn_back(connection)
        idle = self._idle.get(upstream, [])
        for pair in [pair for pair in idle if pair[0] is connection]:
            idle.remove(pair)
            pair[1].cancel()

    def _give_turn_back(self, connection: UpstreamConnection) -> None:
        turns = self._busy.pop(connection, None)
        if turns is not None:
            turns.give_back()

    def _expire(self, upstream: str, connection: UpstreamConnection) -> None:
        idle = self._idle.get(upstream, [])
        idle[:] = [pair for pair in idle if pair[0] is not connection]
        connection.close()
