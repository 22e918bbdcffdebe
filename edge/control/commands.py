"""What an operator, or another process of the node, has a node do: posted as JSON, answered in JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from wire import jsontext
from wire.errors import InvalidRequest, MethodNotAllowed
from wire.web.resource import JsonResource
from wire.web.sending import send_json
from wire.web.site import StreamingRequest


class Posted(JsonResource):
    """A resource that JSON is posted to."""

    limit_bytes = 1 << 20

    async def told_by(self, request: StreamingRequest) -> Any:
        """The JSON that was posted."""
        if request.method != b"POST":
            raise MethodNotAllowed("A command is posted")
        try:
            return jsontext.read(await request.body.read(self.limit_bytes))
        except ValueError as error:
            raise InvalidRequest("The body is not JSON") from error


class Command(Posted, ABC):
    """One thing to do; the answer tells what came of it."""

    async def answer(self, request: StreamingRequest) -> None:
        send_json(request, 200, await self.carry_out(await self.told_by(request)))

    @abstractmethod
    async def carry_out(self, told: Any) -> Any:
        """Do it; what to answer."""
