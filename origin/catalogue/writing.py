"""Rows of assets, written with all that assets are found by: nothing else writes to `assets`.

A change of a thousand assets takes as many statements as one of a single asset, and writes nothing that stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import fields
from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from origin.catalogue.changes import Change, Edit, edited
from origin.catalogue.rows import AT_ONCE, asset_from, asset_of, batched, columns_of_asset
from origin.catalogue.schema import assets
from origin.catalogue.search.index import reindex
from origin.catalogue.terms import bear
from origin.catalogue.values import Asset, Identity

INSERTED = insert(assets).returning(assets)
REWRITTEN = update(assets).where(assets.c.asset_id == bindparam("changed"))
NUMBERS = select(assets.c.asset_id, assets.c.id).where(
    assets.c.asset_id.in_(bindparam("asset_ids", expanding=True))
)
IDENTITY = tuple(each.name for each in fields(Identity))


def add(connection: Connection, columns: Mapping[str, Any]) -> Asset:
    """Within a running transaction: a new row."""
    row = connection.execute(INSERTED, dict(columns)).one()
    asset = asset_of(row)
    _index(connection, [Change(row.id, asset)])
    return asset


def rewrite(connection: Connection, changes: Sequence[tuple[Asset, Asset]]) -> tuple[Asset, ...]:
    """Within a running transaction that has locked them: each asset becomes what stands beside it."""
    return tuple(asset for some in batched(changes) for asset in _rewrite(connection, some))


def _rewrite(connection: Connection, changes: Sequence[tuple[Asset, Asset]]) -> tuple[Asset, ...]:
    rows = [columns_of_asset(new) for _, new in changes]
    names = _different(changes)
    if names:
        values = [{"changed": row["asset_id"], **{name: row[name] for name in names}} for row in rows]
        connection.execute(REWRITTEN, values)
    found = connection.execute(NUMBERS, {"asset_ids": [row["asset_id"] for row in rows]})
    numbers = {row.asset_id: row.id for row in found}
    written = [
        Change(numbers[old.asset_id], asset_from(row), old)
        for row, (old, _) in zip(rows, changes, strict=True)
    ]
    _index(connection, written)
    return tuple(each.asset for each in written)


def edit_all(connection: Connection, changes: Sequence[tuple[Asset, Asset]], now: float) -> tuple[Asset, ...]:
    """The same for edits, with the times of what each of them changed."""
    return rewrite(connection, [(old, edited(old, new, now)) for old, new in changes])


def edit_where(connection: Connection, wanted: ColumnElement[bool], edit: Edit, now: float) -> None:
    """Within a running transaction: edit every asset that is wanted, a few at a time."""
    last = 0
    while True:
        some = select(assets).where(wanted, assets.c.id > last).order_by(assets.c.id).limit(AT_ONCE)
        rows = connection.execute(some.with_for_update()).all()
        if not rows:
            return
        edit_all(connection, differing(map(asset_of, rows), edit), now)
        last = rows[-1].id


def differing(found: Iterable[Asset], edit: Edit) -> list[tuple[Asset, Asset]]:
    """Those of some assets that an edit changes, each as it is and as it is to be."""
    pairs = ((old, edit(old)) for old in found)
    return [(old, new) for old, new in pairs if new is not None and new != old]


def _different(changes: Sequence[tuple[Asset, Asset]]) -> list[str]:
    """Columns in which any of the assets changes: an index is written to for each that is set, changed or not."""
    names = [
        each.name
        for each in fields(Asset)
        if any(getattr(old, each.name) != getattr(new, each.name) for old, new in changes)
    ]
    return [column for name in names for column in (IDENTITY if name == "identity" else (name,))]


def _index(connection: Connection, changes: Sequence[Change]) -> None:
    bear(connection, changes)
    reindex(connection, changes)
