"""Derived assets: what was rendered from one revision of an asset, kept until that revision goes."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from attrs import asdict, field, fields, frozen
from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, false, insert, or_, select

from origin.catalogue.database import Database
from origin.catalogue.outbox import Message, enqueue, garbage
from origin.catalogue.schema import assets, derived, of_cloud
from origin.catalogue.values import Asset, Identity


def derived_key(asset: Asset, *parts: str) -> str:
    """The name of one rendering of one revision; `parts` are what decides its bytes (chain, format)."""
    return sha256(json.dumps([asset.asset_id, asset.revision, *parts]).encode()).hexdigest()


MEZZANINE = "mezzanine"
"""What stands for the transformation of a row that is nobody's derived asset: no chain is spelled so."""

WRITTEN = "written"
"""What the details of a derived asset call the chain that it was first asked for by, where that is not canonical."""

TellDropped = Callable[[Sequence[Identity]], Sequence[Message]]
"""Decides, inside the transaction, what the outbox must tell of assets that lost derived ones."""

NAMES = tuple(assets.c[each.name] for each in fields(Identity))

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
    transformation: str  # the canonical text: what it is found and counted by
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

    @property
    def written(self) -> str:
        """The chain as whoever had it made wrote it."""
        return str(self.details.get(WRITTEN, self.transformation))


@frozen
class Dropped:
    """A row that went; its object is still there."""

    asset_id: str
    store_key: str
    transformation: str


def drop_of(connection: Connection, *asset_ids: str) -> list[Dropped]:
    """Forget every derived asset of some assets within a running transaction."""
    return _drop(connection, derived.c.asset_id.in_(asset_ids))


def shown_among(dropped: Iterable[Dropped]) -> list[Dropped]:
    """Those that were somebody's derived assets."""
    return [each for each in dropped if each.transformation != MEZZANINE]


def _drop(connection: Connection, *wanted: ColumnElement[bool]) -> list[Dropped]:
    columns = (derived.c.asset_id, derived.c.store_key, derived.c.transformation)
    rows = connection.execute(delete(derived).where(*wanted).returning(*columns))
    return [Dropped(*row) for row in rows]


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
        return len(await self._dropped(derived.c.asset_id == asset_id, now=now))

    async def drop_shown(
        self,
        cloud: str,
        asset_ids: Sequence[str],
        made_by: Collection[tuple[str, str | None]] | None = None,
        *,
        now: float,
        tell: TellDropped = lambda _: (),
    ) -> Mapping[str, int]:
        """The same of several assets: all that anyone was shown, or those `made_by` a transformation (in the
        spelling of their rows), in a format or in any. Returns how many of each asset."""
        ours = select(assets.c.asset_id).where(of_cloud(cloud), assets.c.asset_id.in_(asset_ids))
        wanted = [derived.c.asset_id.in_(ours), derived.c.transformation != MEZZANINE]
        if made_by is not None:
            wanted.append(or_(false(), *(_made_by(*each) for each in made_by)))
        return Counter(each.asset_id for each in await self._dropped(*wanted, now=now, tell=tell))

    async def drop_by_ids(
        self, cloud: str, derived_ids: Sequence[str], *, now: float, tell: TellDropped = lambda _: ()
    ) -> frozenset[str]:
        """Forget derived assets by their ids; returns those that were there."""

        def work(connection: Connection) -> frozenset[str]:
            is_meant = derived.c.derived_id.in_(derived_ids) & (derived.c.transformation != MEZZANINE)
            is_ours = (derived.c.asset_id == assets.c.asset_id) & of_cloud(cloud)
            wanted = select(derived.c.derived_id).where(is_meant, is_ours).with_for_update(of=derived)
            found = frozenset(connection.execute(wanted).scalars())
            self._drop(connection, (derived.c.derived_id.in_(found),), now, tell)
            return found

        return await self._database.write(work)

    async def _dropped(
        self, *wanted: ColumnElement[bool], now: float, tell: TellDropped = lambda _: ()
    ) -> list[Dropped]:
        return await self._database.write(lambda connection: self._drop(connection, wanted, now, tell))

    def _drop(
        self, connection: Connection, wanted: Sequence[ColumnElement[bool]], now: float, tell: TellDropped
    ) -> list[Dropped]:
        dropped = _drop(connection, *wanted)
        keys = [each.store_key for each in dropped]
        enqueue(connection, garbage(keys, self._linger_seconds), now)
        ids = {each.asset_id for each in dropped}
        rows = connection.execute(select(*NAMES).where(assets.c.asset_id.in_(ids))).all() if ids else []
        enqueue(connection, tell([Identity(*row) for row in rows]), now)
        return dropped


def _made_by(transformation: str, format: str | None) -> ColumnElement[bool]:  # noqa: A002 - the SDKs' word
    same = derived.c.transformation == transformation
    return same if format is None else same & (derived.c.format == format)


def derived_of(row: Row[Any]) -> Derived:
    """A derived asset from a row that holds its columns, perhaps among others."""
    columns = {each.name: row._mapping[each.name] for each in derived.c if each.name != "id"}
    columns["details"] = json.loads(columns["details"])
    columns["created_at"] = float(columns["created_at"])  # SQLite's RETURNING shows 5.0 as 5
    return Derived(**columns)
