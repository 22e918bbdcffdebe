"""`POST /forget`, among the processes of one node: a purge at a told moment, or keys that one of them found invalid."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import frozen

from edge.control.commands import Command
from edge.control.purge import Purge
from wire.errors import InvalidRequest


@frozen
class Forget:
    """What a process of a node is told by another."""

    at: float | None = None
    """The moment it counts from, for all alike; None: when it is heard."""
    purge: Purge | None = None
    cache_keys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, told: Any) -> Forget:
        """What our own JSON says."""
        if not isinstance(told, Mapping):
            raise InvalidRequest("A JSON object is wanted")
        purge = told.get("purge")
        return cls(
            at=told.get("at"),
            purge=Purge.from_json(purge) if purge is not None else None,
            cache_keys=tuple(told.get("cache_keys", ())),
            tags=tuple(told.get("tags", ())),
        )


class ForgetResource(Command):
    """Answers `{"purged": how many}` when it is done."""

    limit_bytes = 8 << 20

    def __init__(self, forget: Callable[[Forget], Awaitable[int]]) -> None:
        super().__init__()
        self._forget = forget

    async def carry_out(self, told: Any) -> dict[str, int]:
        return {"purged": await self._forget(Forget.from_json(told))}
