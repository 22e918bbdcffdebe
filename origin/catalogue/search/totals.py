"""Aggregations: how many of what was found have each value, or lie in each range."""

from collections.abc import Iterator

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, and_, case, func

from origin.catalogue.schema import search_rows
from origin.catalogue.search.conditions import inside
from origin.catalogue.search.sources import Reading
from origin.search.tree import Interval

COUNTED = frozenset({"format", "resource_type", "type"})
_KIND = search_rows.c.resource_type
RANGED: dict[str, tuple[ColumnElement[float | None], ColumnElement[bool] | None]] = {
    "bytes": (search_rows.c.bytes, None),
    "image_pixels": (search_rows.c.pixels, _KIND == "image"),
    "video_pixels": (search_rows.c.pixels, _KIND == "video"),
    "duration": (search_rows.c.duration, None),
}
"""What ranges are of, and among which assets."""


@frozen
class Range:
    """From, inclusive, to, exclusive; None is no limit."""

    key: str
    low: float | None = None
    high: float | None = None


@frozen
class Aggregate:
    """One field of `aggregations`: by value, or by the given ranges."""

    name: str
    ranges: tuple[Range, ...] = ()


def totals(
    connection: Connection, reading: Reading, wanted: tuple[Aggregate, ...]
) -> dict[str, dict[str, int]]:
    """Field → value or key of a range → how many."""
    return {
        each.name: _in_ranges(connection, reading, each)
        if each.ranges
        else _by_value(connection, reading, each.name)
        for each in wanted
    }


def _by_value(connection: Connection, reading: Reading, name: str) -> dict[str, int]:
    column = search_rows.c[name]
    counted = reading.matching(column, func.count()).where(column.is_not(None)).group_by(column)
    rows = connection.execute(counted.order_by(func.count().desc(), column)).all()
    return {row[0]: row[1] for row in rows}


def _in_ranges(connection: Connection, reading: Reading, wanted: Aggregate) -> dict[str, int]:
    row = connection.execute(reading.matching(*_sums(wanted))).one()
    return {each.key: int(count or 0) for each, count in zip(wanted.ranges, row, strict=True)}


def _sums(wanted: Aggregate) -> Iterator[ColumnElement[int]]:
    column, among = RANGED[wanted.name]
    for each in wanted.ranges:
        interval = Interval(each.low, True, each.high, False)
        is_in = inside(column, interval)
        yield func.sum(case((is_in if among is None else and_(among, is_in), 1), else_=0))
