"""Folders: places of their own, or the paths of public ids; they outlive what was in them (admin-api §12)."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve, frozen
from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, or_, select, update

from origin.catalogue.changes import renamed
from origin.catalogue.cursors import cursor_of, values_in
from origin.catalogue.database import Database
from origin.catalogue.edits import BULK_SECONDS
from origin.catalogue.foldering import MANAGED, FolderModes, keep_folder, parent_of
from origin.catalogue.outbox import Message, enqueue
from origin.catalogue.prefixes import starts_with
from origin.catalogue.rows import asset_of, locked_named
from origin.catalogue.schema import assets, folders
from origin.catalogue.values import Asset, Identity, is_storable
from origin.catalogue.writing import edit_all
from wire.components import printable
from wire.errors import Conflict, InvalidRequest
from wire.public_ids import MAX_CHARACTERS

MOVED = update(folders).where(folders.c.external_id == bindparam("folder"))


@frozen
class Folder:
    """A folder; `path` is without outer slashes."""

    path: str
    external_id: str  # 32 hex digits, for the folder's whole life
    created_at: float  # unix seconds

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


@frozen
class FolderPage:
    """Folders in order of their names, how many there are in all, and where to go on."""

    folders: tuple[Folder, ...]
    total_count: int
    next_cursor: str | None = None


@frozen
class Moved:
    """What a folder's new path changed: assets as they were and as they are, apart from the folder."""

    folder: Folder
    assets: tuple[tuple[Asset, Asset], ...]


