"""The index rows of assets, written in the transaction that writes the assets' own.

Beside these, `asset_terms` has a few of the same words, because a listing asks otherwise than a search: for whole values
with their case, and for one range in the order of creation, which takes as long however many assets bear the term.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from origin.catalogue.changes import Change
from origin.catalogue.schema import search_numbers, search_rows, search_terms
from origin.catalogue.values import Asset, is_storable
from origin.search.entries import Described, Entries, entries_of
from origin.search.words import whole

_KEYS = {search_terms: ("asset", "term", "field"), search_numbers: ("asset", "field", "value")}
_ADD = {table: insert(table) for table in (search_rows, *_KEYS)}
_DROP = {
    table: delete(table).where(*(table.c[name] == bindparam(name) for name in names))
    for table, names in _KEYS.items()
}
_CHANGE = update(search_rows).where(search_rows.c.asset == bindparam("of_asset"))


@frozen
class Numbered:
    """What the asset is found by whose row has that number, and what it was found by until now."""

    number: int
    cloud: str
    entries: Entries
    old: Entries | None = None  # None: nothing


def reindex(connection: Connection, changes: Iterable[Change]) -> None:
    """Within the transaction that wrote their rows: assets are found by what they say now, and by nothing else."""
    write(connection, [_numbered(each) for each in changes])


def write(connection: Connection, found: Sequence[Numbered]) -> None:
    """Whatever differs from what they were found by, in a few statements for all."""
    _write_rows(connection, found)
    _write_keys(connection, search_terms, [(each, _terms(each.old), _terms(each.entries)) for each in found])
    numbers = [(each, _numbers(each.old), _numbers(each.entries)) for each in found]
    _write_keys(connection, search_numbers, numbers)


def _numbered(change: Change) -> Numbered:
    old = None if change.old is None else entries_of(described(change.old))
    return Numbered(change.number, change.asset.identity.cloud, entries_of(described(change.asset)), old)


def _write_rows(connection: Connection, found: Sequence[Numbered]) -> None:
    fresh = [each for each in found if each.old is None]
    if fresh:
        rows = [{"asset": each.number, "cloud": each.cloud, **_row(each.entries)} for each in fresh]
        connection.execute(_ADD[search_rows], rows)
    pairs = [(each.number, _row(each.old), _row(each.entries)) for each in found if each.old is not None]
    # An index is written to for each column that is set, changed or not.
    names = {name for _, old, new in pairs for name in new if new[name] != old[name]}
    if names:
        values = [{"of_asset": number, **{name: new[name] for name in names}} for number, _, new in pairs]
        connection.execute(_CHANGE, values)


Keys = frozenset[tuple[Any, Any]]


def _write_keys(connection: Connection, table: Table, found: Sequence[tuple[Numbered, Keys, Keys]]) -> None:
    names = _KEYS[table]
    gone = [
        dict(zip(names, (each.number, *key), strict=True)) for each, old, new in found for key in old - new
    ]
    if gone:
        connection.execute(_DROP[table], gone)
    fresh = [
        {"cloud": each.cloud, **dict(zip(names, (each.number, *key), strict=True))}
        for each, old, new in found
        for key in sorted(new - old)
    ]
    if fresh:
        connection.execute(_ADD[table], fresh)


def _row(entries: Entries) -> Mapping[str, Any]:
    """Without texts that no database can hold."""
    return {
        name: "" if isinstance(value, str) and not is_storable(value) else value
        for name, value in entries.row.items()
    }


def _terms(entries: Entries | None) -> Keys:
    found = () if entries is None else entries.terms
    return frozenset((term, whole(name)) for term, name in found if is_storable(term + name))


def _numbers(entries: Entries | None) -> Keys:
    found = () if entries is None else entries.numbers
    return frozenset((whole(name), value) for name, value in found if is_storable(name))


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
