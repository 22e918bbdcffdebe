"""One direction of one shaped connection: pieces wait for their time, then go on, in order."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import frozen
from twisted.internet.interfaces import IDelayedCall

from sim.links.schedule import Timing


@frozen
class Piece:
    """So many bytes, and what is done when they arrive."""

    size: int
    arrive: Callable[[], object]
    is_end: bool = False


class Lane:
    """Bytes under way. It fills to a window, and then whoever feeds it is asked to wait.

    It can be held from the far end; what is held stays in the lane, so it counts against the window, too.
    """

    def __init__(
        self,
        timing: Timing,
        clock: Any,
        deliver: Callable[[bytes], object],
        *,
        filled: Callable[[], None] = lambda: None,
        drained: Callable[[], None] = lambda: None,
    ) -> None:
        self._timing = timing
        self._clock = clock
        self._deliver = deliver
        self._filled = filled
        self._drained = drained
        self._under_way: deque[tuple[float, Piece]] = deque()
        self._is_full = False
        self._is_held = False
        self._next: IDelayedCall | None = None
        self.size = 0

    @property
    def is_full(self) -> bool:
        """Whether whoever feeds it was asked to wait."""
        return self._is_full

    def put(self, data: bytes) -> None:
        """Send bytes on their way."""
        now, step = self._clock.seconds(), self._timing.piece()
        for start in range(0, len(data), step):
            piece = data[start : start + step]
            self._set_out(Piece(len(piece), partial(self._deliver, piece)), now)
        self._brake()

    def send(self, size: int, arrive: Callable[[], object]) -> None:
        """Send on its way what is not at hand as bytes, but is as long as so many."""
        self._set_out(Piece(size, arrive), self._clock.seconds())
        self._brake()

    def end(self, then: Callable[[], object]) -> None:
        """Call `then` when everything before has arrived: the end of a stream travels as its bytes do."""
        self._set_out(Piece(0, then, is_end=True), self._clock.seconds())
        self._plan()

    def retime(self, timing: Timing | None = None) -> None:
        """The way is another: what is under way sets out again, in its order."""
        self._timing = timing or self._timing
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

    def _set_out(self, piece: Piece, now: float) -> None:
        self._under_way.append((self._due(piece, now), piece))
        self.size += piece.size

    def _brake(self) -> None:
        # one more read of a socket (64 KiB) must still fit, since it may be under way already
        if self.size > self._timing.window - 65536 and not self._is_full:
            self._is_full = True
            self._filled()
        self._plan()

    def _due(self, piece: Piece, now: float) -> float:
        """When a piece that sets out now arrives."""
        return self._timing.end(now) if piece.is_end else self._timing.departure(piece.size, now)

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
            self.size -= piece.size
            self._timing.carried(piece.size)
            piece.arrive()
        if self._is_full and self.size <= self._timing.window // 2:
            self._is_full = False
            self._drained()
        self._plan()
