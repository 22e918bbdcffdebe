"""The parameters of a search, read (admin-api §13): from a JSON body, a query string or a search URL."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from origin.api.params import Params, integer, listed, text
from origin.catalogue.search.order import SORTABLE, order_of_assets
from origin.catalogue.search.searches import MOST_FOUND, Wanted
from origin.catalogue.search.totals import COUNTED, RANGED, Aggregate, Range
from origin.search.parsing import parse
from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest

EXTRAS = (
    "context",
    "tags",
    "image_metadata",
    "image_analysis",
    "metadata",
    "quality_analysis",
    "accessibility_analysis",
)
"""What a result shows only when it is asked for."""

SCORE = "score"  # every match is as good as any other: the newest first, as where nothing is said
MOST_KEYS, MOST_AGGREGATES, MOST_RANGES = 10, 10, 100
DEFAULT_FOUND = 50
_IN_QUERY = re.compile(r"sort_by\[\d*\]\[(?P<field>\w+)\]")  # sort_by[0][created_at]=desc


def wanted(cloud: str, params: Params) -> Wanted:
    """What is to be found; `InvalidRequest` says what to fix."""
    return Wanted(
        cloud=cloud,
        tree=parse(text(params, "expression") or ""),
        order=order_of_assets(sorting(params, SORTABLE)),
        limit=found_at_most(params),
        cursor=text(params, "next_cursor"),
        aggregates=tuple(_aggregates(params)),
    )


def found_at_most(params: Params) -> int:
    """`max_results`: 0 only counts."""
    return min(integer(params, "max_results", DEFAULT_FOUND), MOST_FOUND)


def extras(params: Params) -> tuple[str, ...]:
    """`with_field`."""
    named = listed(params, "with_field")
    for each in named:
        if each not in EXTRAS:
            raise _invalid("with_field", each, EXTRAS)
    return named


def sorting(params: Params, sortable: Collection[str]) -> list[tuple[str, bool]]:
    """`sort_by`: names of fields, each with whether it descends."""
    given = [("sort_by", each) for each in _items(params, "sort_by")]
    pairs = [pair for name, each in given for pair in _pairs(name, each)]
    pairs += [
        (found["field"], value) for name, value in params.items() if (found := _IN_QUERY.fullmatch(name))
    ]
    if len(pairs) > MOST_KEYS:
        raise InvalidRequest(f"Too many fields in sort_by. Maximum is {MOST_KEYS}.")
    keys = {name: _descends(value) for name, value in pairs}
    for name in keys:
        if name not in sortable and name != SCORE:
            raise _invalid("sort_by", name, sorted(sortable))
    return [(name, descends) for name, descends in keys.items() if name != SCORE]


def _pairs(parameter: str, item: Any) -> list[tuple[str, Any]]:
    if isinstance(item, str):
        return [(item, "desc")]
    if isinstance(item, Mapping):
        return list(item.items())
    raise _invalid(parameter, item)


def _descends(direction: Any) -> bool:
    name = str(direction).lower()
    if name not in ("asc", "desc"):
        raise _invalid("sort_by", direction, ("asc", "desc"))
    return name == "desc"


def _aggregates(params: Params) -> Iterator[Aggregate]:
    items = _items(params, "aggregate")
    if len(items) > MOST_AGGREGATES:
        raise InvalidRequest(f"Too many values of aggregate. Maximum is {MOST_AGGREGATES}.")
    for item in items:
        if isinstance(item, Mapping):
            yield _ranged(item)
        elif not isinstance(item, str):
            raise _invalid("aggregate", item)
        elif item in COUNTED:
            yield Aggregate(item)
        elif item in RANGED:
            raise InvalidRequest(f"Invalid value for parameter aggregate: {item} needs ranges")
        else:
            raise _invalid("aggregate", item, sorted(COUNTED | set(RANGED)))


def _ranged(item: Mapping[str, Any]) -> Aggregate:
    name, ranges = item.get("type"), item.get("ranges")
    if isinstance(name, str) and name in COUNTED and not ranges:
        return Aggregate(name)
    if not isinstance(name, str) or name not in RANGED:
        raise _invalid("aggregate", name, sorted(RANGED))
    if not isinstance(ranges, list) or not 0 < len(ranges) <= MOST_RANGES:
        raise InvalidRequest(f"Invalid value for parameter aggregate: {name} needs 1 to {MOST_RANGES} ranges")
    return Aggregate(name, tuple(map(_range, ranges)))


def _range(item: Any) -> Range:
    if not isinstance(item, Mapping) or not isinstance(item.get("key"), str) or not item["key"]:
        raise _invalid("aggregate", item)
    return Range(item["key"], _end(item, "from"), _end(item, "to"))


def _end(item: Mapping[str, Any], name: str) -> float | None:
    value = item.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise _invalid("aggregate", value)
    return float(value)


def _items(params: Params, name: str) -> list[Any]:
    """An array, one thing alone, or either as JSON text."""
    value = params.get(name) or ()
    texts = value if isinstance(value, tuple) else (value,)
    return [item for each in texts for item in _read(each, name)]


def _read(value: str, name: str) -> list[Any]:
    if not value.startswith(("[", "{")):
        return [each.strip() for each in value.split(",") if each.strip()]
    try:
        read = jsontext.read(value)
    except ValueError as error:
        raise _invalid(name, value) from error
    return read if isinstance(read, list) else [read]


def _invalid(name: str, value: Any, allowed: Collection[str] = ()) -> InvalidRequest:
    shown = value if isinstance(value, str) else json.dumps(value)
    hint = f". Must be one of: {', '.join(allowed)}" if allowed else ""
    return InvalidRequest(printable(f"Invalid value for parameter {name}: {shown[:100]}{hint}"))
