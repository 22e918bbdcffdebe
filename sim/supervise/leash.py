"""What ties a child to its supervisor, from the child's side.

`python -m sim.supervise.leash SUPERVISOR PROGRAM ARGUMENT…` ties a program that knows nothing of us to the process of
that id.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def wear() -> None:
    """Leave the terminal's process group, so that Ctrl-C reaches the supervisor alone."""
    with contextlib.suppress(OSError):  # a process group's leader already
        os.setsid()


def end_with(parent: int, by: signal.Signals = signal.SIGTERM) -> None:
    """Have a signal when the parent of this id dies. Linux tells us; elsewhere only the end of stdin does.

    Who hears of that end has SIGCONT: frozen, it would hear of nothing.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, by, 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask to be told
            os.kill(os.getpid(), by)


def let_go_on() -> None:
    """Thaw whoever was frozen with us, so that it sees us end."""
    with contextlib.suppress(OSError):
        os.killpg(0, signal.SIGCONT)


def main(arguments: list[str]) -> None:
    """Put on the leash, then become the program."""
    supervisor, *program = arguments
    wear()
    end_with(int(supervisor))
    os.execvp(program[0], program)  # noqa: S606  the supervisor names the program


if __name__ == "__main__":
    main(sys.argv[1:])
