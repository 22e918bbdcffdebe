"""Failures that answer for a while whoever asks for the same, so that an upstream in trouble is asked once in each."""

from __future__ import annotations

from collections.abc import Callable

from edge.core.events import Failure, FlightFailed


class Failures:
    """Keys whose fetch failed lately, at most `limit` of them. A line of our own that was full says nothing of the
    upstream, and one that was not asked is no news."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._noted: dict[str, tuple[FlightFailed, float]] = {}

    def note(self, key: str, failed: FlightFailed, seconds: float) -> None:
        """It answers for so long from now on."""
        if seconds <= 0 or failed.reason in (Failure.BUSY, Failure.BREAKER_OPEN):
            return
        self._noted.pop(key, None)
        self._noted[key] = failed, seconds
        while len(self._noted) > self._limit:
            del self._noted[next(iter(self._noted))]

    def at(self, key: str, now: float) -> FlightFailed | None:
        """The failure that answers for this key; None: ask."""
        failed, seconds = self._noted.get(key, (None, 0.0))
        if failed is not None and not 0 <= now - failed.now < seconds:
            del self._noted[key]
            return None
        return failed

    def forget(self, covers: Callable[[str], bool]) -> None:
        """Those that are covered answer nobody any more."""
        if self._noted:
            self._noted = {key: failed for key, failed in self._noted.items() if not covers(key)}
