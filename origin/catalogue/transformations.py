"""Transformations that somebody named or allowed, and what was derived by any chain (admin-api.md §10)."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import asdict, field, frozen
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)

from origin.catalogue.database import Database
from origin.catalogue.derived import MEZZANINE, Derived, derived_of
from origin.catalogue.outbox import Message, enqueue, garbage
from origin.catalogue.schema import assets, derived, transformations
from origin.catalogue.tallies import Tally, added
from origin.catalogue.values import Identity, storable

RULES = "rules"
"""The tally of changes to what delivery goes by: transformations and mappings."""

# A chain may be longer than an index takes; spelled as the index of migration 8 is, or no database finds it.
beginning: ColumnElement[str] = func.substr(
    derived.c.transformation, literal_column("1"), literal_column("255")
)

# From derived assets to their asset: SQLite would rather walk all assets of the cloud, could it use its index so.
OWNER = derived.c.asset_id.concat("") == assets.c.asset_id

FOLLOWING = (
    select(derived.c.transformation)
    .where(
        beginning >= bindparam("start"),
        derived.c.transformation > bindparam("last"),
        derived.c.transformation.not_in([MEZZANINE, ""]),
        exists().where(assets.c.asset_id == derived.c.asset_id, assets.c.cloud == bindparam("cloud")),
    )
    .order_by(beginning, derived.c.transformation)
    .limit(1)
)

IDENTITY = (assets.c.cloud, assets.c.resource_type, assets.c.type, assets.c.public_id)

Tell = Callable[[Sequence[Identity]], Sequence[Message]]
"""Decides, inside the transaction (on a thread; pure), what is told of assets that lost derived ones."""


@frozen(kw_only=True)
class Transformation:
    """A chain under a name, or (not named) one that a cloud with strict transformations allows."""

    cloud: str = field(validator=storable)
    name: str = field(validator=storable)  # of a chain that has none, its canonical text
    chain: str = field(validator=storable)  # as it was given
    is_named: bool = True
    allowed: bool = True  # for unsigned URLs where transformations are strict
    created_at: float = 0.0


class Transformations:
    """The transformations of every cloud. Each change is counted, so that other processes learn of it."""

    def __init__(self, database: Database, *, linger_seconds: float) -> None:
        self._database = database
        self._linger_seconds = linger_seconds

    async def all(self, cloud: str) -> tuple[Transformation, ...]:
        """Everything named or allowed, by name."""
        wanted = select(transformations).where(transformations.c.cloud == cloud)
        wanted = wanted.order_by(transformations.c.name, transformations.c.is_named)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple(map(_transformation_of, rows))

    async def add(self, new: Transformation, *, now: float, tell: Sequence[Message] = ()) -> bool:
        """Whether it is new; one of that name stays as it is."""

        def work(connection: Connection) -> bool:
            if _locked(connection, new.cloud, new.name, is_named=new.is_named) is not None:
                return False
            connection.execute(insert(transformations).values(_columns_of(new, now)))
            self._changed(connection, new.cloud, tell, now)
            return True

        return await self._database.write(work)

    async def change(
        self,
        cloud: str,
        name: str,
        *,
        is_named: bool,
        now: float,
        chain: str | None = None,
        allowed: bool | None = None,
        tell: Sequence[Message] = (),
    ) -> bool:
        """Put what is not None in its place; whether there is one of that name."""
        told = {"chain": chain, "allowed": None if allowed is None else int(allowed)}
        changes = {column: value for column, value in told.items() if value is not None}

        def work(connection: Connection) -> bool:
            if _locked(connection, cloud, name, is_named=is_named) is None:
                return False
            if changes:
                is_it = _is(cloud, name, is_named=is_named)
                connection.execute(update(transformations).where(is_it).values(changes))
                self._changed(connection, cloud, tell, now)
            return True

        return await self._database.write(work)

    async def delete(self, cloud: str, name: str, *, is_named: bool, now: float) -> bool:
        """Forget it; whether there was one."""

        def work(connection: Connection) -> bool:
            gone = connection.execute(
                delete(transformations).where(_is(cloud, name, is_named=is_named))
            ).rowcount
            if gone:
                self._changed(connection, cloud, (), now)
            return gone > 0

        return await self._database.write(work)

    async def used(self, cloud: str, *, limit: int, after: str = "") -> tuple[str, ...]:
        """Chains that something is derived by: so many in order, those behind one.

        Each is looked up behind the one before it: a chain may have made thousands of derived assets.
        """

        def work(connection: Connection) -> tuple[str, ...]:
            found: list[str] = []
            last = after
            while len(found) < limit:
                values = {"cloud": cloud, "last": last, "start": last[:255]}
                following = connection.execute(FOLLOWING, values).scalar()
                if following is None:
                    break
                found.append(last := following)
            return tuple(found)

        return await self._database.read(work)

    async def used_of(self, cloud: str, chains: Sequence[str]) -> frozenset[str]:
        """Those of the chains that something is derived by."""
        wanted = (
            select(derived.c.transformation)
            .distinct()
            .join_from(derived, assets, derived.c.asset_id == assets.c.asset_id)
            .where(
                assets.c.cloud == cloud,
                beginning.in_([each[:255] for each in chains]),
                derived.c.transformation.in_(list(chains)),
            )
        )
        rows = await self._database.read(lambda connection: connection.execute(wanted).scalars().all())
        return frozenset(rows)

    async def derived_by(
        self,
        cloud: str,
        chain: str,
        extension: str | None,
        *,
        limit: int,
        after: str | None = None,
    ) -> tuple[tuple[Identity, Derived], ...]:
        """Derived assets of a chain (in a format), oldest first, those behind the one of that `derived_id`."""
        wanted = (
            select(*IDENTITY, derived)
            .join_from(derived, assets, OWNER)
            .where(assets.c.cloud == cloud, _made_by(chain, extension))
            .order_by(
                derived.c.id + literal_column("0")
            )  # else SQLite would walk the whole table in this order
            .limit(limit)
        )
        if after is not None:
            last = select(derived.c.id).where(derived.c.derived_id == after).scalar_subquery()
            wanted = wanted.where(derived.c.id > last)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple((Identity(*row[:4]), derived_of(row)) for row in rows)

    async def is_derived(self, asset_id: str, chain: str, extension: str | None) -> bool:
        """Whether a chain was made of an asset (in a format)."""
        wanted = (
            select(derived.c.id).where(derived.c.asset_id == asset_id, _made_by(chain, extension)).limit(1)
        )
        row = await self._database.read(lambda connection: connection.execute(wanted).one_or_none())
        return row is not None

    async def drop_derived(
        self,
        cloud: str,
        chain: str,
        extension: str | None,
        *,
        now: float,
        tell: Tell,
    ) -> int:
        """Forget what a chain was made of (in a format), queueing the objects for removal; how many."""
        of_cloud = select(assets.c.asset_id).where(assets.c.cloud == cloud)
        gone = delete(derived).where(_made_by(chain, extension), derived.c.asset_id.in_(of_cloud))
        gone_rows = gone.returning(derived.c.store_key, derived.c.asset_id)

        def work(connection: Connection) -> int:
            rows = connection.execute(gone_rows).all()
            enqueue(connection, garbage([row.store_key for row in rows], self._linger_seconds), now)
            enqueue(connection, tell(_identities(connection, {row.asset_id for row in rows})), now)
            return len(rows)

        return await self._database.write(work)

    def _changed(self, connection: Connection, cloud: str, tell: Sequence[Message], now: float) -> None:
        added(connection, Tally(cloud, RULES))
        enqueue(connection, tell, now)


def _identities(connection: Connection, asset_ids: set[str]) -> list[Identity]:
    found: list[Identity] = []
    wanted = sorted(asset_ids)
    for start in range(0, len(wanted), 500):
        some = select(*IDENTITY).where(assets.c.asset_id.in_(wanted[start : start + 500]))
        found += [Identity(*row) for row in connection.execute(some)]
    return found


def _made_by(chain: str, extension: str | None) -> ColumnElement[bool]:
    same = (beginning == chain[:255]) & (derived.c.transformation == chain)
    return same if extension is None else same & (derived.c.format == extension)


def _locked(connection: Connection, cloud: str, name: str, *, is_named: bool) -> Transformation | None:
    wanted = select(transformations).where(_is(cloud, name, is_named=is_named)).with_for_update()
    row = connection.execute(wanted).one_or_none()
    return _transformation_of(row) if row is not None else None


def _is(cloud: str, name: str, *, is_named: bool) -> ColumnElement[bool]:
    same = (transformations.c.cloud == cloud) & (transformations.c.name == name)
    return same & (transformations.c.is_named == int(is_named))


def _columns_of(new: Transformation, now: float) -> dict[str, Any]:
    flags = {"is_named": int(new.is_named), "allowed": int(new.allowed)}
    return {**asdict(new), **flags, "created_at": now}


def _transformation_of(row: Row[Any]) -> Transformation:
    columns = dict(row._mapping)
    return Transformation(
        **{**columns, "is_named": bool(columns["is_named"]), "allowed": bool(columns["allowed"])}
    )
