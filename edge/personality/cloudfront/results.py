"""How CloudFront's standard log calls what became of a request (cdn-vendors §8, fields 14, 23 and 29)."""

from __future__ import annotations

from collections.abc import Collection

from attrs import frozen

from edge.control.lines import Line
from edge.core.account import Account
from edge.core.outcome import Verdict
from edge.personality.cloudfront.marks import LIMIT, cache_word
from wire.http.fields import Fields
from wire.http.proxy_status import ProxyError

ERROR, CAPACITY, SHIELD = "Error", "CapacityExceeded", "OriginShieldHit"
_FAILURES = {
    ProxyError.DNS_ERROR: "OriginDnsError",
    ProxyError.DESTINATION_UNAVAILABLE: "OriginConnectError",
    ProxyError.DESTINATION_IP_UNROUTABLE: "OriginConnectError",
    ProxyError.CONNECTION_REFUSED: "OriginConnectError",
    ProxyError.CONNECTION_TIMEOUT: "OriginConnectError",
    ProxyError.TLS_PROTOCOL_ERROR: "OriginConnectError",
    ProxyError.TLS_CERTIFICATE_ERROR: "OriginConnectError",
    ProxyError.CONNECTION_WRITE_TIMEOUT: "OriginWriteError",
    ProxyError.CONNECTION_TERMINATED: "OriginCommError",
    ProxyError.HTTP_RESPONSE_TIMEOUT: "OriginCommError",
    ProxyError.HTTP_RESPONSE_INCOMPLETE: "OriginReadError",
    ProxyError.HTTP_RESPONSE_HEADER_SECTION_SIZE: "OriginReadError",
    ProxyError.HTTP_RESPONSE_TRANSFER_CODING: "OriginReadError",
    ProxyError.HTTP_PROTOCOL_ERROR: "OriginReadError",
    ProxyError.HTTP_REQUEST_ERROR: "InvalidRequest",
    ProxyError.CONNECTION_LIMIT_REACHED: CAPACITY,
}
"""Why the edge made an error itself → its name."""


@frozen
class Results:
    """Of one request."""

    at_first: str
    """When the answer began."""
    final: str
    """When it was over."""
    detailed: str
    is_unanswered: bool
    """Whether the viewer left before an answer."""


def results_of(line: Line, shields: Collection[str] = ()) -> Results:
    """As the line tells; `shields` are the names of the origins'."""
    outcome = line.outcome
    shown = line.answer.get("x-cache") or cache_word(
        outcome.status, Account(outcome.verdict, collapsed=outcome.collapsed)
    )
    first = shown.partition(" ")[0]
    detailed = _detailed(line, first, shields)
    if detailed in (LIMIT, CAPACITY):
        first = detailed
    if not line.has_asked:  # whatever was found out meanwhile, there was nobody to tell
        return Results(ERROR, ERROR, "ClientHungUpRequest", is_unanswered=True)
    if line.has_left:
        return Results(first, ERROR, "ClientCommError", not line.answer)
    if not outcome.complete and outcome.verdict is not Verdict.ERROR:
        aborted = "SlowReaderOriginError" if line.was_slow else "AbortedOrigin"
        return Results(first, ERROR, aborted, not line.answer)
    return Results(first, first, detailed, is_unanswered=False)


def _detailed(line: Line, word: str, shields: Collection[str]) -> str:
    if line.kind:
        return line.kind
    if line.outcome.verdict is Verdict.ERROR:
        return _failure(line.undressed) or ERROR
    if word == ERROR and line.outcome.status >= 500:
        return "OriginZeroSizeObjectError" if line.undressed.get("content-length") == "0" else "OriginError"
    if line.outcome.verdict in (Verdict.MISS, Verdict.PASS) and _held_by(line.undressed) in shields:
        return SHIELD
    return word


def _failure(fields: Fields) -> str:
    named = (fields.get("proxy-status") or "").partition("error=")[2].partition(";")[0]
    return next((word for error, word in _FAILURES.items() if error.value == named), "")


def _held_by(fields: Fields) -> str:
    """The node that had it, nearest to us of those before us in Cache-Status (RFC 9211); empty: none."""
    for member in reversed(fields.members("cache-status")[:-1]):
        name, *params = (part.strip() for part in member.split(";"))
        if "hit" in params:
            return name.strip('"')
    return ""
