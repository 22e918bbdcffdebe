"""Why an intermediary made an error of its own (RFC 9209)."""

from __future__ import annotations

from enum import Enum

from wire.http.structured import write_name


class ProxyError(Enum):
    """The registered types that occur here (RFC 9209 §2.3); the value is the token on the wire."""

    DNS_ERROR = "dns_error"
    DESTINATION_UNAVAILABLE = "destination_unavailable"
    DESTINATION_IP_UNROUTABLE = "destination_ip_unroutable"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_TERMINATED = "connection_terminated"
    CONNECTION_TIMEOUT = "connection_timeout"
    CONNECTION_WRITE_TIMEOUT = "connection_write_timeout"
    CONNECTION_LIMIT_REACHED = "connection_limit_reached"
    TLS_PROTOCOL_ERROR = "tls_protocol_error"
    TLS_CERTIFICATE_ERROR = "tls_certificate_error"
    HTTP_REQUEST_ERROR = "http_request_error"
    HTTP_REQUEST_DENIED = "http_request_denied"
    HTTP_RESPONSE_INCOMPLETE = "http_response_incomplete"
    HTTP_RESPONSE_HEADER_SECTION_SIZE = "http_response_header_section_size"
    HTTP_RESPONSE_TRANSFER_CODING = "http_response_transfer_coding"
    HTTP_RESPONSE_TIMEOUT = "http_response_timeout"
    HTTP_PROTOCOL_ERROR = "http_protocol_error"
    PROXY_INTERNAL_ERROR = "proxy_internal_error"
    PROXY_LOOP_DETECTED = "proxy_loop_detected"


TIMEOUTS = frozenset(
    {ProxyError.CONNECTION_TIMEOUT, ProxyError.CONNECTION_WRITE_TIMEOUT, ProxyError.HTTP_RESPONSE_TIMEOUT}
)
"""Those that are answered with 504 (RFC 9209 §2.3)."""


def proxy_status(node: str, error: ProxyError) -> str:
    """This node's member of Proxy-Status. No details: they would tell strangers how things stand behind us."""
    return f"{write_name(node)}; error={error.value}"
