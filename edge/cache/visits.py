"""Visits to the disk that are under way, and what overtakes them: what leaves the cache, and what is stored anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from attrs import define, frozen


@define(eq=False)
class _Lookup:
    """Visits for one key, since it was last written to; it lives as long as they are under way."""


@frozen(eq=False)
class Visit:
    """One visit: when it began."""

    key: str
    removals: int
    lookup: _Lookup


class Visits:
    """The reactor changes memory at once, the disk follows on a thread: an answer that was under way meanwhile is of
    the past."""

    def __init__(self) -> None:
        self._lookups: WeakValueDictionary[str, _Lookup] = WeakValueDictionary()  # by key
        self._removals = 0
        self._removing = 0

    def begin(self, key: str) -> Visit:
        """A visit for what is under a key."""
        return Visit(key, self._removals, self._lookups.setdefault(key, _Lookup()))

    def written(self, key: str) -> None:
        """Something is stored under a key: whoever reads it may read what was there before."""
        self._lookups.pop(key, None)

    @contextmanager
    def removing(self) -> Iterator[None]:
        """While something leaves the cache, of whichever key."""
        self._removals += 1
        self._removing += 1
        try:
            yield
        finally:
            self._removals += 1
            self._removing -= 1

    def is_overtaken(self, visit: Visit) -> bool:
        """Whether what it found may be of the past: something has left since, or its key was written to."""
        return visit.removals != self._removals or self._lookups.get(visit.key) is not visit.lookup

    def is_undisturbed(self, visit: Visit) -> bool:
        """Whether what it brought may rise: nothing has left since, nor is leaving."""
        return visit.removals == self._removals and not self.is_removing

    @property
    def is_removing(self) -> bool:
        """Whether something is leaving."""
        return self._removing > 0
