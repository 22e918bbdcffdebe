"""What was purged lately, so that a fetch which began before a purge leaves nothing behind it (sheet
20.5), or nothing fresh where the purge was a soft one (cdn-vendors §12.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge.core.entry import Entry


class PurgeLog:
    """Purges in the order they came, by a counter rather than a clock.

    The shell takes `mark` when a fetch leaves and asks what is `left` when its answer is to be stored, and again
    after the insert (a purge may have come while it was written). Only the last `kept` purges of a kind are
    remembered by name; a fetch older than the oldest of them is taken as beaten, which is safe and rare.
    """

    def __init__(self, kept: int = 100_000) -> None:
        self._kept = kept
        self._mark = 0
        self._floor = 0
        self._gone: dict[str, int] = {}
        self._stale: dict[str, tuple[int, float]] = {}

    @property
    def mark(self) -> int:
        """Where the log stands now."""
        return self._mark

    def purge(
        self, keys: Iterable[str] = (), tags: Iterable[str] = (), *, stale_at: float | None = None
    ) -> None:
        """Note a purge of these cache keys and surrogate keys; a soft one, where it is told when."""
        self._mark += 1
        for name in (*("k" + key for key in keys), *("t" + tag for tag in tags)):
            if stale_at is None:
                self._gone.pop(name, None)
                self._gone[name] = self._mark
            else:
                self._stale.pop(name, None)
                self._stale[name] = self._mark, stale_at
        while len(self._gone) > self._kept:
            self._floor = max(self._floor, self._gone.pop(next(iter(self._gone))))
        while len(self._stale) > self._kept:
            self._floor = max(self._floor, self._stale.pop(next(iter(self._stale)))[0])

    def left(self, mark: int, entry: Entry) -> Entry | None:
        """What purges since `mark` leave of this entry, by its key and by any tag it turned out to have: itself, itself
        stale, or None."""
        if mark < self._floor or any(self._gone.get(name, 0) > mark for name in _names_of(entry)):
            return None
        for name in _names_of(entry):
            purged, at = self._stale.get(name, (0, 0.0))
            if purged > mark:
                return entry.expired(at)
        return entry


def _names_of(entry: Entry) -> Iterator[str]:
    yield "k" + entry.key
    for tag in entry.surrogate_keys:
        yield "t" + tag
