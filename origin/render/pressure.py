"""How hard a pool is pressed: how long jobs wait for a worker, and how much of the workers' time is taken. Pure.

Both are of the last second, and of jobs that somebody waits for: what is made ahead, in idle moments, presses
nobody.
"""

import math
from collections import deque

from attrs import define, field, frozen

WINDOW_SECONDS = 1.0
PART = 0.95


@frozen
class Pressed:
    """The figures of one moment."""

    queue_wait_seconds: float = 0.0  # 95 of a hundred jobs waited no longer
    utilisation: float = 0.0  # of the workers' time, 0 to 1


@define
class Pressure:
    """Told when a job joins the queue, when a worker takes it, and when it is over; each time with the time it is."""

    workers: int
    began_at: float
    _waiting: dict[int, float] = field(factory=dict, init=False)  # job → since when
    _running: dict[int, float] = field(factory=dict, init=False)
    _waits: deque[tuple[float, float]] = field(factory=deque, init=False)  # (when it ended, its seconds)
    _spans: deque[tuple[float, float]] = field(factory=deque, init=False)  # of work: (from, to)

    def joined(self, number: int, now: float) -> None:
        """A job somebody waits for is in the queue."""
        self._waiting[number] = now

    def taken(self, number: int, now: float) -> None:
        """A worker has it. A job that never joined is not counted."""
        since = self._waiting.pop(number, None)
        if since is not None:
            self._running[number] = now
            self._waits.append((now, now - since))
            self._forget(now)

    def over(self, number: int, now: float) -> None:
        """It waits no more, or a worker is free of it."""
        self._waiting.pop(number, None)
        since = self._running.pop(number, None)
        if since is not None:
            self._spans.append((since, now))
            self._forget(now)

    def at(self, now: float) -> Pressed:
        """The figures now. Who waits still counts with the wait so far: a line that does not move is no short one."""
        self._forget(now)
        waits = sorted(
            (*(wait for _, wait in self._waits), *(now - since for since in self._waiting.values()))
        )
        begin = max(now - WINDOW_SECONDS, self.began_at)
        spans = (*self._spans, *((since, now) for since in self._running.values()))
        taken = sum(max(0.0, end - max(since, begin)) for since, end in spans)
        there = self.workers * (now - begin)
        return Pressed(
            queue_wait_seconds=waits[math.ceil(PART * len(waits)) - 1] if waits else 0.0,
            utilisation=min(1.0, taken / there) if there > 0 else 0.0,
        )

    def _forget(self, now: float) -> None:
        while self._waits and self._waits[0][0] < now - WINDOW_SECONDS:
            self._waits.popleft()
        while self._spans and self._spans[0][1] < now - WINDOW_SECONDS:
            self._spans.popleft()
