"""One direction of one shaped connection: pieces wait for their time, then go on, in order."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall

from sim.links.schedule import Schedule


class Lane:
    """Bytes under way. It fills to a window, and then whoever feeds it is asked to wait.

    It can be held from the far end; what is held stays in the lane, so it counts against the window, too.
    """

    def __init__(
        self,
        schedule: Schedule,
        clock: Any,
        deliver: Callable[[bytes], None],
        *,
        filled: Callable[[], None],
        drained: Callable[[], None],
    ) -> None:
        self._schedule = schedule
        self._clock = clock
        self._deliver = deliver
        self._filled = filled
        self._drained = drained
        self._under_way: deque[tuple[float, bytes | Callable[[], None]]] = deque()
        self._is_full = False
        self._is_held = False
        self._next: IDelayedCall | None = None
        self.size = 0

    def put(self, data: bytes) -> None:
        """Send bytes on their way."""
        now, step = self._clock.seconds(), self._schedule.piece()
        for start in range(0, len(data), step):
            piece = data[start : start + step]
            self._under_way.append((self._due(piece, now), piece))
        self.size += len(data)
        # one more read of a socket (64 KiB) must still fit, since it may be under way already
        if self.size > self._schedule.way.window - 65536 and not self._is_full:
            self._is_full = True
            self._filled()
        self._plan()

    def end(self, then: Callable[[], None]) -> None:
        """Call `then` when everything before has arrived: the end of a stream travels as its bytes do."""
        self._under_way.append((self._due(then, self._clock.seconds()), then))
        self._plan()

    def retime(self) -> None:
        """The way is another: what is under way sets out again, in its order."""
        now, waiting = self._clock.seconds(), self._under_way
        self._under_way = deque()
        for _, piece in waiting:
            self._under_way.append((self._due(piece, now), piece))
        self._stop_waiting()
        self._plan()

    def clear(self) -> None:
        """Forget what is under way."""
        self._under_way.clear()
        self.size = 0
        self._stop_waiting()

    def hold(self) -> None:
        """The far end takes nothing for now."""
        self._is_held = True

    def release(self) -> None:
        """The far end takes again."""
        self._is_held = False
        self._plan()

    def _due(self, piece: bytes | Callable[[], None], now: float) -> float:
        """When a piece that sets out now arrives, or the end."""
        return (
            self._schedule.departure(len(piece), now) if isinstance(piece, bytes) else self._schedule.end(now)
        )

    def _stop_waiting(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _plan(self) -> None:
        if self._next is None and self._under_way and not self._is_held:
            due, _ = self._under_way[0]
            if due == math.inf:
                return  # until the way is mended
            self._next = self._clock.callLater(max(0.0, due - self._clock.seconds()), self._go_on)

    def _go_on(self) -> None:
        self._next = None
        while self._under_way and not self._is_held:
            due, piece = self._under_way[0]
            if due > self._clock.seconds():
                break
            self._under_way.popleft()
            if isinstance(piece, bytes):
                self.size -= len(piece)
                self._deliver(piece)
            else:
                piece()
        if self._is_full and self.size <= self._schedule.way.window // 2:
            self._is_full = False
            self._drained()
        self._plan()
