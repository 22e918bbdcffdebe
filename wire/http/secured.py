"""What a viewer's connection is secured by."""

from __future__ import annotations

from attrs import frozen


@frozen
class Secured:
    """A connection over TLS."""

    protocol: str
    """`TLSv1.3`."""
    cipher: str
    """`TLS_AES_256_GCM_SHA384`."""
