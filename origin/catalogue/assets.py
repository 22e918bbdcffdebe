"""Assets: one row each, changed in one transaction with everything that follows from the change."""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from attrs import asdict, fields, frozen
from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from origin.catalogue.database import Database
from origin.catalogue.derived import drop_of
from origin.catalogue.display_names import set_apart
from origin.catalogue.foldering import FolderModes, keep_folder
from origin.catalogue.listing import Page, Place, Query
from origin.catalogue.outbox import Message, enqueue, garbage
from origin.catalogue.schema import asset_tags, assets
from origin.catalogue.search.index import reindex
from origin.catalogue.sights import forget_sights
from origin.catalogue.values import Asset, AssetDraft, Identity, is_storable
from origin.transform.plan import SourceFacts

# Built once: putting a statement together costs more than SQLite needs to answer it.
BY_IDENTITY = select(assets).where(
    *(assets.c[each.name] == bindparam(each.name) for each in fields(Identity))
)
BY_IDENTITY_LOCKED = BY_IDENTITY.with_for_update()
BY_ASSET_ID = select(assets).where(
    assets.c.cloud == bindparam("cloud"), assets.c.asset_id == bindparam("asset_id")
)
AT_ONCE = 500


class Outcome(Enum):
    """What a put found."""

    CREATED = "created"
    OVERWRITTEN = "overwritten"
    EXISTING = "existing"  # overwrite was False: nothing changed
    REPEATED = "repeated"  # this very revision was already there: nothing changed


@frozen
class Stored:
    """The row after a put, and the one it replaced."""

    asset: Asset
    outcome: Outcome
    replaced: Asset | None = None


Tell = Callable[[Stored], Sequence[Message]]
"""Decides, inside the transaction (on a thread; pure), what the outbox must tell about a change."""

Edit = Callable[[Asset], Asset | None]
"""What becomes of an asset: another version of it, or None to leave it alone. Pure; may run more than once."""

TellChanged = Callable[[Asset, Asset], Sequence[Message]]
"""The same for an asset that was edited: as it was, as it is."""

TellDeleted = Callable[[Asset], Sequence[Message]]
"""The same for an asset that went."""

Retain = Callable[[AssetDraft, Asset], AssetDraft]
"""A new revision with what it retains of the asset that it overwrites. Pure."""


def tell_nothing(_: object) -> Sequence[Message]:
    """No messages."""
    return ()


def retain_nothing(draft: AssetDraft, _: Asset) -> AssetDraft:
    """Only what the draft says."""
    return draft


