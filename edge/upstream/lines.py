"""A pool that can hang up on whoever has gone silent."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from edge.core.invalidation import SAFE
from edge.upstream.connection import UpstreamConnection
from edge.upstream.pool import Pool
from wire.http.fields import RequestHead


class Lines(Pool):
    """A pool that knows who is at the other end.

    A killed upstream resets its connections, and those who wait are helped at once. A stopped or unreachable one
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

    def hang_up(self, upstream: str, *, validations_only: bool = False) -> int:
        """End every connection on which no answer has begun; how many. What is flowing is left to flow, and what may
        not be done twice is left to be done.

        `validations_only`: those alone whose askers hold something that may stand in for the answer.
        """
        silent = [
            line
            for line in self._lines.get(upstream, ())
            if line.is_open and not line.answer_has_begun and _may_be_left(line.asked, validations_only)
        ]
        for line in silent:
            line.hang_up()
        return len(silent)


def _may_be_left(asked: RequestHead | None, validations_only: bool) -> bool:
    if asked is None:
        return True
    is_validation = "if-none-match" in asked.fields or "if-modified-since" in asked.fields
    return asked.method in SAFE and (is_validation or not validations_only)