class Folders:
    """The folders of every cloud."""

    def __init__(self, database: Database, *, new_id: Callable[[], str], modes: FolderModes) -> None:
        self._database = database
        self._new_id = new_id
        self._modes = modes

    async def get(self, cloud: str, path: str) -> Folder | None:
        """The folder of that path."""
        return await self._database.read(lambda connection: _folder(connection, cloud, path))

    async def within(
        self, cloud: str, parent: str, *, limit: int = 10, cursor: str | None = None
    ) -> FolderPage:
        """One page of the folders in a folder, or in the root (`""`), by name; a bad cursor is an `InvalidRequest`."""
        children = (folders.c.cloud == cloud) & (folders.c.parent == parent)
        page = select(folders).where(children).order_by(folders.c.path).limit(limit + 1)
        if cursor:
            page = page.where(folders.c.path > values_in(cursor, str)[0])
        counted = select(func.count()).select_from(folders).where(children)
        rows, total = await self._database.read(
            lambda connection: (connection.execute(page).all(), connection.execute(counted).scalar_one())
        )
        shown = tuple(map(_folder_of, rows[:limit]))
        return FolderPage(shown, total, cursor_of(shown[-1].path) if len(rows) > limit else None)

    async def create(self, cloud: str, path: str, *, now: float, tell: Sequence[Message] = ()) -> Folder:
        """A new folder, with those around it; `Conflict` if it is there."""

        def work(connection: Connection) -> Folder:
            if path not in keep_folder(connection, cloud, path, now=now, new_id=self._new_id):
                raise Conflict(f"Folder {printable(path)} already exists")
            enqueue(connection, tell, now)
            made = _folder(connection, cloud, path)
            assert made is not None
            return made

        return await self._database.write(work)

    async def rename(
        self,
        cloud: str,
        source: str,
        target: str,
        *,
        now: float,
        tell: Callable[[Moved], Sequence[Message]] = lambda _: (),
    ) -> Moved | None:
        """Give a folder another path, with all that is in it; None if there is no such folder.

        Where folders are paths of public ids, its assets are renamed. `InvalidRequest` if a folder would come to
        be in itself or a name be taken or too long, `Conflict` if the target is there: then nothing has moved.
        """
        return await self._database.write(
            lambda connection: self._rename(connection, cloud, source, target, now, tell),
            deadline_seconds=BULK_SECONDS,
        )

    def _rename(
        self,
        connection: Connection,
        cloud: str,
        source: str,
        target: str,
        now: float,
        tell: Callable[[Moved], Sequence[Message]],
    ) -> Moved | None:
        inner = _locked(connection, cloud, source)
        if not inner or source == target:
            return Moved(inner[0], ()) if inner else None
        if target.startswith(f"{source}/"):
            raise InvalidRequest(f"Folder {printable(source)} cannot be moved into itself")
        if _folder(connection, cloud, target) is not None:
            raise Conflict(f"Folder {printable(target)} already exists")
        keep_folder(connection, cloud, parent_of(target), now=now, new_id=self._new_id)
        paths = {each.external_id: _moved(each.path, source, target) for each in inner}
        rows = [{"folder": id_, "path": path, "parent": parent_of(path)} for id_, path in paths.items()]
        connection.execute(MOVED, rows)
        moved = Moved(
            evolve(inner[0], path=target), self._moved_assets(connection, cloud, source, target, now)
        )
        enqueue(connection, tell(moved), now)
        return moved

    def _moved_assets(
        self, connection: Connection, cloud: str, source: str, target: str, now: float
    ) -> tuple[tuple[Asset, Asset], ...]:
        rows = connection.execute(
            select(assets).where(self._is_in(cloud, source)).order_by(assets.c.id).with_for_update()
        ).all()
        changes = [(old, self._moved_asset(old, source, target, now)) for old in map(asset_of, rows)]
        if cloud in self._modes.fixed:
            _check_free(connection, [new.identity for _, new in changes])
        olds = [old for old, _ in changes]
        return tuple(zip(olds, edit_all(connection, changes, now), strict=True))

    def _moved_asset(self, asset: Asset, source: str, target: str, now: float) -> Asset:
        identity = asset.identity
        if identity.cloud not in self._modes.fixed:
            return evolve(asset, asset_folder=_moved(asset.asset_folder, source, target))
        public_id = _moved(identity.public_id, source, target)
        return renamed(asset, evolve(identity, public_id=public_id), now)

    async def delete(
        self,
        cloud: str,
        path: str,
        *,
        now: float,
        tell: Callable[[Sequence[str]], Sequence[Message]] = lambda _: (),
    ) -> tuple[str, ...]:
        """Remove a folder and the folders in it; returns their paths, none if there is no such folder.

        `InvalidRequest` if an asset is in any of them.
        """

        def work(connection: Connection) -> tuple[str, ...]:
            paths = tuple(each.path for each in _locked(connection, cloud, path))
            if not paths:
                return ()
            if connection.execute(select(assets.c.id).where(self._is_in(cloud, path)).limit(1)).first():
                raise InvalidRequest("Folder is not empty")
            connection.execute(
                delete(folders).where(folders.c.cloud == cloud, _is_at_or_in(path, folders.c.path))
            )
            enqueue(connection, tell(paths), now)
            return paths

        return await self._database.write(work)

    def _is_in(self, cloud: str, path: str) -> ColumnElement[bool]:
        """Whether an asset is in the folder or further in."""
        is_ours = assets.c.cloud == cloud
        if cloud in self._modes.fixed:
            return is_ours & assets.c.type.in_(MANAGED) & starts_with(assets.c.public_id, f"{path}/")
        return is_ours & _is_at_or_in(path, assets.c.asset_folder)


def _is_at_or_in(path: str, column: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(column == path, starts_with(column, f"{path}/"))


def _locked(connection: Connection, cloud: str, path: str) -> list[Folder]:
    """The folder and those in it, outermost first; none comes, goes or is filled while we hold them."""
    wanted = select(folders).where(folders.c.cloud == cloud, _is_at_or_in(path, folders.c.path))
    rows = connection.execute(wanted.order_by(folders.c.path).with_for_update()).all()
    found = [_folder_of(row) for row in rows]
    return found if any(each.path == path for each in found) else []


def _check_free(connection: Connection, identities: Sequence[Identity]) -> None:
    for taken in locked_named(connection, identities):
        raise InvalidRequest(f"public_id {printable(taken.identity.public_id)} already exists")


def _moved(path: str, source: str, target: str) -> str:
    moved = target + path[len(source) :]
    if len(moved) > MAX_CHARACTERS:
        raise InvalidRequest(f"to_folder is too long: {printable(moved)}")
    return moved


def _folder(connection: Connection, cloud: str, path: str) -> Folder | None:
    if not is_storable(path):
        return None
    row = connection.execute(
        select(folders).where(folders.c.cloud == cloud, folders.c.path == path)
    ).one_or_none()
    return _folder_of(row) if row is not None else None


def _folder_of(row: Row[Any]) -> Folder:
    return Folder(row.path, row.external_id, float(row.created_at))
