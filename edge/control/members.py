"""Which of a node's upstreams are there: told while it runs, as a pool grows and shrinks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from edge.control.commands import Command
from edge.upstream.health import Health
from wire.errors import InvalidRequest

EXPECTED = 'Expected upstreams and whether each is there: {"http://127.0.0.1:9002": true}'


class Members(Command):
    """`{"http://127.0.0.1:9002": true, "http://127.0.0.1:9003": false}`: what is not named stays as it is. The answer
    says of every upstream whether it is there."""

    def __init__(self, upstreams: Iterable[str], health: Health) -> None:
        super().__init__()
        self._upstreams = tuple(upstreams)
        self._health = health

    async def carry_out(self, told: Any) -> dict[str, Any]:
        """Raises InvalidRequest, with nothing changed, of what is no such mapping or of an upstream it has not."""
        for url, is_there in self._members(told).items():
            (self._health.join if is_there else self._health.leave)(url)
        return {"members": {url: url not in self._health.away for url in self._upstreams}}

    def _members(self, told: Any) -> Mapping[str, bool]:
        if not isinstance(told, dict) or not all(isinstance(value, bool) for value in told.values()):
            raise InvalidRequest(EXPECTED)
        unknown = [url for url in told if url not in self._upstreams]
        if unknown:
            known = ", ".join(self._upstreams)
            raise InvalidRequest(f"There is no upstream {str(unknown[0])[:80]}: there is {known}")
        return told
