"""What a site has for tests of HTTP/2."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred

from tests.wire.web.test_site import Sample
from wire.http.fields import Fields, ResponseHead
from wire.web.request import StreamingRequest


class More(Sample):
    """The menu of the HTTP/1 tests, and what only matters here."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[StreamingRequest] = []
        self.seen: list[tuple[bytes, bytes, dict[bytes, Sequence[bytes]]]] = []

    async def answer(self, request: StreamingRequest) -> None:
        self.requests.append(request)
        self.seen.append((request.method, request.uri, dict(request.requestHeaders.getAllRawHeaders())))
        match request.path:
            case b"/hop":
                fields = Fields(
                    [("Connection", "close"), ("Keep-Alive", "1"), ("Set-Cookie", "a=b"), ("X-A", "b")]
                )
                request.begin(ResponseHead(200, fields), b"hi")
            case b"/304":
                request.begin(ResponseHead(304, Fields([("ETag", '"a"'), ("Content-Length", "5")])))
            case b"/hints":
                request.inform(ResponseHead(103, Fields.of(Link="</a>", Connection="X-Hop")))
                request.write(b"hello")
                request.inform(ResponseHead(103))
            case b"/early":
                request.begin(ResponseHead(403, Fields([("Content-Length", "2")])), b"no")
            case b"/hold":
                held: Deferred[None] = Deferred()
                try:
                    await held
                finally:
                    self.cancelled += 1
            case _:
                await super().answer(request)
