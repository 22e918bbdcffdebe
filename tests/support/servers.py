"""What every real server in the tests needs: a free port, patience, and an honest skip."""

import os
import socket
import time
from collections.abc import Callable
from typing import NoReturn

import pytest

REQUIRED = "PIXELEDGE_REQUIRE_SERVERS"


def absent(what: str) -> NoReturn:
    """Skip, saying why; where servers are required (CI), fail instead."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{what}, and {REQUIRED}=1")
    pytest.skip(what)


def free_port() -> int:
    """A loopback port nobody listened on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], what: str, *, within_seconds: float = 30.0) -> None:
    """Look every 50 ms; `TimeoutError` when it never came."""
    end = time.monotonic() + within_seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {within_seconds:g} s")
        time.sleep(0.05)
