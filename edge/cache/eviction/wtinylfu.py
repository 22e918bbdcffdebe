"""W-TinyLFU (Einziger, Friedman, Manes, ACM ToS 2017): who would enter must be asked for more than who would go.

What is new passes a small window in order of use. What leaves the window is weighed, by how often either was
asked for lately, against the least recently used on probation in the main part, and the loser goes. A use on
probation moves a name into the protected part, which falls back on probation what it has no room for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from edge.cache.eviction.interface import Eviction
from edge.cache.eviction.sketch import Sketch

WINDOW_SHARE = 0.01
PROTECTED_SHARE = 0.8  # of the main part

Queue = OrderedDict[str, int]


class WTinyLfu(Eviction):
    """Three queues in order of use, and a sketch."""

    def __init__(self, capacity_bytes: int, *, largest_share: float = 1.0) -> None:
        super().__init__(capacity_bytes, largest_share=largest_share)
        self._window_capacity = int(capacity_bytes * WINDOW_SHARE)
        self._protected_capacity = int((capacity_bytes - self._window_capacity) * PROTECTED_SHARE)
        self._window_bytes = self._protected_bytes = 0
        self._window: Queue = OrderedDict()
        self._probation: Queue = OrderedDict()
        self._protected: Queue = OrderedDict()
        self._sketch = Sketch()

    def find(self, name: str) -> bool:
        if name in self._protected:
            self._protected.move_to_end(name)
        elif name in self._window:
            self._window.move_to_end(name)
        elif name in self._probation:
            self._protect(name)
        else:
            return False  # counted when it is inserted
        self._sketch.note(name)
        return True

    def _protect(self, name: str) -> None:
        size = self._protected[name] = self._probation.pop(name)
        self._protected_bytes += size
        while self._protected_bytes > self._protected_capacity:
            fallen, size = self._protected.popitem(last=False)
            self._protected_bytes -= size
            self._probation[fallen] = size

    def _insert(self, name: str, size: int) -> list[str]:
        self._sketch.note(name)
        self._window[name] = size
        self._window_bytes += size
        self.occupied_bytes += size
        self._sketch.make_wide_enough(len(self))
        leaving: list[str] = []
        while self._window_bytes > self._window_capacity:
            candidate, size = self._window.popitem(last=False)
            self._window_bytes -= size
            self._probation[candidate] = size
            self._weigh(candidate, leaving)
        return leaving

    def _weigh(self, candidate: str, leaving: list[str]) -> None:
        """Make room by letting the less asked for go, victim by victim, the candidate if it is that."""
        worth = self._sketch.uses(candidate)
        while self.occupied_bytes > self.capacity_bytes:
            victim = next(iter(self._probation))
            if victim == candidate:
                victim = next(iter(self._protected or self._window or self._probation))
            loser = victim if worth > self._sketch.uses(victim) else candidate
            self.remove(loser)
            leaving.append(loser)
            if loser == candidate:
                return

    def remove(self, name: str) -> bool:
        size = self._probation.pop(name, None)
        if size is None:
            size = self._window.pop(name, None)
            if size is not None:
                self._window_bytes -= size
        if size is None:
            size = self._protected.pop(name, None)
            if size is None:
                return False
            self._protected_bytes -= size
        self.occupied_bytes -= size
        return True

    def __len__(self) -> int:
        return len(self._window) + len(self._probation) + len(self._protected)

    def __contains__(self, name: object) -> bool:
        return name in self._window or name in self._probation or name in self._protected

    def __iter__(self) -> Iterator[str]:
        """The main part's least used first."""
        yield from self._probation
        yield from self._protected
        yield from self._window
