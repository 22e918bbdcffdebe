"""Uses of stored bodies, noted in memory and written down many at a time: to write on every read costs more than it."""

from __future__ import annotations

import threading

MOST = 512  # before they are written down in one go


class Uses:
    """The bodies used since last time, the latest last. Noted by any thread."""

    def __init__(self) -> None:
        self._body_ids: dict[str, None] = {}
        self._lock = threading.Lock()

    def note(self, body_id: str) -> bool:
        """One more; whether it is time to write them down."""
        with self._lock:
            self._body_ids.pop(body_id, None)
            self._body_ids[body_id] = None
            return len(self._body_ids) >= MOST

    def take(self) -> list[str]:
        """All of them, to be written down; from now on there are none."""
        with self._lock:
            body_ids, self._body_ids = self._body_ids, {}
        return list(body_ids)
