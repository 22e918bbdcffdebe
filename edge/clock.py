"""The clock that a node's cache goes by."""

import time
from collections.abc import Callable


def steady_clock() -> Callable[[], float]:
    """Wall seconds that run on the monotonic clock: a jump of the wall clock ages nothing (sheet 22.6)."""
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset
