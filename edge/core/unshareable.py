"""Short memories of the flight table: what happened to a key lately. Bounded in entries and in time."""

from __future__ import annotations

from math import inf


class Recent:
    """Keys noted within the last `seconds`, at most `limit` of them: the oldest notes give way."""

    def __init__(self, seconds: float, limit: int) -> None:
        self._seconds = seconds
        self._limit = limit
        self._noted: dict[str, float] = {}

    def note(self, key: str, now: float) -> None:
        """Remember this key from now on."""
        self._noted.pop(key, None)
        self._noted[key] = now
        while self._noted:
            oldest = next(iter(self._noted))
            if len(self._noted) <= self._limit and self._noted[oldest] > now - self._seconds:
                break
            del self._noted[oldest]

    def noted_at(self, key: str) -> float:
        """When the key was noted last; minus infinity if it is not remembered."""
        return self._noted.get(key, -inf)

    def renew(self, key: str, now: float) -> bool:
        """Whether the key is remembered still; asking refreshes the memory (sheet 18.2)."""
        if now - self.noted_at(key) >= self._seconds:
            self._noted.pop(key, None)
            return False
        self.note(key, now)
        return True

    def forget(self, key: str) -> None:
        """Remember it no more."""
        self._noted.pop(key, None)


class Backoff:
    """Keys whose background refresh failed, each held off for a while that doubles (sheet 14.6)."""

    def __init__(self, first_seconds: float, limit_seconds: float, limit: int = 10_000) -> None:
        self._first = first_seconds
        self._longest = limit_seconds
        self._limit = limit
        self._held: dict[str, tuple[float, float]] = {}

    def failed(self, key: str, now: float) -> None:
        """Hold the key off, twice as long as the last time."""
        _, last = self._held.pop(key, (0.0, 0.0))
        pause = min(self._longest, last * 2 if last else self._first)
        self._held[key] = now + pause, pause
        if len(self._held) > self._limit:
            del self._held[next(iter(self._held))]

    def succeeded(self, key: str) -> None:
        """The key is well again."""
        self._held.pop(key, None)

    def holds(self, key: str, now: float) -> bool:
        """Whether it is too early to try again."""
        return now < self._held.get(key, (-inf, 0.0))[0]
