"""What an answer's head promises of its body, in such words that another upstream can be held to it. Pure."""

from __future__ import annotations

from attrs import frozen

from wire.http.conditional import is_strong
from wire.http.fields import ResponseHead
from wire.http.ranges import parse_content_range


@frozen
class Promise:
    """The bytes that a head announces, so named that the rest of them can be asked for elsewhere."""

    etag: str
    start: int
    stop: int
    size: int
    """Of the whole, of which this may be a part."""


def promised_by(head: ResponseHead) -> Promise | None:
    """What may be resumed: a whole, or one part of it, of known length under a strong validator (RFC 9110
    §13.1.5)."""
    fields = head.fields
    etag, text = fields.get("etag") or "", fields.get("content-length") or ""
    if not is_strong(etag) or "transfer-encoding" in fields or not (text.isascii() and text.isdigit()):
        return None
    length = int(text)
    if head.status == 200:
        return Promise(etag, 0, length, length)
    span = parse_content_range(fields.get("content-range") or "") if head.status == 206 else None
    if span is None or span[1] is None or span[0][1] - span[0][0] != length:
        return None
    return Promise(etag, *span[0], span[1])


def keeps(again: ResponseHead, promise: Promise, received: int) -> bool:
    """Whether this answer brings exactly what is left of the promise after so many bytes."""
    span = parse_content_range(again.fields.get("content-range") or "")
    left = (promise.start + received, promise.stop), promise.size
    return again.status == 206 and span == left and again.fields.get("etag") == promise.etag
