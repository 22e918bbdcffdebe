"""A request to a control API, read whole."""

from __future__ import annotations

from collections.abc import Iterable

from edge.vendors.call import Call
from wire.web.site import StreamingRequest


async def call_of(request: StreamingRequest, limit_bytes: int) -> Call:
    """The call; `TooLarge` over the limit."""
    body = await request.body.read(limit_bytes)
    return Call(
        method=request.method.decode("ascii"),
        target=request.uri.decode("latin-1"),
        fields=request.fields,
        body=body,
        scheme="https" if request.isSecure() else "http",
    )


def send(
    request: StreamingRequest, status: int, kind: str, text: str, headers: Iterable[tuple[str, str]] = ()
) -> None:
    """Answer with a document."""
    body = text.encode()
    request.setResponseCode(status)
    for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
        request.setHeader(name.encode("ascii"), value.encode("latin-1"))
    request.write(body)
