"""What the disk tier must find without knowing the key: bodies by surrogate key and by last use.

diskcache allows one tag an entry and writes on every read to keep its own LRU, so both live in tables of our own, in
diskcache's database: a body and what is known of it come and go in one transaction, whichever process it is, so no
kill leaves one without the other.
"""

from __future__ import annotations

from collections.abc import Iterable

import diskcache

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS bodies (
        body_id TEXT PRIMARY KEY, key TEXT NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS bodies_by_key ON bodies (key)",
    "CREATE INDEX IF NOT EXISTS bodies_by_use ON bodies (used)",
    "CREATE TABLE IF NOT EXISTS tags (tag TEXT, body_id TEXT, PRIMARY KEY (tag, body_id)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS tags_by_body ON tags (body_id)",
    "CREATE TABLE IF NOT EXISTS figures (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT OR IGNORE INTO figures VALUES ('bodies', 0)",
    """CREATE TRIGGER IF NOT EXISTS body_came AFTER INSERT ON bodies BEGIN
        UPDATE figures SET value = value + 1 WHERE name = 'bodies'; END""",
    """CREATE TRIGGER IF NOT EXISTS body_left AFTER DELETE ON bodies BEGIN
        UPDATE figures SET value = value - 1 WHERE name = 'bodies';
        DELETE FROM tags WHERE body_id = OLD.body_id; END""",
)
_COUNTS = (
    """SELECT (SELECT value FROM Settings WHERE key = 'count'), value FROM figures WHERE name = 'bodies'"""
)
_ADD = "INSERT INTO bodies VALUES (?, ?, (SELECT COALESCE(MAX(used), 0) + 1 FROM bodies))"
_STOCK = (
    """SELECT (SELECT value FROM Settings WHERE key = 'size'), value FROM figures WHERE name = 'bodies'"""
)


class Index:
    """Tables beside diskcache's own, over its connections: one a thread. Writes want a transaction of the store."""

    def __init__(self, store: diskcache.Cache) -> None:
        self._store = store
        with store.transact():
            for statement in _SCHEMA:
                self._run(statement)

    def _run(self, statement: str, values: Iterable[object] = ()) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = self._store._sql(statement, tuple(values)).fetchall()
        return rows

    @property
    def is_whole(self) -> bool:
        """Whether the store's bodies are known here, read in one moment."""
        ((stored, known),) = self._run(_COUNTS)
        return not stored or bool(known)

    def _next_use(self) -> int:
        ((last,),) = self._run("SELECT MAX(used) FROM bodies")
        return int(last or 0) + 1

    def add(self, body_id: str, key: str, surrogate_keys: Iterable[str]) -> None:
        """Know a body, as the latest used."""
        self._run(_ADD, (body_id, key))
        for tag in surrogate_keys:
            self._run("INSERT OR IGNORE INTO tags VALUES (?, ?)", (tag, body_id))

    def retag(self, body_id: str, surrogate_keys: Iterable[str]) -> None:
        """Give a body other surrogate keys: a 304 that carries the header replaces the object's."""
        self._run("DELETE FROM tags WHERE body_id = ?", (body_id,))
        for tag in surrogate_keys:
            known = "INSERT OR IGNORE INTO tags SELECT ?, body_id FROM bodies WHERE body_id = ?"
            self._run(known, (tag, body_id))

    def forget(self, body_ids: Iterable[str]) -> None:
        """Drop bodies and their tags."""
        for body_id in body_ids:
            self._run("DELETE FROM bodies WHERE body_id = ?", (body_id,))

    def touch(self, body_ids: Iterable[str]) -> None:
        """Write down uses, in their order."""
        for use, body_id in enumerate(body_ids, self._next_use()):
            self._run("UPDATE bodies SET used = ? WHERE body_id = ?", (use, body_id))

    def oldest(self, limit: int) -> list[tuple[str, str]]:
        """(body_id, key) of the least recently used."""
        rows = self._run("SELECT body_id, key FROM bodies ORDER BY used LIMIT ?", (limit,))
        return [(body_id, key) for body_id, key in rows]

    def by_use(self, key: str) -> list[str]:
        """The bodies under a key, the least recently used first."""
        rows = self._run("SELECT body_id FROM bodies WHERE key = ? ORDER BY used", (key,))
        return [body_id for (body_id,) in rows]

    def tagged(self, surrogate_keys: Iterable[str]) -> list[tuple[str, str]]:
        """(key, body_id) of bodies that carry one of the surrogate keys."""
        found: dict[tuple[str, str], None] = {}
        for tag in surrogate_keys:
            rows = self._run(
                "SELECT key, body_id FROM tags JOIN bodies USING (body_id) WHERE tag = ?", (tag,)
            )
            found.update(dict.fromkeys((key, body_id) for key, body_id in rows))
        return list(found)

    def stock(self) -> tuple[int, int]:
        """Room taken by heads and bodies, as `space_of` counts, and how many bodies there are; of one moment."""
        ((occupied_bytes, count),) = self._run(_STOCK)
        return int(occupied_bytes), int(count)
