"""Which store objects the catalogue still speaks of: what a sweep must leave alone."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Column, Connection, Row, Select, and_, null, select

from origin.catalogue.database import Database
from origin.catalogue.keeping import version_of
from origin.catalogue.messages import TAKE_IN
from origin.catalogue.outbox import REMOVE_OBJECT, dumped, removal
from origin.catalogue.prefixes import successor
from origin.catalogue.schema import assets, backups, derived, outbox, parts
from origin.catalogue.values import Identity

AT_ONCE = 500


@frozen
class NamedObject:
    """An object as the row that names it describes it."""

    key: str
    size: int  # bytes
    md5: str  # lower-case hex
    revision: str
    asset: Identity
    asset_id: str
    transformation: str | None = None  # of a derived asset
    version_id: str | None = None  # of a version that is kept


class Objects:
    """The store keys named by rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def named(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of `keys` that a row names, or whose removal is already queued. For `origin.store.sweep`."""
        return await self._database.read(lambda connection: _named(connection, keys))

    async def originals(self, prefix: str) -> AsyncIterator[NamedObject]:
        """The originals of assets, those whose keys start with `prefix`, in key order."""
        async for each in self._in_order(_ORIGINALS, assets.c.store_key, prefix):
            yield each

    async def derivatives(self, prefix: str) -> AsyncIterator[NamedObject]:
        """The same of derived assets."""
        async for each in self._in_order(_DERIVATIVES, derived.c.store_key, prefix):
            yield each

    async def kept(self, prefix: str) -> AsyncIterator[NamedObject]:
        """The same of versions that are kept; one that an asset shows, too, is among the originals as well."""
        async for row in self._rows_in_order(select(backups), backups.c.store_key, prefix):
            version = version_of(row)
            yield NamedObject(
                key=row.store_key,
                size=row.bytes,
                md5=version.asset.etag,
                revision=row.version_id,
                asset=version.asset.identity,
                asset_id=row.asset_id,
                version_id=row.version_id,
            )

    async def _in_order(self, rows: Select[Any], key: Column[str], prefix: str) -> AsyncIterator[NamedObject]:
        async for row in self._rows_in_order(rows, key, prefix):
            yield NamedObject(
                key=row.store_key,
                size=row.bytes,
                md5=row.etag,
                revision=row.revision,
                asset=Identity(row.cloud, row.resource_type, row.type, row.public_id),
                asset_id=row.asset_id,
                transformation=row.transformation,
            )

    async def _rows_in_order(
        self, rows: Select[Any], key: Column[str], prefix: str
    ) -> AsyncIterator[Row[Any]]:
        end, last = successor(prefix), ""
        within = and_(key >= prefix, key < end) if end is not None else key >= prefix
        while True:
            found = await self._rows(rows.where(within, key > last).order_by(key).limit(AT_ONCE))
            for row in found:
                yield row
            if len(found) < AT_ONCE:
                return
            last = found[-1].store_key

    async def _rows(self, page: Select[Any]) -> Sequence[Row[Any]]:
        return await self._database.read(lambda connection: connection.execute(page).all())


_IDENTITY = (assets.c.asset_id, assets.c.cloud, assets.c.resource_type, assets.c.type, assets.c.public_id)
_ORIGINALS = select(
    assets.c.store_key,
    assets.c.bytes,
    assets.c.etag,
    assets.c.revision,
    null().label("transformation"),
    *_IDENTITY,
)
_DERIVATIVES = select(
    derived.c.store_key,
    derived.c.bytes,
    derived.c.etag,
    derived.c.revision,
    derived.c.transformation,
    *_IDENTITY,
).join_from(derived, assets, derived.c.asset_id == assets.c.asset_id)


def _named(connection: Connection, keys: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        for table in (assets, backups, derived, parts):
            rows = select(table.c.store_key).where(table.c.store_key.in_(some))
            found.update(connection.execute(rows).scalars())
        owed = select(outbox.c.lane).where(outbox.c.kind == TAKE_IN, outbox.c.lane.in_(some))
        found.update(connection.execute(owed).scalars())
        queued = {dumped(removal(key)): key for key in some}  # the same key is always the same text
        is_queued = (outbox.c.kind == REMOVE_OBJECT) & outbox.c.payload.in_(list(queued))
        waiting = connection.execute(select(outbox.c.payload).where(is_queued)).scalars()
        found.update(queued[payload] for payload in waiting)
    return frozenset(found)
