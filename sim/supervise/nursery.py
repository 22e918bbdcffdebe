"""A process that has loaded what its children need, and forks them.

`python -m sim.supervise.nursery DOOR MODULE WORD…` calls the module's `prepare(*words)`, writes `ready` to the socket
DOOR (a descriptor's number) and reads orders from it: the command line of a child as JSON, with two descriptors, its
standard input and what it writes to. It answers with the child's process id. It ends when the socket does.

A child is handed on to the nearest subreaper above us (prctl(2), PR_SET_CHILD_SUBREAPER), the supervisor. That hears of
its end as of any other child's, and our own end is nothing to either. We have one thread, no reactor and no open file:
a child begins as one does that was run by itself.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
from contextlib import suppress
from importlib import import_module

from attrs import frozen
from setproctitle import setproctitle

from sim.supervise import leash

READY = b"ready"
LONGEST_ORDER_BYTES = 65536


@frozen
class Order:
    """A child to be: how its command line would read, and what its standard input and its outputs are."""

    command: tuple[str, ...]
    files: tuple[int, int]


def main(arguments: list[str]) -> int:
    """Serve until the socket ends; in a child, be the program that was ordered. The exit code of either."""
    leash.wear()
    door, module, *words = arguments
    gc.disable()
    import_module(module).prepare(*words)
    gc.freeze()  # a child's collections leave these pages shared
    order = serve(socket.socket(fileno=int(door)))
    if order is None:
        return 0
    gc.enable()
    return become(order, module)


def serve(door: socket.socket) -> Order | None:
    """Carry out orders. Returns the order in the child that it is for, None at the end of the socket."""
    with suppress(ConnectionError):
        door.send(READY)
        while order := receive(door):
            pid = fork_away()
            if pid == 0:
                door.close()
                return order
            for file in order.files:
                os.close(file)
            door.send(b"%d" % pid)
    return None


def receive(door: socket.socket) -> Order | None:
    """The next order; None when there will be no more."""
    text, files, _, _ = socket.recv_fds(door, LONGEST_ORDER_BYTES, 2)
    if not text:
        return None
    stdin, outputs = files
    return Order(tuple(json.loads(text)), (stdin, outputs))


def fork_away() -> int:
    """Fork a process that is no child of ours: its id, or 0 in it. Raises OSError where there is no room for one."""
    reading, writing = os.pipe()
    between = os.fork()
    if between:
        os.close(writing)
        os.waitpid(between, 0)  # from now on the child is our subreaper's
        told = os.read(reading, 32)
        os.close(reading)
        if not told:
            raise OSError("no process could be forked")
        return int(told)
    pid = -1
    try:
        pid = os.fork()
        if pid:
            os.write(writing, b"%d" % pid)
    finally:
        if pid:
            os._exit(0)
    os.close(reading)
    os.close(writing)
    return 0


def become(order: Order, module: str) -> int:
    """Run the module's `main` as the command would."""
    stdin, outputs = order.files
    for file, number in ((stdin, 0), (outputs, 1), (outputs, 2)):
        os.dup2(file, number)
    os.close(stdin)
    os.close(outputs)
    setproctitle(" ".join(order.command))
    words = list(order.command[order.command.index(module) + 1 :])
    sys.argv = [module, *words]
    code: int = import_module(module).main(words)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
