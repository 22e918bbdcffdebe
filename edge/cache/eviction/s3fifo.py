"""S3-FIFO (Yang et al., SOSP 2023): a small queue on probation, a main queue, and a memory of what left.

Most names are asked for once: they cross the small queue and are gone. A name asked for again there goes on
into the main queue, and so does one that comes back soon after it left. The main queue gives a name one more
round for each use, three at most.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from edge.cache.eviction.interface import Eviction

SMALL_SHARE = 0.1
GHOST_SHARE = 0.9  # of the capacity: the sizes of the names that left and are remembered
PROMOTED_AT = 2  # uses in the small queue
MOST_USES = 3


class _Place:
    """One name that is here."""

    __slots__ = ("size", "uses")

    def __init__(self, size: int) -> None:
        self.size = size
        self.uses = 0


Queue = OrderedDict[str, _Place]


class S3Fifo(Eviction):
    """Three queues, each first in, first out; a hit only counts."""

    def __init__(self, capacity_bytes: int, *, largest_share: float = 1.0) -> None:
        super().__init__(capacity_bytes, largest_share=largest_share)
        self._small_bytes = self._ghost_bytes = 0
        self._small_capacity = int(capacity_bytes * SMALL_SHARE)
        self._ghost_capacity = int(capacity_bytes * GHOST_SHARE)
        self._places: dict[str, _Place] = {}
        self._small: Queue = OrderedDict()
        self._main: Queue = OrderedDict()
        self._ghosts: OrderedDict[int, int] = OrderedDict()  # hash of a name → its size

    def find(self, name: str) -> bool:
        place = self._places.get(name)
        if place is None:
            return False
        if place.uses < MOST_USES:
            place.uses += 1
        return True

    def _insert(self, name: str, size: int) -> list[str]:
        leaving: list[str] = []
        while self.occupied_bytes + size > self.capacity_bytes:
            self._evict(leaving)
        ghost = self._ghosts.pop(hash(name), None)
        place = self._places[name] = _Place(size)
        self.occupied_bytes += size
        if ghost is None:
            self._small[name] = place
            self._small_bytes += size
        else:
            self._ghost_bytes -= ghost
            self._main[name] = place
        return leaving

    def _evict(self, leaving: list[str]) -> None:
        """Let one name go, or move some from the small queue to the main one."""
        if self._small and (self._small_bytes >= self._small_capacity or not self._main):
            self._pass_probation(leaving)
        else:
            self._pass_round(leaving)

    def _pass_probation(self, leaving: list[str]) -> None:
        name, place = self._small.popitem(last=False)
        self._small_bytes -= place.size
        if place.uses >= PROMOTED_AT:
            place.uses = 0
            self._main[name] = place
            return
        self._let_go(name, place, leaving)
        self._remember(name, place.size)

    def _pass_round(self, leaving: list[str]) -> None:
        name, place = self._main.popitem(last=False)
        if place.uses:
            place.uses -= 1
            self._main[name] = place
        else:
            self._let_go(name, place, leaving)

    def _let_go(self, name: str, place: _Place, leaving: list[str]) -> None:
        del self._places[name]
        self.occupied_bytes -= place.size
        leaving.append(name)

    def _remember(self, name: str, size: int) -> None:
        ghost = hash(name)  # two names with one hash: at worst one of them skips its probation
        self._ghost_bytes += size - self._ghosts.pop(ghost, 0)
        self._ghosts[ghost] = size
        while self._ghost_bytes > self._ghost_capacity:
            self._ghost_bytes -= self._ghosts.popitem(last=False)[1]

    def remove(self, name: str) -> bool:
        place = self._places.pop(name, None)
        if place is None:
            return False
        self.occupied_bytes -= place.size
        if self._small.pop(name, None) is not None:
            self._small_bytes -= place.size
        else:
            del self._main[name]
        return True

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        """Those on probation first."""
        yield from self._small
        yield from self._main
