"""Rows of assets as values, and back."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict, fields
from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from origin.catalogue.schema import assets, of_cloud
from origin.catalogue.search.index import reindex
from origin.catalogue.terms import bear
from origin.catalogue.values import Asset, AssetDraft, Identity
from origin.transform.plan import SourceFacts

COLUMNS = tuple(each.name for each in assets.c if each.name != "id")

# Built once: putting a statement together costs more than SQLite needs to answer it.
BY_IDENTITY = select(assets).where(
    *(assets.c[each.name] == bindparam(each.name) for each in fields(Identity))
)
BY_IDENTITY_LOCKED = BY_IDENTITY.with_for_update()
BY_ASSET_ID = select(assets).where(
    assets.c.cloud == bindparam("cloud"), assets.c.asset_id == bindparam("asset_id")
)

REWRITTEN = update(assets).where(assets.c.asset_id == bindparam("edited")).returning(assets)


def locked(connection: Connection, identity: Identity) -> Asset | None:
    """The asset as it is and, until this transaction ends, stays."""
    row = connection.execute(BY_IDENTITY_LOCKED, asdict(identity)).one_or_none()
    return asset_of(row) if row is not None else None


def locked_by(connection: Connection, cloud: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
    """Those of some assets that are there; until this transaction ends, they stay as they are.

    Locked in the order of their rows: two transactions that want the same ones wait for each other only once.
    """
    wanted = select(assets).where(of_cloud(cloud), assets.c.asset_id.in_(asset_ids))
    rows = connection.execute(wanted.order_by(assets.c.id).with_for_update())
    return tuple(asset_of(row) for row in rows)


def kinds_of(old: Asset, new: Asset) -> list[str]:
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


def columns_of(draft: AssetDraft) -> dict[str, Any]:
    """What a row says of a draft."""
    columns = {each.name: getattr(draft, each.name) for each in fields(AssetDraft)}
    columns |= asdict(columns.pop("identity"))
    columns["facts"] = None if draft.facts is None else json.dumps(asdict(draft.facts))
    columns["tags"] = json.dumps(draft.tags)
    columns["context"] = json.dumps(dict(draft.context))
    columns["details"] = json.dumps(dict(draft.details))
    columns["metadata"] = json.dumps(dict(draft.metadata))
    return columns


def columns_of_asset(asset: Asset) -> dict[str, Any]:
    """All that its row says of an asset."""
    return {
        **columns_of(asset),
        "asset_id": asset.asset_id,
        "version": asset.version,
        "created_at": asset.created_at,
        "uploaded_at": asset.uploaded_at,
        "last_updated": json.dumps(dict(asset.last_updated)),
    }


def asset_of(row: Row[Any]) -> Asset:
    """A row as a value."""
    return asset_from({name: row._mapping[name] for name in COLUMNS})


def asset_from(columns: dict[str, Any]) -> Asset:
    """The columns of a row as a value; those given are used up."""
    identity = Identity(*(columns.pop(each.name) for each in fields(Identity)))
    for name in ("context", "details", "metadata", "last_updated"):
        columns[name] = json.loads(columns[name])
    columns["tags"] = tuple(json.loads(columns["tags"]))
    for name in ("created_at", "uploaded_at"):
        columns[name] = float(columns[name])  # SQLite's RETURNING shows 5.0 as 5
    if columns["facts"] is not None:
        columns["facts"] = SourceFacts(**json.loads(columns["facts"]))
    return Asset(identity=identity, **columns)


def written(
    connection: Connection,
    statement: ReturningInsert[Any] | ReturningUpdate[Any],
    old: Asset | None,
    values: Mapping[str, Any] | None = None,
) -> Asset:
    """The row as the statement leaves it; it can be found by what it says now, and by nothing else."""
    row = connection.execute(statement, dict(values or {})).one()
    asset = asset_of(row)
    bear(connection, row, asset, old)
    reindex(connection, asset)
    return asset


def rewritten(connection: Connection, old: Asset, edited: Asset, now: float) -> Asset:
    """Within a running transaction: the asset as it was edited, with the times of what changed."""
    when = {**old.last_updated, **dict.fromkeys(kinds_of(old, edited), now), "updated_at": now}
    values = {**columns_of(edited), "last_updated": json.dumps(when), "version": edited.version}
    return written(connection, REWRITTEN, old, {"edited": old.asset_id, **values})


def later_version(asset: Asset, now: float) -> int:
    """The version of what comes after: never the same twice, whatever the clock says."""
    return max(int(now), asset.version + 1)
