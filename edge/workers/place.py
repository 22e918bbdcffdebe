"""What a worker is told beside its node's settings: which one it is, and the sockets it is lent."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Literal

from attrs import frozen

Door = Literal["control", "listen", "tls"]
DOORS: tuple[Door, ...] = ("control", "listen", "tls")


@frozen
class Place:
    """One of `seats` workers. Its sockets listen already; the parent keeps them, so that what comes while a worker is
    started again waits in the kernel and is not refused."""

    seat: int
    seats: int
    parent: str
    """The control URL of the parent, which tells all workers of a purge."""
    sockets: Mapping[Door, socket.socket]
