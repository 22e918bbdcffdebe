"""The balancer's connections, and hanging up on whoever has gone silent."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from edge.upstream.connection import UpstreamConnection
from edge.upstream.pool import Pool


class Lines(Pool):
    """A pool that knows who is at the other end.

    A killed PoP resets its connections, and those who wait are helped at once. A stopped or unreachable one
    says nothing: they would wait as long as an image may take to render. Once the checks know better, so do
    they.
    """

    def __init__(self, *args: Any, **told: Any) -> None:
        super().__init__(*args, **told)
        self._lines: dict[str, WeakSet[UpstreamConnection]] = {}

    async def take(self, upstream: str, *, fresh: bool = False) -> UpstreamConnection:
        connection = await super().take(upstream, fresh=fresh)
        self._lines.setdefault(upstream, WeakSet()).add(connection)
        return connection

    def hang_up(self, upstream: str) -> int:
        """End every connection on which no answer has begun; how many. What is flowing is left to flow."""
        silent = [
            line for line in self._lines.get(upstream, ()) if line.is_open and not line.answer_has_begun
        ]
        for line in silent:
            transport: Any = line.transport
            transport.abortConnection()
        return len(silent)
