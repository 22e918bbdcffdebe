"""The index rows of assets, written in the transaction that writes the assets' own."""

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, bindparam, delete, insert, select

from origin.catalogue.schema import assets, search_numbers, search_rows, search_terms
from origin.catalogue.values import Asset, is_storable
from origin.search.entries import Described, Entries, entries_of
from origin.search.words import whole

_TABLES = (search_rows, search_terms, search_numbers)
_FORGET = tuple(delete(table).where(table.c.asset == bindparam("number")) for table in _TABLES)
_NUMBER = select(assets.c.id).where(assets.c.asset_id == bindparam("asset_id"))
_INSERT = {table.name: insert(table) for table in _TABLES}


@frozen
class Numbered:
    """What is known of the asset whose row has that number."""

    number: int
    cloud: str
    entries: Entries


def reindex(connection: Connection, asset: Asset) -> None:
    """Within the transaction that wrote its row: the asset is found by what it says now, and by nothing else."""
    number = connection.execute(_NUMBER, {"asset_id": asset.asset_id}).scalar_one()
    for statement in _FORGET:
        connection.execute(statement, {"number": number})
    write(connection, [Numbered(number, asset.identity.cloud, entries_of(described(asset)))])


def write(connection: Connection, found: Sequence[Numbered]) -> None:
    """The rows of assets that have none yet."""
    rows: dict[str, list[dict[str, Any]]] = {
        search_rows.name: [_row(each) for each in found],
        search_terms.name: [row for each in found for row in _terms(each)],
        search_numbers.name: [row for each in found for row in _numbers(each)],
    }
    for name, values in rows.items():
        if values:
            connection.execute(_INSERT[name], values)


def _row(each: Numbered) -> dict[str, Any]:
    values = {
        name: "" if isinstance(value, str) and not is_storable(value) else value
        for name, value in each.entries.row.items()
    }
    return {"asset": each.number, "cloud": each.cloud, **values}


def _terms(each: Numbered) -> list[dict[str, Any]]:
    keys = {(term, whole(field)) for term, field in each.entries.terms if is_storable(term + field)}
    own = {"asset": each.number, "cloud": each.cloud}
    return [{**own, "term": term, "field": field} for term, field in sorted(keys)]


def _numbers(each: Numbered) -> list[dict[str, Any]]:
    keys = {(whole(field), value) for field, value in each.entries.numbers if is_storable(field)}
    own = {"asset": each.number, "cloud": each.cloud}
    return [{**own, "field": field, "value": value} for field, value in sorted(keys)]


def described(asset: Asset) -> Described:
    """A row as search sees it."""
    facts = asset.facts
    return Described(
        **{name: getattr(asset, name) for name in _SAME},
        **{name: getattr(asset.identity, name) for name in ("public_id", "resource_type", "type")},
        pages=None if facts is None else facts.page_count,
        has_alpha=None if facts is None else facts.has_alpha,
    )


_SAME = (
    *(
        "format",
        "asset_folder",
        "display_name",
        "etag",
        "bytes",
        "width",
        "height",
        "created_at",
        "uploaded_at",
    ),
    *("tags", "context", "metadata", "details", "last_updated"),
)
