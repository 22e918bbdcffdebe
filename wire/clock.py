"""What time a node takes it to be: its clock goes right, or so many seconds fast or slow.

Seconds between two moments are never asked of it: they are the reactor's to count.
"""

import time
from collections.abc import Callable

from attrs import frozen

Now = Callable[[], float]
"""Wall seconds since 1970, at the moment of asking."""


@frozen
class Clock:
    """One node's clock."""

    skew_seconds: float = 0.0
    """How far it is ahead of the machine's; negative: behind."""

    def wall(self) -> float:
        """Wall seconds, which jump when the machine's clock is set."""
        return time.time() + self.skew_seconds

    def steady(self) -> Now:
        """Wall seconds that run on the monotonic clock: a jump of the wall clock ages nothing (sheet 22.6)."""
        offset = self.wall() - time.monotonic()
        return lambda: time.monotonic() + offset


RIGHT = Clock()
"""It goes as the machine's does."""
