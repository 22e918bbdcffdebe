"""One timer for one connection, whose deadline may move."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Alarm:
    """Rings once when its deadline has come. To put it off costs nothing: the timer looks when it fires."""

    def __init__(self, clock: IReactorTime, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._deadline: float | None = None
        self._call: IDelayedCall | None = None

    @property
    def is_set(self) -> bool:
        """Whether it is to ring."""
        return self._deadline is not None

    def set(self, seconds: float) -> None:
        """Ring in so many seconds, and not when it was to ring before."""
        deadline = self._deadline = self._clock.seconds() + seconds
        call = self._call
        if call is None:
            self._call = self._clock.callLater(seconds, self._fired)
        elif call.getTime() > deadline:
            call.reset(seconds)

    def stop(self) -> None:
        """Ring no more."""
        self._deadline = None
        call, self._call = self._call, None
        if call is not None:
            call.cancel()

    def _fired(self) -> None:
        self._call = None
        if self._deadline is None:
            return
        left = self._deadline - self._clock.seconds()
        if left > 0:
            self._call = self._clock.callLater(left, self._fired)
        else:
            self._deadline = None
            self._ring()
