"""What one viewer's connection may cost: bytes, seconds, and how many of them there may be."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import ge, gt

from wire.http.incoming import HeadLimits


@frozen
class ConnectionLimits:
    """Patience with viewers. The defaults suit a node that trusts who is before it."""

    head: HeadLimits = field(factory=HeadLimits)
    idle_seconds: float = field(default=60.0, validator=gt(0))
    """Between requests, and before the first byte of the first."""
    head_seconds: float = field(default=20.0, validator=gt(0))
    """From the first byte of a head to its last: 408 after that."""
    body_seconds: float = field(default=20.0, validator=gt(0))
    """In each such span a body must bring `body_rate` bytes a second on average, or else it is 408."""
    body_rate: float = field(default=500.0, validator=ge(0))
    request_seconds: float = field(default=3600.0, validator=gt(0))
    """From a request's head to the last byte of its answer; then it is cut."""
    connection_seconds: float = field(default=3600.0, validator=gt(0))
    """A connection so old is closed behind the answer under way."""
    linger_seconds: float = field(default=30.0, validator=gt(0))
    """How long an early answer waits for its client to finish sending."""
    stall_seconds: float = field(default=300.0, validator=gt(0))
    """A viewer that takes none of what waits for it (some 64 KiB) for so long is gone."""
    connections: int = field(default=0, validator=ge(0))
    """At one time; one more gets 503. 0: any number."""
    connections_per_address: int = field(default=0, validator=ge(0))
