"""Why no whole answer came: for the core, for Proxy-Status, and in words for the log."""

from __future__ import annotations

from twisted.internet import error
from twisted.internet.defer import CancelledError
from twisted.internet.defer import TimeoutError as GaveUp

from edge.core.events import Failure as Reason
from wire.http.proxy_status import ProxyError
from wire.web.handshake import NotTrusted, TlsFailed

OF_DIALLING: tuple[tuple[tuple[type[BaseException], ...], ProxyError], ...] = (
    ((error.DNSLookupError,), ProxyError.DNS_ERROR),
    ((error.ConnectionRefusedError,), ProxyError.CONNECTION_REFUSED),
    ((error.NoRouteError,), ProxyError.DESTINATION_IP_UNROUTABLE),
    ((error.TimeoutError, error.TCPTimedOutError, GaveUp, CancelledError), ProxyError.CONNECTION_TIMEOUT),
    ((NotTrusted,), ProxyError.TLS_CERTIFICATE_ERROR),
    ((TlsFailed,), ProxyError.TLS_PROTOCOL_ERROR),
)


class UpstreamFailed(Exception):
    """No whole answer came."""

    def __init__(
        self,
        reason: Reason,
        sentence: str,
        error: ProxyError | None = None,
        again_seconds: float = 0.0,
        *,
        is_given_up: bool = False,
    ) -> None:
        """`again_seconds`: until the question may be worth putting again, where that is known. `is_given_up`: it is us
        who ended the connection, since the upstream had gone silent."""
        super().__init__(sentence)
        self.reason = reason
        self.error = error
        self.again_seconds = again_seconds
        self.is_given_up = is_given_up


def not_connected(upstream: str, why: BaseException) -> UpstreamFailed:
    """The failure of an attempt to connect."""
    named = (found for kinds, found in OF_DIALLING if isinstance(why, kinds))
    found = next(named, ProxyError.DESTINATION_UNAVAILABLE)
    said = str(why) or "it takes no call"
    return UpstreamFailed(Reason.UNREACHABLE, f"no connection to {upstream}: {said}", found)
