"""What is kept of assets within running transactions: versions, their objects, and placeholders of what was deleted."""

import json
from collections.abc import Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Row, delete, insert, select

from origin.catalogue.rows import asset_from, columns_of_asset
from origin.catalogue.schema import assets, backups, placeholders
from origin.catalogue.values import Asset, Identity


@frozen
class Version:
    """A revision whose bytes are kept, whatever becomes of its asset (admin-api §8)."""

    version_id: str
    asset: Asset  # as it was then


def keep(connection: Connection, asset: Asset, now: float) -> None:
    """The revision that the asset shows is kept from now on."""
    known = select(backups.c.id).where(backups.c.version_id == asset.revision)
    if connection.execute(known).one_or_none() is not None:
        return
    row = {
        "cloud": asset.identity.cloud,
        "asset_id": asset.asset_id,
        "version_id": asset.revision,
        "version": asset.version,
        "store_key": asset.store_key,
        "bytes": asset.bytes,
        "format": asset.format,
        "document": _dumped(asset),
        "created_at": now,
    }
    connection.execute(insert(backups), row)


def version_of(row: Row[Any]) -> Version:
    """A row of `backups` as a value."""
    return Version(row.version_id, _loaded(row.document))


def unshared(connection: Connection, store_keys: Sequence[str]) -> list[str]:
    """Those of some originals' objects that no asset shows and no version keeps."""
    named: set[str] = set()
    for table in (assets, backups):
        rows = select(table.c.store_key).where(table.c.store_key.in_(store_keys))
        named.update(connection.execute(rows).scalars())
    return [each for each in dict.fromkeys(store_keys) if each not in named]


def leave_placeholders(connection: Connection, leaving: Sequence[Asset], now: float) -> None:
    """Whatever has a version that is kept can come back, under its asset id."""
    ids = [each.asset_id for each in leaving]
    kept = set(connection.execute(select(backups.c.asset_id).where(backups.c.asset_id.in_(ids))).scalars())
    rows = [
        {
            "asset_id": each.asset_id,
            "cloud": each.identity.cloud,
            "resource_type": each.identity.resource_type,
            "type": each.identity.type,
            "public_id": each.identity.public_id,
            "document": _dumped(each),
            "deleted_at": now,
        }
        for each in leaving
        if each.asset_id in kept
    ]
    if rows:
        connection.execute(insert(placeholders), rows)


def placeholder_named(connection: Connection, identity: Identity) -> Asset | None:
    """The asset that had this identity when it was deleted, the last if there were several."""
    wanted = select(placeholders.c.document).where(
        placeholders.c.cloud == identity.cloud,
        placeholders.c.resource_type == identity.resource_type,
        placeholders.c.type == identity.type,
        placeholders.c.public_id == identity.public_id,
    )
    return _first(connection, wanted.order_by(placeholders.c.deleted_at.desc(), placeholders.c.asset_id))


def placeholder_of(connection: Connection, cloud: str, asset_id: str) -> Asset | None:
    """The asset of that id as it was when it was deleted."""
    is_it = (placeholders.c.cloud == cloud) & (placeholders.c.asset_id == asset_id)
    return _first(connection, select(placeholders.c.document).where(is_it))


def drop_placeholder(connection: Connection, asset_id: str) -> None:
    """The asset is back, or nothing is kept of it any more."""
    connection.execute(delete(placeholders).where(placeholders.c.asset_id == asset_id))


def _first(connection: Connection, wanted: Any) -> Asset | None:
    document = connection.execute(wanted.limit(1)).scalar_one_or_none()
    return None if document is None else _loaded(document)


def _dumped(asset: Asset) -> str:
    return json.dumps(columns_of_asset(asset))


def _loaded(document: str) -> Asset:
    return asset_from(json.loads(document))
