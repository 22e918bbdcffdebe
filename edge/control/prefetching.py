"""`POST /prefetch`: an operator's list of URLs to have before anybody asks."""

from __future__ import annotations

import json

from edge.http.machinery import Machinery
from edge.http.prefetch import Prefetch, carry_out
from wire.errors import InvalidRequest, MediaError, MethodNotAllowed
from wire.web.resource import CoroutineResource
from wire.web.sending import send_json
from wire.web.site import StreamingRequest

BODY_LIMIT = 1 << 20


class PrefetchResource(CoroutineResource):
    """`{"urls": ["/a", "http://ex.com/b"], "headers": {"Accept": "image/avif"}}`: for each URL a word of what came
    of it. Bare paths are asked for under the node's own host."""

    def __init__(self, machinery: Machinery, host: str) -> None:
        super().__init__()
        self._machinery = machinery
        self._host = host

    async def answer(self, request: StreamingRequest) -> None:
        if request.method != b"POST":
            raise MethodNotAllowed("A prefetch is posted")
        try:
            told = json.loads(await request.body.read(BODY_LIMIT))
        except ValueError as error:
            raise InvalidRequest("The body is not JSON") from error
        words = await carry_out(Prefetch.from_json(told), self._machinery, self._host)
        send_json(request, 200, {"urls": words})

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        send_json(request, error.status, {"error": {"message": error.public}})
