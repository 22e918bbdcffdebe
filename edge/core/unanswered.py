"""What viewers are told where no answer came: a status, and what kind of error that is (RFC 9209 §2.3)."""

from __future__ import annotations

from edge.core.events import Failure
from edge.core.policy import Policy
from wire.http.fields import ResponseHead
from wire.http.proxy_status import TIMEOUTS, ProxyError

ERRORS = {
    Failure.UNREACHABLE: ProxyError.DESTINATION_UNAVAILABLE,
    Failure.BUSY: ProxyError.CONNECTION_LIMIT_REACHED,
    Failure.BREAKER_OPEN: ProxyError.DESTINATION_UNAVAILABLE,
    Failure.TIMED_OUT: ProxyError.HTTP_RESPONSE_TIMEOUT,
    Failure.CUT: ProxyError.CONNECTION_TERMINATED,
    Failure.MALFORMED: ProxyError.HTTP_PROTOCOL_ERROR,
}
"""What a failure is, unless it is known more closely."""

TOO_LARGE = (Failure.MALFORMED, ProxyError.HTTP_RESPONSE_HEADER_SECTION_SIZE)
UNREACHED = frozenset({Failure.UNREACHABLE, Failure.BREAKER_OPEN, Failure.CUT})


def is_too_large(head: ResponseHead, policy: Policy) -> bool:
    """Whether an answer's fields are more than the policy takes for one."""
    most = policy.reply_head_bytes
    return most is not None and sum(len(name) + len(value) + 4 for name, value in head.fields) > most


def status_for(reason: Failure, error: ProxyError | None, *, has_stored: bool) -> int:
    """504 also where what is stored could not be confirmed (RFC 9111 §5.2.2.2), 503 where nobody was asked."""
    if reason is Failure.BUSY:
        return 503
    if error in TIMEOUTS or (has_stored and reason in UNREACHED):
        return 504
    return 503 if reason is Failure.BREAKER_OPEN else 502
