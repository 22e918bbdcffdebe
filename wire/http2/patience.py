"""How much of what costs us more than its sender a connection may send: a bucket that leaks."""

from __future__ import annotations


class Bucket:
    """Holds `most`; empties by `per_second`."""

    def __init__(self, most: float, per_second: float) -> None:
        self._most = most
        self._per_second = per_second
        self._level = 0.0
        self._at = 0.0

    def takes(self, now: float) -> bool:
        """Pour one in; False when it runs over."""
        self._level = max(0.0, self._level - (now - self._at) * self._per_second) + 1.0
        self._at = now
        return self._level <= self._most
