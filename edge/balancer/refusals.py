"""What the balancer answers when nobody else did, and what kind of error that is (RFC 9209)."""

from __future__ import annotations

from edge.balancer.heads import LoopDetected
from edge.core.events import Failure as Reason
from edge.core.unanswered import ERRORS
from edge.upstream.failing import UpstreamFailed
from wire.errors import InvalidRequest, MediaError, MethodNotAllowed, TooLarge, Unavailable
from wire.http.proxy_status import ProxyError

RETRY_AFTER_SECONDS = 2  # a node that was restarted is back by then


class BadGateway(MediaError):
    """Whoever was asked gave no answer that could be passed on."""

    status = 502


class GatewayTimeout(MediaError):
    """Whoever was asked took too long."""

    status = 504


KINDS: tuple[tuple[type[MediaError], ProxyError], ...] = (
    (MethodNotAllowed, ProxyError.HTTP_REQUEST_DENIED),
    (InvalidRequest, ProxyError.HTTP_REQUEST_ERROR),
    (TooLarge, ProxyError.HTTP_REQUEST_ERROR),
    (LoopDetected, ProxyError.PROXY_LOOP_DETECTED),
    (Unavailable, ProxyError.DESTINATION_UNAVAILABLE),
)
"""What a refusal is where no upstream failed."""


def nobody(kind: str) -> Unavailable:
    """Nobody is there to be asked."""
    return Unavailable(
        f"No healthy {kind} right now; please try again", retry_after_seconds=RETRY_AFTER_SECONDS
    )


def unanswered(failed: UpstreamFailed, *, is_for_api: bool) -> MediaError:
    """The refusal for a request whose upstreams all failed, the last of them so."""
    whom = "origin" if is_for_api else "edge"
    if failed.reason is Reason.BUSY:
        return Unavailable(
            f"Every {whom} is too busy; please try again", retry_after_seconds=RETRY_AFTER_SECONDS
        )
    if failed.reason is Reason.UNREACHABLE:
        return nobody("origin" if is_for_api else "PoP")
    if failed.reason is Reason.TIMED_OUT:
        return GatewayTimeout(f"The {whom} took too long to answer", log=str(failed))
    return BadGateway(f"The {whom} broke off before it answered", log=str(failed))


def kind_of(refusal: MediaError) -> ProxyError:
    """What a refusal is in Proxy-Status: as the upstream failed that it was `raise`d from, if one did."""
    failed = refusal.__cause__
    if isinstance(failed, UpstreamFailed):
        return failed.error or ERRORS.get(failed.reason, ProxyError.PROXY_INTERNAL_ERROR)
    return next(
        (kind for named, kind in KINDS if isinstance(refusal, named)), ProxyError.PROXY_INTERNAL_ERROR
    )
