"""What ties a child to its supervisor, from the child's side.

`python -m sim.supervise.leash PROGRAM ARGUMENT…` puts a program that knows nothing of us on the same leash.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def wear(end_with_parent: int | None = None) -> None:
    """Leave the terminal's process group, so that Ctrl-C reaches the supervisor alone; end when it ends.

    `end_with_parent` is the supervisor's process id; Linux tells us of its death, elsewhere stdin's end does.
    """
    with contextlib.suppress(OSError):  # a process group's leader already
        os.setsid()
    end_with(end_with_parent)


def end_with(end_with_parent: int | None) -> None:
    """Have SIGTERM when this parent dies, in whichever process group."""
    if sys.platform == "linux" and end_with_parent is not None:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != end_with_parent:  # it died before we could ask to be told
            os.kill(os.getpid(), signal.SIGTERM)


def main(arguments: list[str]) -> None:
    """Put on the leash, then become the program."""
    wear(os.getppid())
    os.execvp(arguments[0], arguments)  # noqa: S606  the supervisor names the program


if __name__ == "__main__":
    main(sys.argv[1:])
