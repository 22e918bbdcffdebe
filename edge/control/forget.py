"""`POST /forget`, among the processes of one node: a purge at a told moment, or keys that one of them found invalid."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import frozen

from edge.control.purge import Purge
from wire.errors import InvalidRequest, MediaError, MethodNotAllowed
from wire.web.resource import CoroutineResource
from wire.web.sending import send_json
from wire.web.site import StreamingRequest

BODY_LIMIT = 8 << 20


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


class ForgetResource(CoroutineResource):
    """Answers `{"purged": how many}` when it is done."""

    def __init__(self, forget: Callable[[Forget], Awaitable[int]]) -> None:
        super().__init__()
        self._forget = forget

    async def answer(self, request: StreamingRequest) -> None:
        if request.method != b"POST":
            raise MethodNotAllowed("It is posted")
        try:
            told = json.loads(await request.body.read(BODY_LIMIT))
        except ValueError as error:
            raise InvalidRequest("The body is not JSON") from error
        send_json(request, 200, {"purged": await self._forget(Forget.from_json(told))})

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        send_json(request, error.status, {"error": {"message": error.public}})
