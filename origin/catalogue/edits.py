"""Changes that concern more assets than one: a new name, tags and context of many. One transaction each."""

from collections.abc import Callable, Sequence

from attrs import evolve, frozen
from sqlalchemy import Connection, select

from origin.catalogue.assets import tell_nothing
from origin.catalogue.changes import Edit, renamed
from origin.catalogue.database import Database
from origin.catalogue.foldering import FolderModes, keep_folder
from origin.catalogue.leaving import forget
from origin.catalogue.outbox import Message, enqueue
from origin.catalogue.rows import asset_of, locked, locked_named
from origin.catalogue.schema import asset_terms, assets, of_cloud
from origin.catalogue.terms import Term
from origin.catalogue.values import Asset, Identity, is_storable
from origin.catalogue.writing import differing, edit_all
from wire.components import printable
from wire.errors import InvalidRequest

RESOURCE_TYPES = ("image", "raw", "video")
BULK_SECONDS = 60.0
"""How long a change of many assets may take: one of a thousand takes a few seconds, on a busy machine many."""


@frozen
class Renamed:
    """An asset under its new name, as it was before, and the one that had the name until then."""

    asset: Asset
    old: Asset
    replaced: Asset | None = None


TellRenamed = Callable[[Renamed], Sequence[Message]]
"""Decides, inside the transaction (pure), what the outbox must tell about a new name."""

TellEdited = Callable[[Sequence[tuple[Asset, Asset]]], Sequence[Message]]
"""The same for assets that were edited: each as it was, as it is. Not called when none was."""


class Edits:
    """Renames, and edits of several assets."""

    def __init__(
        self, database: Database, *, linger_seconds: float, new_id: Callable[[], str], modes: FolderModes
    ) -> None:
        self._database = database
        self._linger_seconds = linger_seconds
        self._new_id = new_id
        self._modes = modes

    async def rename(
        self,
        source: Identity,
        target: Identity,
        *,
        now: float,
        overwrite: bool = False,
        tell: TellRenamed = lambda _: (),
    ) -> Renamed | None:
        """Give an asset another name; None if there is no such asset.

        Its object, revision and derived assets stay its own, its version rises. An asset that has the name
        goes with all that is its own, if `overwrite`; else `InvalidRequest`.
        """
        return await self._database.write(
            lambda connection: self._rename(connection, source, target, now, overwrite, tell)
        )

    def _rename(
        self,
        connection: Connection,
        source: Identity,
        target: Identity,
        now: float,
        overwrite: bool,
        tell: TellRenamed,
    ) -> Renamed | None:
        # In one order, whoever renames what: two that swap names wait for each other once.
        found = {each: locked(connection, each) for each in sorted({source, target})}
        old, replaced = found[source], found[target]
        if old is None:
            return None
        if replaced is not None and not overwrite:
            raise InvalidRequest(f"to_public_id {printable(target.public_id)} already exists")
        if source == target:
            return Renamed(old, old)
        if replaced is not None:
            forget(connection, (replaced,), now=now, linger_seconds=self._linger_seconds, tell=tell_nothing)
        edited = renamed(old, target, now)
        folder = self._modes.created_by(edited)
        keep_folder(connection, target.cloud, folder, now=now, new_id=self._new_id)
        (new,) = edit_all(connection, [(old, edited)], now)
        outcome = Renamed(new, old, replaced)
        enqueue(connection, tell(outcome), now)
        return outcome

    async def several(
        self,
        identities: Sequence[Identity],
        edit: Edit,
        *,
        now: float,
        tell: TellEdited = lambda _: (),
        exclusive: Sequence[str] = (),
    ) -> tuple[Asset, ...]:
        """Edit assets of one cloud, resource type and delivery type; those there are, as they are afterwards.

        All or none: what `edit` raises leaves every one of them as it was. No other asset of the cloud bears
        an `exclusive` tag afterwards, if any of them is there.
        """
        return await self._database.write(
            lambda connection: _several(connection, identities, edit, now, tell, exclusive),
            deadline_seconds=BULK_SECONDS,
        )


def _several(
    connection: Connection,
    identities: Sequence[Identity],
    edit: Edit,
    now: float,
    tell: TellEdited,
    exclusive: Sequence[str],
) -> tuple[Asset, ...]:
    found = locked_named(connection, identities)
    others = _bearers(connection, found, exclusive) if found else []
    changes = [*differing(found, edit), *differing(others, _without(exclusive))]
    olds = [old for old, _ in changes]
    edited = list(zip(olds, edit_all(connection, changes, now), strict=True))
    if edited:
        enqueue(connection, tell(edited), now)
    afterwards = {old.identity: old for old in (*found, *others)} | {old.identity: new for old, new in edited}
    return tuple(afterwards[each] for each in dict.fromkeys(identities) if each in afterwards)


def _bearers(connection: Connection, found: Sequence[Asset], tags: Sequence[str]) -> list[Asset]:
    """The cloud's other assets that bear one of these tags."""
    terms = [Term.tag(tag).text for tag in tags if is_storable(tag)]
    if not terms:
        return []
    cloud = found[0].identity.cloud
    borne = select(asset_terms.c.asset_id).where(
        asset_terms.c.cloud == cloud,
        asset_terms.c.resource_type.in_(RESOURCE_TYPES),
        asset_terms.c.kind == "tag",
        asset_terms.c.term.in_(terms),
    )
    wanted = select(assets).where(
        of_cloud(cloud),
        assets.c.asset_id.in_(borne),
        assets.c.asset_id.not_in([each.asset_id for each in found]),
    )
    rows = connection.execute(wanted.order_by(assets.c.id).with_for_update()).all()
    return [asset_of(row) for row in rows]


def _without(tags: Sequence[str]) -> Edit:
    return lambda asset: evolve(asset, tags=tuple(tag for tag in asset.tags if tag not in tags))
