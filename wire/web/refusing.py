"""An answer to what is no request: one sentence, and the end of the connection."""

from __future__ import annotations

from twisted.web.http import RESPONSES

from wire.http.dates import format_date

REASONS = {431: b"Request Header Fields Too Large"}


def reason_of(status: int) -> bytes:
    """The phrase that goes with a status."""
    known: bytes = RESPONSES.get(status) or REASONS.get(status, b"")
    return known


def refusal_bytes(status: int, sentence: str, now: float, *, head_only: bool = False) -> bytes:
    """All of the answer. Its connection's framing cannot be trusted any more, so it ends with it."""
    content = sentence.encode() + b"\n"
    lines = [
        b"HTTP/1.1 %d %b" % (status, reason_of(status)),
        b"Date: " + format_date(now).encode("ascii"),
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Length: %d" % len(content),
        b"Cache-Control: no-store",
        b"Connection: close",
    ]
    if status == 503:
        lines.append(b"Retry-After: 1")
    return b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if head_only else content)
