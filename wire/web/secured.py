"""What OpenSSL tells of a viewer's connection."""

from __future__ import annotations

from typing import Any

from wire.http.secured import Secured


def secured_by(transport: Any) -> Secured | None:
    """Of a request's transport; None for one in the clear."""
    handle = getattr(transport, "getHandle", None)
    connection: Any = handle() if handle is not None else None
    if not hasattr(connection, "get_protocol_version_name"):  # a socket: OpenSSL need not be loaded
        return None
    return Secured(connection.get_protocol_version_name(), connection.get_cipher_name() or "")
