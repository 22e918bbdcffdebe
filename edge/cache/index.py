"""What the disk tier must find without knowing the key: bodies by surrogate key and by last use.

diskcache allows one tag an entry and writes on every read to keep its own LRU, so both live here, in a SQLite
file beside it. A body is written here *before* it becomes visible there, and leaves here *after* it left
there: whatever is killed in between, the index knows at least all that is stored, so no purge misses an entry
and no byte is forgotten.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS bodies (
    body_id TEXT PRIMARY KEY, key TEXT NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bodies_by_key ON bodies (key);
CREATE INDEX IF NOT EXISTS bodies_by_use ON bodies (used);
CREATE TABLE IF NOT EXISTS tags (tag TEXT, body_id TEXT, PRIMARY KEY (tag, body_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_by_body ON tags (body_id);
CREATE TABLE IF NOT EXISTS figures (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO figures VALUES ('bodies', 0);
CREATE TRIGGER IF NOT EXISTS body_came AFTER INSERT ON bodies BEGIN
    UPDATE figures SET value = value + 1 WHERE name = 'bodies'; END;
CREATE TRIGGER IF NOT EXISTS body_left AFTER DELETE ON bodies BEGIN
    UPDATE figures SET value = value - 1 WHERE name = 'bodies';
    DELETE FROM tags WHERE body_id = OLD.body_id; END;
"""


class Index:
    """One connection, one lock: every statement is a few microseconds, and threads are few."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_SCHEMA)
            (last,) = self._db.execute("SELECT MAX(used) FROM bodies").fetchone()
        except sqlite3.Error:
            self._db.close()
            raise
        self._last_use: int = last or 0
        self.last_use_at_opening = self._last_use

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, query: str, values: Iterable[object] = ()) -> list[tuple[str, ...]]:
        with self._lock:
            return self._db.execute(query, tuple(values)).fetchall()

    def add(self, body_id: str, key: str, surrogate_keys: Iterable[str]) -> None:
        """Know a body that is about to become visible, as the latest used."""
        with self._writing() as db:
            self._last_use += 1
            db.execute("INSERT INTO bodies VALUES (?, ?, ?)", (body_id, key, self._last_use))
            db.executemany(
                "INSERT OR IGNORE INTO tags VALUES (?, ?)", ((tag, body_id) for tag in surrogate_keys)
            )

    def retag(self, body_id: str, surrogate_keys: Iterable[str]) -> None:
        """Give a body other surrogate keys: a 304 that carries the header replaces the object's."""
        with self._writing() as db:
            db.execute("DELETE FROM tags WHERE body_id = ?", (body_id,))
            db.executemany(
                "INSERT OR IGNORE INTO tags SELECT ?, body_id FROM bodies WHERE body_id = ?",
                ((tag, body_id) for tag in surrogate_keys),
            )

    def forget(self, body_ids: Iterable[str]) -> None:
        """Drop bodies that are no longer visible."""
        with self._writing() as db:
            db.executemany("DELETE FROM bodies WHERE body_id = ?", ((body_id,) for body_id in body_ids))

    def touch(self, body_ids: Iterable[str]) -> None:
        """Write down uses, in their order."""
        with self._writing() as db:
            for body_id in body_ids:
                self._last_use += 1
                db.execute("UPDATE bodies SET used = ? WHERE body_id = ?", (self._last_use, body_id))

    def oldest(self, limit: int) -> list[tuple[str, str]]:
        """(body_id, key) of the least recently used."""
        return [
            (b, k) for b, k in self._rows("SELECT body_id, key FROM bodies ORDER BY used LIMIT ?", (limit,))
        ]

    def by_use(self, key: str) -> list[str]:
        """The bodies under a key, the least recently used first."""
        return [b for (b,) in self._rows("SELECT body_id FROM bodies WHERE key = ? ORDER BY used", (key,))]

    def tagged(self, surrogate_keys: Iterable[str]) -> list[tuple[str, str]]:
        """(key, body_id) of bodies that carry one of the surrogate keys."""
        found: dict[tuple[str, str], None] = {}
        for tag in surrogate_keys:
            query = "SELECT key, body_id FROM tags JOIN bodies USING (body_id) WHERE tag = ?"
            found.update(dict.fromkeys((k, b) for k, b in self._rows(query, (tag,))))
        return list(found)

    def page(self, after: str, last_use: int, limit: int) -> list[str]:
        """Bodies in the order of their names, last used no later than `last_use`."""
        query = "SELECT body_id FROM bodies WHERE body_id > ? AND used <= ? ORDER BY body_id LIMIT ?"
        return [b for (b,) in self._rows(query, (after, last_use, limit))]

    def __len__(self) -> int:
        ((count,),) = self._rows("SELECT value FROM figures WHERE name = 'bodies'")
        return int(count)

    def close(self) -> None:
        with self._lock:
            self._db.close()
