"""Assets: one row each, changed in one transaction with everything that follows from the change."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from attrs import asdict, evolve, fields, frozen
from sqlalchemy import Connection, Row, Select

from origin.catalogue.changes import Edit, TellChanged, later_version
from origin.catalogue.database import Database
from origin.catalogue.derived import drop_of
from origin.catalogue.display_names import set_apart
from origin.catalogue.foldering import FolderModes, keep_folder
from origin.catalogue.keeping import drop_placeholder, keep, placeholder_named, unshared
from origin.catalogue.leaving import Gone, TellDeleted, TellGone, forget
from origin.catalogue.listing import FEW, Page, Place, Query
from origin.catalogue.outbox import Message, enqueue, garbage
from origin.catalogue.rows import (
    BY_ASSET_ID,
    BY_IDENTITY,
    asset_of,
    columns_of,
    locked,
    locked_by,
)
from origin.catalogue.sights import forget_sights
from origin.catalogue.terms import tags_of
from origin.catalogue.values import Asset, AssetDraft, Identity
from origin.catalogue.writing import add, edit_all, rewrite


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
        rows = await self._database.read(lambda connection: _listed(connection, query))
        shown = rows[: query.limit]
        has_more = len(rows) > len(shown)
        cursor = Place(shown[-1].created_at, shown[-1].id).to_cursor() if has_more else None
        return Page(tuple(asset_of(row) for row in shown), cursor)

    async def count(self, query: Query) -> int:
        """How many assets all pages of a listing have."""
        statement = query.count()
        return await self._database.read(lambda connection: connection.execute(statement).scalar_one())

    async def tags(
        self, cloud: str, resource_type: str, *, prefix: str = "", after: str | None = None, limit: int
    ) -> tuple[str, ...]:
        """Tags in use that begin so, in byte order, from the one that comes after `after`."""
        return await self._database.read(
            lambda connection: tuple(
                tags_of(connection, cloud, resource_type, prefix=prefix, after=after, limit=limit)
            )
        )

    async def put(
        self,
        draft: AssetDraft,
        *,
        now: float,
        overwrite: bool = True,
        backup: bool = False,
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
        the suffix tells them apart. With `backup` the revision is kept, whatever becomes of the asset (`Backups`).
        """

        def work(connection: Connection) -> Stored:
            stored = self._put(connection, draft, now, overwrite, retain, suffix)
            if stored.outcome in (Outcome.CREATED, Outcome.OVERWRITTEN):
                if backup:
                    keep(connection, stored.asset, now)
                enqueue(connection, tell(stored), now)
            return stored

        return await self._database.write(work)

    def _put(
        self,
        connection: Connection,
        draft: AssetDraft,
        now: float,
        overwrite: bool,
        retain: Retain,
        suffix: str,
    ) -> Stored:
        old = locked(connection, draft.identity)
        # what was deleted, but can come back, comes back under its id
        gone = placeholder_named(connection, draft.identity) if old is None else None
        known = old or gone
        asset_id = known.asset_id if known is not None else self._new_id()
        if old is not None:
            draft = retain(draft, old)
        if suffix:
            draft = set_apart(connection, draft, asset_id, suffix)
        if old is None:
            version = int(now) if gone is None else later_version(gone, now)
            if gone is not None:
                drop_placeholder(connection, asset_id)
            self._keep_folder(connection, draft, now)
            return Stored(_insert(connection, draft, asset_id, version, now), Outcome.CREATED)
        if old.revision == draft.revision:
            return Stored(old, Outcome.REPEATED)
        if not overwrite:
            enqueue(connection, garbage([draft.store_key], self._linger_seconds), now)
            return Stored(old, Outcome.EXISTING)
        dropped = [each.store_key for each in drop_of(connection, asset_id)]
        forget_sights(connection, asset_id)
        self._keep_folder(connection, draft, now)
        stored = Stored(_overwrite(connection, draft, old, now), Outcome.OVERWRITTEN, old)
        unneeded = [*unshared(connection, [old.store_key]), *dropped]
        enqueue(connection, garbage(unneeded, self._linger_seconds), now)
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
        backup: bool = False,
        tell: TellChanged = lambda _, __: (),
        suffix: str = "",
    ) -> Asset | None:
        """Edit what is said of an asset (tags, context, metadata, details, folder, name), in one transaction.

        Returns the asset as it stands afterwards, None if there is none. Its bytes and its identity stay; it
        can be found by what it says now; `last_updated` names what changed. Folder, `suffix` and `backup`: as for
        a put.
        """

        def work(connection: Connection) -> Asset | None:
            asset = self._change(connection, identity, edit, now, tell, suffix)
            if backup and asset is not None:
                keep(connection, asset, now)
            return asset

        return await self._database.write(work)

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
        new = old
        if edited != old:
            self._keep_folder(connection, edited, now)
            (new,) = edit_all(connection, [(old, edited)], now)
        enqueue(connection, tell(old, new), now)
        return new

    async def annotate(self, asset: Asset, details: Mapping[str, Any]) -> None:
        """Replace the details of an asset while it shows this revision; without effect once it does not."""
        await self._database.write(lambda connection: _describe(connection, asset, lambda _: details))

    async def learn(self, asset: Asset, found: Mapping[str, Any]) -> None:
        """Add to what analyses told of an asset while it shows this revision. Nobody edits it: no time moves."""

        def more(details: Mapping[str, Any]) -> Mapping[str, Any]:
            return {**details, "analysis": {**details.get("analysis", {}), **found}}

        await self._database.write(lambda connection: _describe(connection, asset, more))

    async def delete(
        self, identity: Identity, *, now: float, tell: TellDeleted = tell_nothing
    ) -> Asset | None:
        """Forget an asset with its derived rows, queueing their objects for removal; returns what it was."""

        def work(connection: Connection) -> tuple[Gone, ...]:
            old = locked(connection, identity)
            return self._forget(connection, () if old is None else (old,), now, lambda gone: tell(gone[0]))

        gone = await self._database.write(work)
        return gone[0].asset if gone else None

    async def delete_all(
        self, cloud: str, asset_ids: Sequence[str], *, now: float, tell: TellGone = tell_nothing
    ) -> tuple[Gone, ...]:
        """The same for many at once, in one transaction; returns those that were there."""
        return await self._database.write(
            lambda connection: self._forget(connection, locked_by(connection, cloud, asset_ids), now, tell)
        )

    def _forget(
        self, connection: Connection, leaving: Sequence[Asset], now: float, tell: TellGone
    ) -> tuple[Gone, ...]:
        return forget(connection, leaving, now=now, linger_seconds=self._linger_seconds, tell=tell)


def _listed(connection: Connection, query: Query) -> Sequence[Row[Any]]:
    narrow = query.narrow()
    is_wide = narrow is not None and connection.execute(narrow).scalar_one() > FEW
    return connection.execute(query.statement(is_wide=is_wide)).all()


def _describe(
    connection: Connection, asset: Asset, describe: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> None:
    for now in locked_by(connection, asset.identity.cloud, [asset.asset_id]):
        if now.revision == asset.revision:
            rewrite(connection, [(now, evolve(now, details=describe(now.details)))])


def _insert(connection: Connection, draft: AssetDraft, asset_id: str, version: int, now: float) -> Asset:
    times = {"version": version, "created_at": now, "uploaded_at": now, "last_updated": "{}"}
    return add(connection, {"asset_id": asset_id, **times, **columns_of(draft)})


def _overwrite(connection: Connection, draft: AssetDraft, old: Asset, now: float) -> Asset:
    said = {each.name: getattr(draft, each.name) for each in fields(AssetDraft)}
    when = {**old.last_updated, "updated_at": now}
    new = evolve(old, **said, version=later_version(old, now), uploaded_at=now, last_updated=when)
    return rewrite(connection, [(old, new)])[0]
