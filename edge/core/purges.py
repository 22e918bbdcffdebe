"""What was purged lately, so that a fetch which began before a purge leaves nothing behind it (sheet
20.5)."""

from __future__ import annotations

from collections.abc import Iterable

from edge.core.entry import Entry


class PurgeLog:
    """Purges in the order they came, by a counter rather than a clock.

    The shell takes `mark` when a fetch leaves and asks `beats` when its answer is to be stored, and again
    after the insert (a purge may have come while it was written: then remove). Only the last `kept` purges
    are remembered by name; a fetch older than the oldest of them is taken as beaten, which is safe and rare.
    """

    def __init__(self, kept: int = 100_000) -> None:
        self._kept = kept
        self._mark = 0
        self._floor = 0
        self._marks: dict[str, int] = {}

    @property
    def mark(self) -> int:
        """Where the log stands now."""
        return self._mark

    def purge(self, keys: Iterable[str] = (), tags: Iterable[str] = ()) -> None:
        """Note a purge of these cache keys and surrogate keys."""
        self._mark += 1
        for name in (*("k" + key for key in keys), *("t" + tag for tag in tags)):
            self._marks.pop(name, None)
            self._marks[name] = self._mark
        while len(self._marks) > self._kept:
            oldest = next(iter(self._marks))
            self._floor = self._marks.pop(oldest)

    def beats(self, mark: int, entry: Entry) -> bool:
        """Whether a purge since `mark` covers this entry, by its key or by any tag it turned out to have."""
        if mark < self._floor:
            return True
        marks = self._marks
        if marks.get("k" + entry.key, 0) > mark:
            return True
        return any(marks.get("t" + tag, 0) > mark for tag in entry.surrogate_keys)
