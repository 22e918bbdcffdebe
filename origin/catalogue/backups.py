"""Versions of assets that are kept, and how they come back (admin-api §8)."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from attrs import evolve, frozen
from sqlalchemy import Connection, delete, func, select

from origin.catalogue.changes import later_version
from origin.catalogue.database import Database
from origin.catalogue.derived import drop_of
from origin.catalogue.foldering import FolderModes, keep_folder
from origin.catalogue.keeping import (
    Version,
    drop_placeholder,
    keep,
    placeholder_named,
    placeholder_of,
    unshared,
    version_of,
)
from origin.catalogue.outbox import Message, enqueue, garbage
from origin.catalogue.rows import columns_of_asset, locked, locked_by
from origin.catalogue.schema import backups
from origin.catalogue.sights import forget_sights
from origin.catalogue.values import Asset, Identity
from origin.catalogue.writing import add, rewrite

TellRestored = Callable[[Asset], Sequence[Message]]
"""Decides, inside the transaction (on a thread; pure), what the outbox must tell about an asset that came back."""

STAYS = frozenset({"access_control", "access_mode", "created_by", "moderation"})
"""Details that are the asset's, whatever it shows; the others tell of one revision."""


class NotRestored(Enum):
    """Why an asset did not come back."""

    NO_BACKUP = "no_backup"
    FAILED = "failed"  # another asset has its name now


@frozen
class Wanted:
    """An asset to be restored, by its name or by its id; to its last version if none is named."""

    asset: Identity | str
    version_id: str | None = None


class Backups:
    """The versions kept of every cloud's assets."""

    def __init__(
        self, database: Database, *, linger_seconds: float, new_id: Callable[[], str], modes: FolderModes
    ) -> None:
        self._database = database
        self._linger_seconds = linger_seconds
        self._new_id = new_id
        self._modes = modes

    async def of(self, cloud: str, asset_id: str) -> tuple[Version, ...]:
        """Every version of one asset, newest first."""
        wanted = select(backups).where(backups.c.cloud == cloud, backups.c.asset_id == asset_id)
        rows = await self._database.read(
            lambda connection: connection.execute(wanted.order_by(backups.c.id.desc())).all()
        )
        return tuple(version_of(row) for row in rows)

    async def bytes_of(self, cloud: str, asset_ids: Sequence[str]) -> Mapping[str, int]:
        """How much is kept of some assets, by asset id; an object that two versions share counts once."""
        objects = (
            select(backups.c.asset_id, func.max(backups.c.bytes).label("bytes"))
            .where(backups.c.cloud == cloud, backups.c.asset_id.in_(asset_ids))
            .group_by(backups.c.asset_id, backups.c.store_key)
            .subquery()
        )
        wanted = select(objects.c.asset_id, func.sum(objects.c.bytes)).group_by(objects.c.asset_id)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return {asset_id: int(total) for asset_id, total in rows}

    async def get(self, cloud: str, asset_id: str, version_id: str) -> Version | None:
        """One version."""
        wanted = select(backups).where(
            backups.c.cloud == cloud, backups.c.asset_id == asset_id, backups.c.version_id == version_id
        )
        row = await self._database.read(lambda connection: connection.execute(wanted).one_or_none())
        return version_of(row) if row is not None else None

    async def placeholder(self, wanted: Identity | str, cloud: str) -> Asset | None:
        """The asset of that name or id as it was when it was deleted, if it can come back."""
        return await self._database.read(lambda connection: _placeholder(connection, wanted, cloud))

    async def restore(
        self, cloud: str, wanted: Wanted, *, now: float, tell: TellRestored
    ) -> Asset | NotRestored:
        """Show a kept version (again), as a new version of the same asset.

        An asset that is there keeps what is said of it; a deleted one has what was said of it last.
        """
        fresh = self._new_id()
        return await self._database.write(
            lambda connection: self._restore(connection, cloud, wanted, fresh, now, tell)
        )

    def _restore(
        self,
        connection: Connection,
        cloud: str,
        wanted: Wanted,
        revision: str,
        now: float,
        tell: TellRestored,
    ) -> Asset | NotRestored:
        asset = _live(connection, cloud, wanted.asset)
        gone = _placeholder(connection, wanted.asset, cloud) if asset is None else None
        last = asset or gone
        version = _chosen(connection, last, wanted.version_id) if last is not None else None
        if last is None or version is None:
            return NotRestored.NO_BACKUP
        if asset is not None and asset.revision == version.version_id:
            return asset  # that is what it shows
        if asset is None and _is_taken(connection, last.identity):
            return NotRestored.FAILED
        back = _as_again(last, version.asset, revision, now)
        folder = self._modes.created_by(back)
        keep_folder(connection, cloud, folder, now=now, new_id=self._new_id)
        shown = _return(connection, back) if asset is None else self._replace(connection, asset, back, now)
        keep(connection, shown, now)
        enqueue(connection, tell(shown), now)
        return shown

    def _replace(self, connection: Connection, old: Asset, back: Asset, now: float) -> Asset:
        dropped = [each.store_key for each in drop_of(connection, old.asset_id)]
        forget_sights(connection, old.asset_id)
        (shown,) = rewrite(connection, [(old, back)])
        unneeded = [*unshared(connection, [old.store_key]), *dropped]
        enqueue(connection, garbage(unneeded, self._linger_seconds), now)
        return shown

    async def remove(
        self, cloud: str, asset_id: str, version_ids: Sequence[str], *, now: float
    ) -> frozenset[str]:
        """Keep those versions no more; returns the ids of those that were kept."""
        return await self._database.write(
            lambda connection: self._remove(connection, cloud, asset_id, version_ids, now)
        )

    def _remove(
        self, connection: Connection, cloud: str, asset_id: str, version_ids: Sequence[str], now: float
    ) -> frozenset[str]:
        of_asset = (backups.c.cloud == cloud) & (backups.c.asset_id == asset_id)
        gone = delete(backups).where(of_asset, backups.c.version_id.in_(version_ids))
        rows = connection.execute(gone.returning(backups.c.version_id, backups.c.store_key)).all()
        unneeded = unshared(connection, [row.store_key for row in rows])
        enqueue(connection, garbage(unneeded, self._linger_seconds), now)
        if rows and connection.execute(select(backups.c.id).where(of_asset).limit(1)).one_or_none() is None:
            drop_placeholder(connection, asset_id)
        return frozenset(row.version_id for row in rows)


