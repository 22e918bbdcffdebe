"""What a worker of an edge runs: `python -m sim.worker {tls,plain} SEAT SEATS PARENT door=fd…`.

The first word says whether it speaks TLS at all, which must be known before Twisted is loaded. The node's document is
the first line of standard input, whose end is the signal to go. `ready` is written to standard output when it serves.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys

from sim.lean import PLAIN, forgo_tls
from sim.supervise import leash


def main(arguments: list[str]) -> int:
    """Serve until told to end; the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, who tells us
    leash.end_with(os.getppid(), by=signal.SIGCONT)
    manner, seat, seats, parent, *lent = arguments
    if manner == PLAIN:
        forgo_tls()
    from edge.workers.place import DOORS, Place
    from edge.workers.worker import READY
    from sim.node import make_service
    from sim.nodefile import EdgeNode, read
    from sim.process import CANNOT_START, run

    files = dict(each.split("=") for each in lent)
    sockets = {door: socket.socket(fileno=int(files[door])) for door in DOORS if door in files}
    told = read(first_line(0))
    if not isinstance(told, EdgeNode):
        sys.stderr.write("cannot start: only edges have workers\n")
        return CANNOT_START
    place = Place(int(seat), int(seats), parent, sockets)
    return run(
        lambda reactor: make_service(told, reactor, place),
        supervised=True,
        started=lambda: tell(READY),
    )


def first_line(descriptor: int) -> str:
    """Up to a line feed, and not a byte more: what follows is another's to read."""
    parts = []
    while (part := os.read(descriptor, 65536)) and not part.endswith(b"\n"):
        parts.append(part)
    return b"".join((*parts, part)).decode()


def tell(word: bytes) -> None:
    """To the parent; where that is gone, nobody needs to hear."""
    with contextlib.suppress(OSError):
        os.write(1, word)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
