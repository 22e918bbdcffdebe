"""OpenSSL contexts: TLS 1.2 and up, forward secrecy, ALPN, tickets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from OpenSSL import SSL

CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    b"ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
"""For TLS 1.2. None of those that HTTP/2 forbids (RFC 9113 §9.2.2)."""
NO_RENEGOTIATION = 0x40000000
NO_COMPRESSION = 0x00020000
PARTIAL_WRITE = 0x1

Named = Callable[[SSL.Connection], None]


def make_context(protocols: Sequence[bytes], named: Named) -> SSL.Context:
    """A server's context that lacks only its certificate. `named` is called with a connection whose SNI is
    known."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(CIPHERS)
    context.set_options(NO_RENEGOTIATION | NO_COMPRESSION)
    context.clear_mode(PARTIAL_WRITE)  # what is written is written whole
    context.set_session_id(b"pixeledge")
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)  # sessions are in their tickets, not with us
    context.set_tlsext_servername_callback(named)

    def choose(_: SSL.Connection, offered: list[bytes]) -> object:
        chosen = next((each for each in protocols if each in offered), None)
        return SSL.NO_OVERLAPPING_PROTOCOLS if chosen is None else chosen

    context.set_alpn_select_callback(choose)  # type: ignore[arg-type]
    return context
