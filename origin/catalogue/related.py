"""Assets that belong together: each of two knows the other (admin-api §9)."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, or_, select

from origin.catalogue.database import Database
from origin.catalogue.rows import asset_of, locked_by
from origin.catalogue.schema import assets, relations
from origin.catalogue.values import Asset


class Relations:
    """Which assets of a cloud are related."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, asset_id: str, *, limit: int, after: tuple[float, str] | None = None
    ) -> tuple[tuple[float, Asset], ...]:
        """The assets related to one, in the order in which they came to be so, and when that was."""
        return await self._database.read(lambda connection: _of(connection, asset_id, limit, after))

    async def add(self, asset: Asset, others: Sequence[str], *, now: float) -> frozenset[str]:
        """Relate an asset to those of some asset ids, in its own cloud; returns those to which it was not yet.

        None of them for which one of the two is gone.
        """
        return await self._database.write(lambda connection: _add(connection, asset, others, now))

    async def remove(self, asset: Asset, others: Sequence[str]) -> frozenset[str]:
        """Relate them no more; returns those to which it was related."""
        return await self._database.write(lambda connection: _remove(connection, asset.asset_id, others))


def forget_relations(connection: Connection, *asset_ids: str) -> None:
    """Within a running transaction: those assets are related to nothing."""
    either = or_(relations.c.asset_id.in_(asset_ids), relations.c.related_id.in_(asset_ids))
    connection.execute(delete(relations).where(either))


def _of(
    connection: Connection, asset_id: str, limit: int, after: tuple[float, str] | None
) -> tuple[tuple[float, Asset], ...]:
    since = relations.c.created_at.label("related_at")
    joined = assets.c.asset_id == relations.c.related_id
    wanted = select(assets, since).where(relations.c.asset_id == asset_id, joined)
    if after is not None:
        when, last = after
        is_later = relations.c.created_at > when
        wanted = wanted.where(is_later | ((relations.c.created_at == when) & (relations.c.related_id > last)))
    rows = connection.execute(wanted.order_by(relations.c.created_at, relations.c.related_id).limit(limit))
    return tuple((float(row.related_at), asset_of(row)) for row in rows)


def _add(connection: Connection, asset: Asset, others: Sequence[str], now: float) -> frozenset[str]:
    there = {each.asset_id for each in locked_by(connection, asset.identity.cloud, [asset.asset_id, *others])}
    if asset.asset_id not in there:
        return frozenset()
    known = _known(connection, asset.asset_id, others)
    fresh = [each for each in dict.fromkeys(others) if each in there - known - {asset.asset_id}]
    pairs = [pair for each in fresh for pair in ((asset.asset_id, each), (each, asset.asset_id))]
    rows = [{"asset_id": one, "related_id": other, "created_at": now} for one, other in pairs]
    if rows:
        connection.execute(insert(relations), rows)
    return frozenset(fresh)


def _remove(connection: Connection, asset_id: str, others: Sequence[str]) -> frozenset[str]:
    known = _known(connection, asset_id, others)
    there = (relations.c.asset_id == asset_id) & relations.c.related_id.in_(known)
    back = (relations.c.related_id == asset_id) & relations.c.asset_id.in_(known)
    connection.execute(delete(relations).where(there | back))
    return known


def _known(connection: Connection, asset_id: str, others: Sequence[str]) -> frozenset[str]:
    wanted = select(relations.c.related_id).where(
        relations.c.asset_id == asset_id, relations.c.related_id.in_(others)
    )
    return frozenset(connection.execute(wanted).scalars())