class Assets:
    """The assets of every cloud."""

    def __init__(
        self, database: Database, *, linger_seconds: float, new_id: Callable[[], str], modes: FolderModes
    ) -> None:
        self._database = database
        self._linger_seconds = linger_seconds
        self._new_id = new_id
        self._modes = modes

    async def get(self, identity: Identity) -> Asset | None:
        """The asset of that identity."""
        return await self._one(BY_IDENTITY, asdict(identity))

    async def by_asset_id(self, cloud: str, asset_id: str) -> Asset | None:
        """The asset of that immutable id."""
        return await self._one(BY_ASSET_ID, {"cloud": cloud, "asset_id": asset_id})

    async def _one(self, wanted: Select[Any], values: dict[str, str]) -> Asset | None:
        row = await self._database.read(lambda connection: connection.execute(wanted, values).one_or_none())
        return asset_of(row) if row is not None else None

    async def list(self, query: Query) -> Page:
        """One page of a listing. All pages together show every asset that stayed, exactly once."""
        statement = query.statement()
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        shown = rows[: query.limit]
        has_more = len(rows) > len(shown)
        cursor = Place(shown[-1].created_at, shown[-1].id).to_cursor() if has_more else None
        return Page(tuple(asset_of(row) for row in shown), cursor)

    async def put(
        self,
        draft: AssetDraft,
        *,
        now: float,
        overwrite: bool = True,
        tell: Tell = tell_nothing,
        retain: Retain = retain_nothing,
        suffix: str = "",
    ) -> Stored:
        """Make the draft the asset's revision of now, or, without `overwrite`, leave an existing asset alone.

        One transaction: the row (same `asset_id` and `created_at`, version at least one higher), the old
        revision's derived rows dropped, their objects and the old original's queued for removal, and what
        `tell` says of a CREATED or OVERWRITTEN asset queued in the outbox. When the draft loses (EXISTING)
        its own object is queued for removal. So the caller never removes an object itself, not even
        after an error: the change may have been made before the answer was lost. Orphans are swept.

        The asset's folder exists then. With a `suffix`, so does no second asset in it of that display name:
        the suffix tells them apart.
        """
        return await self._database.write(
            lambda connection: self._put(connection, draft, now, overwrite, tell, retain, suffix)
        )

    def _put(
        self,
        connection: Connection,
        draft: AssetDraft,
        now: float,
        overwrite: bool,
        tell: Tell,
        retain: Retain,
        suffix: str,
    ) -> Stored:
        old = locked(connection, draft.identity)
        if old is not None:
            draft = retain(draft, old)
        asset_id = old.asset_id if old is not None else self._new_id()
        if suffix:
            draft = set_apart(connection, draft, asset_id, suffix)
        if old is None:
            self._keep_folder(connection, draft, now)
            stored = Stored(_insert(connection, draft, asset_id, now), Outcome.CREATED)
        elif old.revision == draft.revision:
            return Stored(old, Outcome.REPEATED)
        elif not overwrite:
            enqueue(connection, garbage([draft.store_key], self._linger_seconds), now)
            return Stored(old, Outcome.EXISTING)
        else:
            unneeded = [old.store_key, *drop_of(connection, old.asset_id)]
            forget_sights(connection, old.asset_id)
            enqueue(connection, garbage(unneeded, self._linger_seconds), now)
            self._keep_folder(connection, draft, now)
            stored = Stored(_overwrite(connection, draft, old, now), Outcome.OVERWRITTEN, old)
        enqueue(connection, tell(stored), now)
        return stored

    def _keep_folder(self, connection: Connection, draft: AssetDraft, now: float) -> None:
        folder = self._modes.created_by(draft)
        keep_folder(connection, draft.identity.cloud, folder, now=now, new_id=self._new_id)

    async def change(
        self,
        identity: Identity,
        edit: Edit,
        *,
        now: float,
        tell: TellChanged = lambda _, __: (),
        suffix: str = "",
    ) -> Asset | None:
        """Edit what is said of an asset (tags, context, metadata, details, folder, name), in one transaction.

        Returns the asset as it stands afterwards, None if there is none. Its bytes and its identity stay; it
        can be found by what it says now; `last_updated` names what changed. Folder and `suffix`: as for a put.
        """
        return await self._database.write(
            lambda connection: self._change(connection, identity, edit, now, tell, suffix)
        )

    def _change(
        self,
        connection: Connection,
        identity: Identity,
        edit: Edit,
        now: float,
        tell: TellChanged,
        suffix: str,
    ) -> Asset | None:
        old = locked(connection, identity)
        edited = edit(old) if old is not None else None
        if old is None or edited is None:
            return old
        if suffix:
            edited = set_apart(connection, edited, old.asset_id, suffix)
        if edited == old:
            return old
        self._keep_folder(connection, edited, now)
        new = rewritten(connection, old, edited, now)
        enqueue(connection, tell(old, new), now)
        return new

    async def annotate(self, asset: Asset, details: Mapping[str, Any]) -> None:
        """Replace the details of an asset while it shows this revision; without effect once it does not."""
        same = (assets.c.asset_id == asset.asset_id) & (assets.c.revision == asset.revision)
        changed = update(assets).where(same).values(details=json.dumps(dict(details))).returning(assets)
        await self._database.write(lambda connection: _annotate(connection, changed))

    async def learn(self, asset: Asset, found: Mapping[str, Any]) -> None:
        """Add to what analyses told of an asset while it shows this revision. Nobody edits it: no time moves."""
        await self._database.write(lambda connection: _learn(connection, asset, found))

    async def delete(
        self, identity: Identity, *, now: float, tell: TellDeleted = tell_nothing
    ) -> Asset | None:
        """Forget an asset with its derived rows, queueing their objects for removal; returns what it was."""
        return await self._database.write(lambda connection: self._delete(connection, identity, now, tell))

    def _delete(
        self,
        connection: Connection,
        identity: Identity,
        now: float,
        tell: Callable[[Asset], Sequence[Message]],
    ) -> Asset | None:
        old = locked(connection, identity)
        if old is None:
            return None
        forget(connection, old, now=now, linger_seconds=self._linger_seconds)
        enqueue(connection, tell(old), now)
        return old


def forget(connection: Connection, asset: Asset, *, now: float, linger_seconds: float) -> None:
    """Within a running transaction: there is no such asset, and its objects are queued for removal."""
    unneeded = [asset.store_key, *drop_of(connection, asset.asset_id)]
    _forget_tags(connection, asset.asset_id)
    forget_sights(connection, asset.asset_id)
    connection.execute(delete(assets).where(assets.c.asset_id == asset.asset_id))
    enqueue(connection, garbage(unneeded, linger_seconds), now)


def _annotate(connection: Connection, changed: ReturningUpdate[Any]) -> None:
    row = connection.execute(changed).one_or_none()
    if row is not None:
        reindex(connection, asset_of(row))


def locked(connection: Connection, identity: Identity) -> Asset | None:
    """The asset as it is and, until this transaction ends, stays."""
    row = connection.execute(BY_IDENTITY_LOCKED, asdict(identity)).one_or_none()
    return asset_of(row) if row is not None else None


