"""Which requests are turned away before anything is looked up (sheet 13.1, 16.1, 16.2, 22.2)."""

from __future__ import annotations

from attrs import frozen

from wire.http.fields import RequestHead
from wire.http.hops import asks_for_websocket, has_passed
from wire.http.proxy_status import ProxyError


@frozen
class Refusal:
    """Why, in the words of the three who hear of it: a status, a sentence, and Proxy-Status."""

    status: int
    cause: str
    error: ProxyError


def has_body(request: RequestHead) -> bool:
    """Whether its head announces one."""
    fields = request.fields
    return fields.get("content-length") not in (None, "0") or "transfer-encoding" in fields


def refusal_of(request: RequestHead, node: str) -> Refusal | None:
    """What is wrong with a request, whatever it is about; None: nothing."""
    fields = request.fields
    if request.method in ("CONNECT", "TRACE"):
        return Refusal(405, request.method, ProxyError.HTTP_REQUEST_DENIED)
    if asks_for_websocket(fields):
        return Refusal(501, "no WebSocket goes through here", ProxyError.HTTP_REQUEST_DENIED)
    if has_passed(fields, node):
        return Refusal(508, "the request came round", ProxyError.PROXY_LOOP_DETECTED)
    if has_body(request) and request.method in ("GET", "HEAD"):
        return Refusal(400, "a body on a method that has none", ProxyError.HTTP_REQUEST_ERROR)
    return None
