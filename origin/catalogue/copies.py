"""Copies of remote files: assets of type `fetch`, of which those least recently delivered may be left out."""

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Row, func, insert, select, update

from origin.catalogue.database import Database
from origin.catalogue.leaving import TellGone, forget
from origin.catalogue.rows import locked_by
from origin.catalogue.schema import assets, copies

AT_ONCE = 500
KINDS = ("image", "raw")  # what a copy can be: the index of identities begins with it
_DELIVERED = func.coalesce(copies.c.delivered_at, assets.c.uploaded_at)


@frozen
class Bound:
    """How many copies one cloud keeps. None: without bound."""

    delivered_since: float | None  # unix seconds
    most_bytes: int | None  # of all originals together


class Copies:
    """The copies of every cloud."""

    def __init__(self, database: Database, *, linger_seconds: float) -> None:
        self._database = database
        self._linger_seconds = linger_seconds

    async def delivered(self, asset_id: str, now: float) -> None:
        """Remember when a copy was last delivered."""
        await self._database.write(lambda connection: _note(connection, asset_id, now))

    async def shrink(self, cloud: str, bound: Bound, *, now: float, tell: TellGone) -> int:
        """Forget copies beyond the bound, least recently delivered first; how many went.

        One transaction forgets 500 at most: whoever asks goes on until none went.
        """

        def work(connection: Connection) -> int:
            ids = list(_beyond(connection, cloud, bound))
            leaving = locked_by(connection, cloud, ids) if ids else ()
            return len(forget(connection, leaving, now=now, linger_seconds=self._linger_seconds, tell=tell))

        return await self._database.write(work)


def _note(connection: Connection, asset_id: str, now: float) -> None:
    known = update(copies).where(copies.c.asset_id == asset_id).values(delivered_at=now)
    is_there = select(assets.c.id).where(assets.c.asset_id == asset_id).with_for_update(read=True)
    if connection.execute(is_there).one_or_none() is None:
        return
    if not connection.execute(known).rowcount:
        connection.execute(insert(copies).values(asset_id=asset_id, delivered_at=now))


def _beyond(connection: Connection, cloud: str, bound: Bound) -> Iterator[str]:
    of_them = (assets.c.cloud == cloud, assets.c.resource_type.in_(KINDS), assets.c.type == "fetch")
    total = connection.execute(
        select(func.coalesce(func.sum(assets.c.bytes), 0)).where(*of_them)
    ).scalar_one()
    oldest = (
        select(assets.c.asset_id, assets.c.bytes, _DELIVERED.label("delivered_at"))
        .outerjoin(copies, copies.c.asset_id == assets.c.asset_id)
        .where(*of_them)
        .order_by(_DELIVERED, assets.c.id)
        .limit(AT_ONCE)
    )
    return _going(connection.execute(oldest), int(total), bound)


def _going(oldest_first: Iterable[Row[Any]], total: int, bound: Bound) -> Iterator[str]:
    for row in oldest_first:
        is_idle = bound.delivered_since is not None and row.delivered_at < bound.delivered_since
        if not is_idle and (bound.most_bytes is None or total <= bound.most_bytes):
            return
        total -= row.bytes
        yield row.asset_id
