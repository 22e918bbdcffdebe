"""What a process of an edge that speaks no TLS does without."""

from __future__ import annotations

import sys

SECURE, PLAIN = "tls", "plain"
"""Whether a process speaks TLS, as it is told on its command line."""

OF_TLS = ("OpenSSL", "h2")
"""OpenSSL brings cryptography along; HTTP/2 is spoken over TLS alone."""


def forgo_tls() -> None:
    """Have Twisted take what TLS needs for not installed, before Twisted is loaded: it would load it wherever it finds
    it, and a process keeps what it has loaded (14 MiB)."""
    for name in OF_TLS:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # so the import system spells "there is none"
