"""An answer in place of a resource's: one sentence that says why."""

from __future__ import annotations

from wire.http.dates import format_date
from wire.http.lines import Line
from wire.http.reasons import reason_of


def refusal(status: int, sentence: str, now: float) -> tuple[list[Line], bytes]:
    """The field lines of the answer, and its content."""
    content = sentence.encode() + b"\n"
    lines = [
        (b"Date", format_date(now).encode("ascii")),
        (b"Content-Type", b"text/plain; charset=utf-8"),
        (b"Content-Length", b"%d" % len(content)),
        (b"Cache-Control", b"no-store"),
    ]
    if status == 503:
        lines.append((b"Retry-After", b"1"))
    return lines, content


def refusal_bytes(status: int, sentence: str, now: float, *, head_only: bool = False) -> bytes:
    """All of it in HTTP/1. Its connection's framing cannot be trusted any more, so it ends with it."""
    lines, content = refusal(status, sentence, now)
    head = b"".join([b"%b: %b\r\n" % line for line in (*lines, (b"Connection", b"close"))])
    start = b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, reason_of(status).encode("ascii"), head)
    return start if head_only else start + content
