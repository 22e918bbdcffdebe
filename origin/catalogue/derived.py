"""Derived assets: what was rendered from one revision of an asset, kept until that revision goes."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from attrs import asdict, field, frozen
from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from origin.catalogue.database import Database
from origin.catalogue.outbox import enqueue, garbage
from origin.catalogue.schema import assets, derived
from origin.catalogue.values import Asset


def derived_key(asset: Asset, *parts: str) -> str:
    """The name of one rendering of one revision; `parts` are what decides its bytes (chain, format)."""
    return sha256(json.dumps([asset.asset_id, asset.revision, *parts]).encode()).hexdigest()


MEZZANINE = "mezzanine"
"""What stands for the transformation of a row that is nobody's derived asset: no chain is spelled so."""

# Built once: SQLAlchemy takes longer to build a statement than SQLite to run it.
BY_KEY = select(derived).where(derived.c.derived_key == bindparam("derived_key"))
# FOR SHARE: an overwrite waits for us and then drops our row, or we wait for it and find no revision.
SHOWN = (
    select(assets.c.id)
    .where(assets.c.asset_id == bindparam("asset_id"), assets.c.revision == bindparam("revision"))
    .with_for_update(read=True)
)
ADDED = insert(derived).returning(derived)


@frozen(kw_only=True)
class DerivedDraft:
    """A rendered file whose object is stored, before it has a row. `store_key` is this rendering's alone."""

    derived_key: str
    asset_id: str
    revision: str  # of the asset it was rendered from
    transformation: str  # as shown in answers
    format: str
    store_key: str
    bytes: int
    etag: str
    width: int | None = None
    height: int | None = None
    details: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Derived(DerivedDraft):
    """A derived asset as its row shows it."""

    derived_id: str  # 32 hex digits: `id` in answers
    created_at: float


def drop_of(connection: Connection, asset_id: str) -> list[str]:
    """Forget every derived asset of an asset within a running transaction; returns their store keys."""
    gone = delete(derived).where(derived.c.asset_id == asset_id).returning(derived.c.store_key)
    return list(connection.execute(gone).scalars())


class Derivatives:
    """The derived assets of every cloud."""

    def __init__(self, database: Database, *, linger_seconds: float, new_id: Callable[[], str]) -> None:
        self._database = database
        self._linger_seconds = linger_seconds
        self._new_id = new_id

    async def get(self, key: str) -> Derived | None:
        """The derived asset of that key. A row exists only while the revision it came from is shown."""
        values = {"derived_key": key}
        row = await self._database.read(lambda connection: connection.execute(BY_KEY, values).one_or_none())
        return derived_of(row) if row is not None else None

    async def add(self, draft: DerivedDraft, *, now: float) -> Derived | None:
        """The row that stands afterwards, or None when the asset was overwritten or deleted meanwhile.

        Of two adds of one key the first wins and both get its row. An object that got no row goes to the
        outbox as garbage in the same transaction, so the caller never removes objects itself.
        """
        return await self._database.write(lambda connection: self._add(connection, draft, now))

    def _add(self, connection: Connection, draft: DerivedDraft, now: float) -> Derived | None:
        shown = {"asset_id": draft.asset_id, "revision": draft.revision}
        if connection.execute(SHOWN, shown).one_or_none() is None:
            enqueue(connection, garbage([draft.store_key], self._linger_seconds), now)
            return None
        standing = connection.execute(BY_KEY, {"derived_key": draft.derived_key}).one_or_none()
        if standing is not None:
            if standing.store_key != draft.store_key:
                enqueue(connection, garbage([draft.store_key], self._linger_seconds), now)
            return derived_of(standing)
        values = {**asdict(draft), "details": json.dumps(dict(draft.details))}
        made = {"derived_id": self._new_id(), "created_at": now, **values}
        return derived_of(connection.execute(ADDED, made).one())

    async def of(self, asset_id: str, *, limit: int = 500, after: str | None = None) -> tuple[Derived, ...]:
        """The derived assets of one asset, oldest first, those after the one of that `derived_id`."""
        is_shown = (derived.c.asset_id == asset_id) & (derived.c.transformation != MEZZANINE)
        page = select(derived).where(is_shown).order_by(derived.c.id).limit(limit)
        if after is not None:
            last = select(derived.c.id).where(derived.c.derived_id == after).scalar_subquery()
            page = page.where(derived.c.id > last)
        rows = await self._database.read(lambda connection: connection.execute(page).all())
        return tuple(derived_of(row) for row in rows)

    async def forget(self, store_key: str) -> None:
        """There is no derived asset with that object: its bytes are lost. Without effect for any other key."""
        await self._database.write(
            lambda connection: connection.execute(delete(derived).where(derived.c.store_key == store_key))
        )

    async def drop(self, asset_id: str, *, now: float) -> int:
        """Forget every derived asset of an asset, queueing their objects for removal; returns how many."""

        def work(connection: Connection) -> int:
            keys = drop_of(connection, asset_id)
            enqueue(connection, garbage(keys, self._linger_seconds), now)
            return len(keys)

        return await self._database.write(work)


def derived_of(row: Row[Any]) -> Derived:
    """A derived asset from a row that holds its columns, perhaps among others."""
    columns = {each.name: row._mapping[each.name] for each in derived.c if each.name != "id"}
    columns["details"] = json.loads(columns["details"])
    columns["created_at"] = float(columns["created_at"])  # SQLite's RETURNING shows 5.0 as 5
    return Derived(**columns)
