"""Assets by what is said of them: a page of what an expression means, and how many there are."""

from attrs import field, frozen
from sqlalchemy import Connection, select

from origin.catalogue.database import Database
from origin.catalogue.rows import asset_of
from origin.catalogue.schema import assets
from origin.catalogue.search.conditions import OfAssets
from origin.catalogue.search.order import NEWEST_FIRST, Order
from origin.catalogue.search.sources import reading
from origin.catalogue.search.totals import Aggregate, totals
from origin.catalogue.values import Asset
from origin.search.tree import EVERYTHING, Tree

MOST_FOUND = 500


@frozen(kw_only=True)
class Wanted:
    """What a caller wants found."""

    cloud: str
    tree: Tree = EVERYTHING
    order: Order = NEWEST_FIRST
    limit: int = 50  # up to MOST_FOUND; 0 only counts
    cursor: str | None = None
    aggregates: tuple[Aggregate, ...] = ()


@frozen
class Found:
    """One page, and what is true of all pages together."""

    assets: tuple[Asset, ...]
    total: int
    next_cursor: str | None = None
    aggregations: dict[str, dict[str, int]] = field(factory=dict)


class Searches:
    """The index of every cloud's assets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, wanted: Wanted, *, now: float) -> Found:
        """What is found now. All pages together show every asset that stayed and kept its place, exactly once."""
        return await self._database.read(lambda connection: find(connection, wanted, now))


def find(connection: Connection, wanted: Wanted, now: float) -> Found:
    """The same within a running transaction."""
    way = reading(connection, OfAssets.for_tree(wanted.cloud, now, wanted.tree), wanted.tree)
    total = connection.execute(way.count()).scalar_one()
    aggregations = totals(connection, way, wanted.aggregates)
    if wanted.limit == 0 or total == 0:
        return Found((), total, None, aggregations)
    order = wanted.order
    page = way.matching(*order.columns, in_order=True)
    if wanted.cursor:
        page = page.where(order.after(wanted.cursor))
    rows = connection.execute(page.order_by(*order.expressions()).limit(wanted.limit + 1)).all()
    shown = rows[: wanted.limit]
    cursor = order.cursor(shown[-1]) if len(rows) > len(shown) else None
    return Found(_assets(connection, [row[-1] for row in shown]), total, cursor, aggregations)


def _assets(connection: Connection, numbers: list[int]) -> tuple[Asset, ...]:
    rows = connection.execute(select(assets).where(assets.c.id.in_(numbers))).all()
    by_number = {row.id: asset_of(row) for row in rows}
    return tuple(by_number[number] for number in numbers if number in by_number)
