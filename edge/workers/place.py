"""What a process of a node is told beside the settings: which one it is, and the sockets it is lent."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

Door = Literal["control", "listen", "tls"]
DOORS: tuple[Door, ...] = ("control", "listen", "tls")


@frozen
class Place:
    """One of `seats` workers. Its sockets listen already; the parent keeps them, so that what comes while a worker is
    started again waits in the kernel and is not refused."""

    seat: int = 0
    seats: int = 1
    parent: str = ""
    """The control URL of the parent, which tells all workers of a purge; empty: the node is this one process."""
    sockets: Mapping[Door, socket.socket] = field(factory=dict)

    @property
    def is_alone(self) -> bool:
        """Whether the node is no other process."""
        return not self.parent