def _live(connection: Connection, cloud: str, wanted: Identity | str) -> Asset | None:
    if isinstance(wanted, Identity):
        return locked(connection, wanted)
    found = locked_by(connection, cloud, [wanted])
    return found[0] if found else None


def _placeholder(connection: Connection, wanted: Identity | str, cloud: str) -> Asset | None:
    if isinstance(wanted, Identity):
        return placeholder_named(connection, wanted)
    return placeholder_of(connection, cloud, wanted)


def _chosen(connection: Connection, asset: Asset, version_id: str | None) -> Version | None:
    wanted = select(backups).where(
        backups.c.cloud == asset.identity.cloud, backups.c.asset_id == asset.asset_id
    )
    if version_id is not None:
        wanted = wanted.where(backups.c.version_id == version_id)
    # FOR SHARE: whoever removes the version meanwhile waits for us and then sees that its object is shown.
    wanted = wanted.order_by(backups.c.id.desc()).limit(1).with_for_update(read=True)
    row = connection.execute(wanted).one_or_none()
    return version_of(row) if row is not None else None


def _is_taken(connection: Connection, identity: Identity) -> bool:
    return locked(connection, identity) is not None


def _as_again(last: Asset, version: Asset, revision: str, now: float) -> Asset:
    """What an asset is with the bytes of an earlier version."""
    details = {name: value for name, value in version.details.items() if name not in STAYS}
    details |= {name: value for name, value in last.details.items() if name in STAYS}
    return evolve(
        last,
        revision=revision,
        store_key=version.store_key,
        bytes=version.bytes,
        etag=version.etag,
        format=version.format,
        width=version.width,
        height=version.height,
        facts=version.facts,
        original_filename=version.original_filename,
        details=details,
        version=later_version(last, now),
        uploaded_at=now,
        last_updated={**last.last_updated, "updated_at": now},
    )


def _return(connection: Connection, back: Asset) -> Asset:
    drop_placeholder(connection, back.asset_id)
    return add(connection, columns_of_asset(back))
