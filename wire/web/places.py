"""How many connections there may be, in all and from one address."""

from __future__ import annotations

from collections import Counter


class Places:
    """Counts connections. Several ports may share one; 0 is no limit."""

    def __init__(self, limit: int = 0, per_address: int = 0) -> None:
        self._limit = limit
        self._per_address = per_address
        self._taken: Counter[str] = Counter()
        self._total = 0

    def take(self, address: str) -> bool:
        """Whether there is a place for one more from there; it has it, then."""
        if self._limit and self._total >= self._limit:
            return False
        if self._per_address and self._taken[address] >= self._per_address:
            return False
        self._taken[address] += 1
        self._total += 1
        return True

    def leave(self, address: str) -> None:
        """One from there has gone."""
        self._total -= 1
        self._taken[address] -= 1
        if not self._taken[address]:
            del self._taken[address]
