"""SIEVE (Zhang et al., NSDI 2024): first in, first out, but what was used since the hand last passed stays.

A hit only sets a mark. The hand moves from the oldest to the newest and wraps; it takes marks off, and takes
out the first name without one. What is new enters behind all others, so names that nobody asks for again are
swept out between the hand and the newest, and what was proven stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from edge.cache.eviction.interface import Eviction


class _Place:
    """One name in the queue."""

    __slots__ = ("name", "newer", "older", "size", "was_used")

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size
        self.was_used = False
        self.newer: _Place | None = None
        self.older: _Place | None = None


class Sieve(Eviction):
    """A queue that is never reordered, and a hand."""

    def __init__(self, capacity_bytes: int, *, largest_share: float = 1.0) -> None:
        super().__init__(capacity_bytes, largest_share=largest_share)
        self._places: dict[str, _Place] = {}
        self._newest: _Place | None = None
        self._oldest: _Place | None = None
        self._hand: _Place | None = None

    def find(self, name: str) -> bool:
        place = self._places.get(name)
        if place is None:
            return False
        place.was_used = True
        return True

    def _insert(self, name: str, size: int) -> list[str]:
        leaving = []
        while self.occupied_bytes + size > self.capacity_bytes:
            leaving.append(self._evict())
        place = _Place(name, size)
        place.older, self._newest = self._newest, place
        if place.older is None:
            self._oldest = place
        else:
            place.older.newer = place
        self._places[name] = place
        self.occupied_bytes += size
        return leaving

    def _evict(self) -> str:
        place = self._hand or self._oldest
        while place is not None and place.was_used:
            place.was_used = False
            place = place.newer or self._oldest
        if place is None:
            raise AssertionError("bytes without a name")
        self._hand = place
        self._unlink(place)
        return place.name

    def _unlink(self, place: _Place) -> None:
        """Take a name out; a hand that points at it moves on, and wraps when it was the newest."""
        if self._hand is place:
            self._hand = place.newer
        if place.older is None:
            self._oldest = place.newer
        else:
            place.older.newer = place.newer
        if place.newer is None:
            self._newest = place.older
        else:
            place.newer.older = place.older
        del self._places[place.name]
        self.occupied_bytes -= place.size

    def remove(self, name: str) -> bool:
        place = self._places.get(name)
        if place is None:
            return False
        self._unlink(place)
        return True

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        """The oldest first."""
        return iter(self._places)
