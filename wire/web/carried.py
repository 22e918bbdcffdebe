"""What one request and its answer come to on their connection."""

from __future__ import annotations

from attrs import define


@define
class Carried:
    """Bytes, heads and framing among them; what TLS adds is not. Of HTTP/2 they are bodies, and heads as they are
    packed, without the nine bytes before each frame.
    """

    received: int = 0
    sent: int = 0
    """What was handed over: the last of it may still be on its way."""
    receiving_seconds: float = 0.0
    """From the last byte of the request's head to that of its body."""
