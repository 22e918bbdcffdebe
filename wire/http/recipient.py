"""Whether a request is for the servers behind this one, or for this one itself (RFC 9110 §7.6.2, §9.3.7)."""

from __future__ import annotations

import re

from wire.http.fields import Fields, RequestHead

ALLOWED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
"""What intermediaries of ours pass on."""

_COUNT = re.compile("[0-9]{1,9}")
_SERVER = re.compile(r"\*|https?://[^/?#]*", re.IGNORECASE)


def ends_here(request: RequestHead) -> bool:
    """Whether an OPTIONS asks about the server and no resource of it (`*`, or an absolute target without a path: RFC
    9112 §3.2.4), or may go no further."""
    if request.method != "OPTIONS":
        return False
    return _SERVER.fullmatch(request.target) is not None or _hops_left(request.fields) == 0


def with_one_hop_less(request: RequestHead) -> Fields:
    """The fields to pass on: Max-Forwards is counted down where it means something, and else left as it is."""
    left = _hops_left(request.fields) if request.method == "OPTIONS" else None
    return request.fields if left is None else request.fields.replacing("Max-Forwards", str(max(0, left - 1)))


def _hops_left(fields: Fields) -> int | None:
    """None where nothing sound is said."""
    said = fields.joined("max-forwards") or ""
    return int(said) if _COUNT.fullmatch(said) else None
