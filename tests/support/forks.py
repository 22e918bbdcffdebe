"""Forked children: killed at the n-th thing they do to the disk, or set against each other."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

STEPS = frozenset({"execute", "rename", "unlink", "write", "rmdir", "mkdir", "open"})


def forked(task: Callable[[], object]) -> int:
    """The process id of a child that does this and ends with 0, or with 1 and a traceback."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        task()
        code = 0
    except BaseException:  # noqa: BLE001  the parent reads the exit code; its test's frames are not ours
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def ended_well(child: int) -> bool:
    """Wait for a child; False if a SIGKILL ended it, AssertionError if it failed by itself."""
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0
    return True


def killed_at(step: int, prepare: Callable[[], T], task: Callable[[T], object]) -> bool:
    """Do this in a child that kills itself right before the task's `step`-th statement or file operation; whether it
    got that far."""

    def watched() -> None:
        prepared = prepare()
        seen = 0

        def count(frame: Any, event: str, called: Any) -> None:
            nonlocal seen
            if event == "c_call" and called.__name__ in STEPS:
                seen += 1
                if seen == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        try:
            task(prepared)
        finally:
            sys.setprofile(None)

    return not ended_well(forked(watched))
