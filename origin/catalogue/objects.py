"""Which store objects the catalogue still speaks of: what a sweep must leave alone."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from origin.catalogue.database import Database
from origin.catalogue.outbox import REMOVE_OBJECT, dumped, removal
from origin.catalogue.schema import assets, derived, outbox, parts

AT_ONCE = 500


class Objects:
    """The store keys named by rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def named(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of `keys` that a row names, or whose removal is already queued. For `origin.store.sweep`."""
        return await self._database.read(lambda connection: _named(connection, keys))


def _named(connection: Connection, keys: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        for table in (assets, derived, parts):
            rows = select(table.c.store_key).where(table.c.store_key.in_(some))
            found.update(connection.execute(rows).scalars())
        queued = {dumped(removal(key)): key for key in some}  # the same key is always the same text
        is_queued = (outbox.c.kind == REMOVE_OBJECT) & outbox.c.payload.in_(list(queued))
        waiting = connection.execute(select(outbox.c.payload).where(is_queued)).scalars()
        found.update(queued[payload] for payload in waiting)
    return frozenset(found)
