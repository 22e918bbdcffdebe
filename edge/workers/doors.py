"""The listening sockets of all workers, held open by the parent for as long as the node lives."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from edge.workers.place import Door
from wire.web.listening import BACKLOG, bound, host_and_port


class Doors:
    """For each worker a socket of its own on each of the viewers' ports, among which the kernel shares out the
    connections (SO_REUSEPORT), and one on loopback for the parent's questions.

    May raise CannotListenError: also for a port that another node of several workers serves, which the kernel would
    let us share.
    """

    def __init__(self, where: Mapping[Door, str], seats: int) -> None:
        self._sockets: list[dict[Door, socket.socket]] = [{} for _ in range(seats)]
        self._addresses: dict[Door, tuple[str, int]] = {}
        try:
            for door, written in where.items():
                self._open(door, written)
            for each in self._sockets:
                each["control"] = bound(0, "127.0.0.1", BACKLOG)
        except BaseException:
            self.close()
            raise

    def _open(self, door: Door, written: str) -> None:
        interface, port = host_and_port(written)
        bound(port, interface, BACKLOG).close()  # nobody else may have it
        for each in self._sockets:
            each[door] = bound(port, interface, BACKLOG, reuse_port=True)
            port = each[door].getsockname()[1]
        self._addresses[door] = (interface, port)

    def port(self, door: Door) -> int:
        """The number that a viewers' port has."""
        return self._addresses[door][1]

    def of(self, seat: int) -> dict[Door, socket.socket]:
        """What a worker is lent."""
        return self._sockets[seat]

    def control_url(self, seat: int) -> str:
        """Where a worker answers its parent."""
        return f"http://127.0.0.1:{self._sockets[seat]['control'].getsockname()[1]}"

    def close(self) -> None:
        """No more connections; twice is once."""
        for each in self._sockets:
            for listener in each.values():
                listener.close()
