"""What a process loads stays for good, so that the garbage collector has nothing to find in it: not while it is loaded,
where looking takes a fifth of the time, and not later."""

from __future__ import annotations

import gc


def begin() -> None:
    """From here on nothing is looked at."""
    gc.disable()


def end() -> None:
    """All that is here now is never looked at, what comes later is."""
    gc.freeze()
    gc.enable()
