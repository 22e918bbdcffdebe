"""What a process of an edge that speaks no TLS does without."""

from __future__ import annotations

import sys

SECURE, PLAIN = "tls", "plain"
"""Whether a process speaks TLS, as it is told on its command line."""


def forgo_openssl() -> None:
    """Have Twisted take OpenSSL for not installed, before Twisted is loaded: it would load it wherever it finds it, and
    cryptography with it, and a process keeps what it has loaded (12 MiB)."""
    sys.modules.setdefault("OpenSSL", None)  # type: ignore[arg-type]  # so the import system spells "there is none"
