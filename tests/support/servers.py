"""What every real server in the tests needs: a free port, patience, a stop that holds, and an honest skip."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NoReturn

import pytest

from sim.topology.ports import reserve

REQUIRED = "PIXELEDGE_REQUIRE_SERVERS"
_HELD = ExitStack()


def absent(what: str) -> NoReturn:
    """Skip, saying why; where servers are required (CI), fail instead."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{what}, and {REQUIRED}=1")
    pytest.skip(what)


def free_port() -> int:
    """A loopback port nobody listens on, kept from everyone else until this process ends."""
    return reserve("127.0.0.1", 0, _HELD)


def wait_until(is_so: Callable[[], bool], what: str, *, within_seconds: float = 30.0) -> None:
    """Look every 50 ms; `TimeoutError` when it never came."""
    end = time.monotonic() + within_seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {within_seconds:g} s")
        time.sleep(0.05)


def freeze(pid: int) -> None:
    """SIGSTOP, and back when it holds: the thread that takes the signal stops the others, when a busy machine lets it
    run."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: states_of(pid) == {"T"}, f"{pid} stands still")


def states_of(pid: int) -> set[str]:
    """Those of its threads, as proc(5) spells them."""
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            found.add(task.joinpath("stat").read_text().rpartition(") ")[2][0])
    return found