def _bear(connection: Connection, asset: Asset) -> Asset:
    """The asset can be found by its tags and by what else it says, and by nothing else."""
    _forget_tags(connection, asset.asset_id)
    borne = [
        {"asset_id": asset.asset_id, "tag": tag} for tag in dict.fromkeys(asset.tags) if is_storable(tag)
    ]
    if borne:
        connection.execute(insert(asset_tags), borne)
    reindex(connection, asset)
    return asset


def _forget_tags(connection: Connection, asset_id: str) -> None:
    connection.execute(delete(asset_tags).where(asset_tags.c.asset_id == asset_id))


def _insert(connection: Connection, draft: AssetDraft, asset_id: str, now: float) -> Asset:
    times = {"version": int(now), "created_at": now, "uploaded_at": now, "last_updated": "{}"}
    values = {"asset_id": asset_id, **times, **_columns_of(draft)}
    return _bear(
        connection, asset_of(connection.execute(insert(assets).values(values).returning(assets)).one())
    )


def _overwrite(connection: Connection, draft: AssetDraft, old: Asset, now: float) -> Asset:
    version = max(int(now), old.version + 1)
    changed = update(assets).where(assets.c.asset_id == old.asset_id)
    when = json.dumps({**old.last_updated, "updated_at": now})
    changed = changed.values(version=version, uploaded_at=now, last_updated=when, **_columns_of(draft))
    return _bear(connection, asset_of(connection.execute(changed.returning(assets)).one()))


def rewritten(connection: Connection, old: Asset, edited: Asset, now: float) -> Asset:
    """Within a running transaction: the asset is as edited, its identity and version included."""
    when = {**old.last_updated, **dict.fromkeys(_kinds_of(old, edited), now), "updated_at": now}
    values = _columns_of(edited) | {"last_updated": json.dumps(when), "version": edited.version}
    changed = update(assets).where(assets.c.asset_id == old.asset_id).values(values)
    return _bear(connection, asset_of(connection.execute(changed.returning(assets)).one()))


def change_all(connection: Connection, wanted: ColumnElement[bool], edit: Edit, now: float) -> None:
    """Within a running transaction: edit every asset that is wanted, a few at a time."""
    last = 0
    while True:
        some = select(assets).where(wanted, assets.c.id > last).order_by(assets.c.id).limit(AT_ONCE)
        rows = connection.execute(some.with_for_update()).all()
        if not rows:
            return
        for asset in map(asset_of, rows):
            edited = edit(asset)
            if edited is not None and edited != asset:
                rewritten(connection, asset, edited, now)
        last = rows[-1].id


def _learn(connection: Connection, asset: Asset, found: Mapping[str, Any]) -> None:
    now = locked(connection, asset.identity)
    if now is None or (now.asset_id, now.revision) != (asset.asset_id, asset.revision):
        return
    details = {**now.details, "analysis": {**now.details.get("analysis", {}), **found}}
    changed = update(assets).where(assets.c.asset_id == asset.asset_id)
    connection.execute(changed.values(details=json.dumps(details)))


def _kinds_of(old: Asset, new: Asset) -> list[str]:
    """Which times of `last_updated` an edit moves (admin-api §5)."""
    moved = [
        f"{name}_updated_at"
        for name in ("tags", "context", "metadata")
        if getattr(old, name) != getattr(new, name)
    ]
    if old.details.get("access_control") != new.details.get("access_control"):
        moved.append("access_control_updated_at")
    if old.identity.public_id != new.identity.public_id:
        moved.append("public_id_updated_at")
    return moved


def _columns_of(draft: AssetDraft) -> dict[str, Any]:
    columns = {each.name: getattr(draft, each.name) for each in fields(AssetDraft)}
    columns |= asdict(columns.pop("identity"))
    columns["facts"] = None if draft.facts is None else json.dumps(asdict(draft.facts))
    columns["tags"] = json.dumps(draft.tags)
    columns["context"] = json.dumps(dict(draft.context))
    columns["details"] = json.dumps(dict(draft.details))
    columns["metadata"] = json.dumps(dict(draft.metadata))
    return columns


def asset_of(row: Row[Any]) -> Asset:
    columns = dict(row._mapping)
    del columns["id"]
    identity = Identity(*(columns.pop(each.name) for each in fields(Identity)))
    for name in ("context", "details", "metadata", "last_updated"):
        columns[name] = json.loads(columns[name])
    columns["tags"] = tuple(json.loads(columns["tags"]))
    for name in ("created_at", "uploaded_at"):
        columns[name] = float(columns[name])  # SQLite's RETURNING shows 5.0 as 5
    if columns["facts"] is not None:
        columns["facts"] = SourceFacts(**json.loads(columns["facts"]))
    return Asset(identity=identity, **columns)
