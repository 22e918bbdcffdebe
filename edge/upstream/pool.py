"""Connections to the upstreams, kept while they are idle."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Factory
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory

from edge.core.events import Failure as Reason
from edge.settings import Concurrency
from edge.upstream.connection import UpstreamConnection
from edge.upstream.failing import UpstreamFailed, not_connected
from edge.upstream.turns import Turns
from wire.web.alarm import Alarm


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
        self._idle: dict[str, list[tuple[UpstreamConnection, float]]] = {}
        """Each with when it came back, the newest last."""
        self._expiry = Alarm(clock, self._expire)
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

    def take_idle(self, upstream: str) -> UpstreamConnection | None:
        """The same at once: an idle connection, if there is one and a turn for it."""
        turns = self._turns.get(upstream)
        if turns is None or not self._idle.get(upstream) or not turns.take_now():
            return None
        connection = self._idle_one(upstream)
        if connection is None:
            turns.give_back()
        else:
            self._busy[connection] = turns
        return connection

    def _idle_one(self, upstream: str) -> UpstreamConnection | None:
        idle = self._idle.get(upstream, [])
        while idle:
            connection, _ = idle.pop()
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
        self._expiry.stop()
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
            idle.append((connection, self._clock.seconds()))
            if not self._expiry.is_set:
                self._expiry.set(self._idle_seconds)
        self._give_turn_back(connection)  # whoever waits may have this very connection

    def _forget(self, upstream: str, connection: UpstreamConnection) -> None:
        self._open.discard(connection)
        self._give_turn_back(connection)
        idle = self._idle.get(upstream, [])
        idle[:] = [pair for pair in idle if pair[0] is not connection]

    def _give_turn_back(self, connection: UpstreamConnection) -> None:
        turns = self._busy.pop(connection, None)
        if turns is not None:
            turns.give_back()

    def _expire(self) -> None:
        """Let go what was idle for too long, and look again when the next will have been."""
        now = self._clock.seconds()
        for idle in self._idle.values():
            while idle and idle[0][1] + self._idle_seconds <= now:
                idle.pop(0)[0].close()
        oldest = min((idle[0][1] for idle in self._idle.values() if idle), default=None)
        if oldest is not None:
            self._expiry.set(oldest + self._idle_seconds - now)
