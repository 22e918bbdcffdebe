"""Rows of assets as values, and back."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from attrs import asdict, fields
from sqlalchemy import Connection, Row, bindparam, select

from origin.catalogue.schema import assets, of_cloud
from origin.catalogue.values import Asset, AssetDraft, Identity
from origin.transform.plan import SourceFacts

T = TypeVar("T")

AT_ONCE = 1000
KIND = (assets.c.cloud, assets.c.resource_type, assets.c.type)
COLUMNS = tuple(each.name for each in assets.c if each.name != "id")

# Built once: putting a statement together costs more than SQLite needs to answer it.
BY_IDENTITY = select(assets).where(
    *(assets.c[each.name] == bindparam(each.name) for each in fields(Identity))
)
BY_IDENTITY_LOCKED = BY_IDENTITY.with_for_update()
BY_ASSET_ID = select(assets).where(
    assets.c.cloud == bindparam("cloud"), assets.c.asset_id == bindparam("asset_id")
)


def locked(connection: Connection, identity: Identity) -> Asset | None:
    """The asset as it is and, until this transaction ends, stays."""
    row = connection.execute(BY_IDENTITY_LOCKED, asdict(identity)).one_or_none()
    return asset_of(row) if row is not None else None


def locked_by(connection: Connection, cloud: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
    """Those of some assets that are there; until this transaction ends, they stay as they are.

    Locked in one order: two transactions that want the same ones wait for each other only once.
    """
    wanted = select(assets).where(of_cloud(cloud), assets.c.asset_id.in_(asset_ids))
    rows = connection.execute(wanted.order_by(assets.c.id).with_for_update())
    return tuple(asset_of(row) for row in rows)


def locked_named(connection: Connection, identities: Sequence[Identity]) -> tuple[Asset, ...]:
    """The same of names."""
    found: list[Row[Any]] = []
    for kind, public_ids in _by_kind(identities).items():
        wanted = select(assets).where(*(column == value for column, value in zip(KIND, kind, strict=True)))
        for some in batched(public_ids):
            few = wanted.where(assets.c.public_id.in_(some)).order_by(assets.c.id)
            found += connection.execute(few.with_for_update()).all()
    return tuple(asset_of(row) for row in found)


def _by_kind(identities: Sequence[Identity]) -> dict[tuple[str, str, str], list[str]]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in sorted(set(identities)):
        found.setdefault((each.cloud, each.resource_type, each.type), []).append(each.public_id)
    return found


def batched(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as a statement takes (SQLite: 32,766 values)."""
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


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
