"""Folders by an expression: few enough to be looked through."""

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, case, func, select, type_coerce

from origin.catalogue.database import Database
from origin.catalogue.folders import Folder
from origin.catalogue.schema import folders
from origin.catalogue.search.conditions import Columns
from origin.catalogue.search.order import Key, Order
from origin.search.tree import EVERYTHING, Tree

_PATH = folders.c.path
_INNER = func.substr(_PATH, func.length(folders.c.parent) + 2)
_NAME: ColumnElement[str] = type_coerce(case((folders.c.parent == "", _PATH), else_=_INNER), _PATH.type)
COLUMNS = {"name": _NAME, "path": _PATH, "created_at": folders.c.created_at}
SORTABLE = frozenset(COLUMNS)


def order_of_folders(keys: list[tuple[str, bool]]) -> Order:
    """Names of `SORTABLE` fields, each with whether it descends; none is the newest first."""
    return Order.by(
        [Key(COLUMNS[name], descends) for name, descends in keys or [("created_at", True)]], folders.c.id
    )


@frozen(kw_only=True)
class WantedFolders:
    """What a caller wants found."""

    cloud: str
    tree: Tree = EVERYTHING
    order: Order
    limit: int = 50
    cursor: str | None = None


@frozen
class FoundFolders:
    """One page, and how many there are on all."""

    folders: tuple[Folder, ...]
    total: int
    next_cursor: str | None = None


class FolderSearches:
    """The folders of every cloud."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, wanted: WantedFolders, *, now: float) -> FoundFolders:
        """What is found now."""
        return await self._database.read(lambda connection: _find(connection, wanted, now))


def _find(connection: Connection, wanted: WantedFolders, now: float) -> FoundFolders:
    meant = Columns(COLUMNS, ("path",), now).of(wanted.tree)
    matching = (folders.c.cloud == wanted.cloud) & meant
    total = connection.execute(select(func.count()).select_from(folders).where(matching)).scalar_one()
    order = wanted.order
    page = select(_PATH, folders.c.external_id, folders.c.created_at, *order.columns).where(matching)
    if wanted.cursor:
        page = page.where(order.after(wanted.cursor))
    rows = (
        connection.execute(page.order_by(*order.expressions()).limit(wanted.limit + 1)).all()
        if wanted.limit
        else []
    )
    shown = rows[: wanted.limit]
    cursor = order.cursor(shown[-1][3:]) if len(rows) > len(shown) else None
    return FoundFolders(tuple(Folder(row[0], row[1], float(row[2])) for row in shown), total, cursor)
