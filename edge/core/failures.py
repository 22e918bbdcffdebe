"""Failures that answer for a while whoever asks for the same, so that an upstream in trouble is asked once in each."""

from __future__ import annotations

from collections.abc import Callable

from edge.core.events import Failure, FlightFailed


class Failures:
    """Keys whose fetch failed within the last `seconds`, at most `limit` of them. A line of our own that was full says
    nothing of the upstream."""

    def __init__(self, seconds: float, limit: int) -> None:
        self._seconds = seconds
        self._limit = limit
        self._noted: dict[str, FlightFailed] = {}

    def note(self, key: str, failed: FlightFailed) -> None:
        """It answers from now on."""
        if self._seconds <= 0 or failed.reason is Failure.BUSY:
            return
        self._noted.pop(key, None)
        self._noted[key] = failed
        while len(self._noted) > self._limit:
            del self._noted[next(iter(self._noted))]

    def at(self, key: str, now: float) -> FlightFailed | None:
        """The failure that answers for this key; None: ask."""
        failed = self._noted.get(key)
        if failed is not None and not 0 <= now - failed.now < self._seconds:
            del self._noted[key]
            return None
        return failed

    def forget(self, covers: Callable[[str], bool]) -> None:
        """Those that are covered answer nobody any more."""
        if self._noted:
            self._noted = {key: failed for key, failed in self._noted.items() if not covers(key)}
