"""The order of what was found, and cursors into it: a cursor is a place between rows, not a count."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from math import isfinite
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Integer, String, UnaryExpression, and_, false, literal, or_, tuple_

from origin.catalogue.schema import search_rows
from origin.catalogue.values import is_storable
from wire.errors import InvalidRequest

SORTABLE = frozenset(
    (
        *(
            "public_id",
            "created_at",
            "uploaded_at",
            "updated_at",
            "filename",
            "display_name",
            "bytes",
            "width",
        ),
        *("height", "duration", "aspect_ratio", "pixels", "format", "resource_type", "type"),
    )
)
_MOST = 2**63


@frozen
class Key:
    """One column to sort by. What has no value comes last, either way."""

    column: ColumnElement[Any]
    is_descending: bool = True

    @property
    def is_nullable(self) -> bool:
        """Whether a row may have no value."""
        return bool(getattr(self.column, "nullable", False))

    def expressions(self) -> list[UnaryExpression[Any]]:
        """For ORDER BY."""
        ordered = self.column.desc() if self.is_descending else self.column.asc()
        return [self.column.is_(None).asc(), ordered] if self.is_nullable else [ordered]

    def beyond(self, value: Any) -> ColumnElement[bool]:
        """Rows that this key alone puts after the value."""
        if value is None:
            return false()
        here = literal(value, self.column.type)
        after = self.column < here if self.is_descending else self.column > here
        return or_(after, self.column.is_(None)) if self.is_nullable else after

    def at(self, value: Any) -> ColumnElement[bool]:
        """Rows with just that value."""
        return self.column.is_(None) if value is None else self.column == literal(value, self.column.type)

    def takes(self, value: Any) -> bool:
        """Whether a row could have it."""
        if value is None:
            return self.is_nullable
        if isinstance(self.column.type, String):
            return isinstance(value, str) and is_storable(value)
        if isinstance(self.column.type, Integer) and not isinstance(value, int):
            return False
        return (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and abs(value) < _MOST
            and isfinite(value)
        )


@frozen
class Order:
    """Keys, the most important first; the last tells every row from every other."""

    keys: tuple[Key, ...]

    @classmethod
    def by(cls, keys: Sequence[Key], tie: ColumnElement[Any]) -> "Order":
        """Those keys; what they leave equal, by a unique column in the direction of the last."""
        return cls((*keys, Key(tie, keys[-1].is_descending)))

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """What a row must be asked for, so that a cursor can be made of it."""
        return [each.column for each in self.keys]

    def expressions(self) -> list[UnaryExpression[Any]]:
        """For ORDER BY."""
        return [each for key in self.keys for each in key.expressions()]

    def after(self, cursor: str) -> ColumnElement[bool]:
        """Rows beyond that place; `InvalidRequest` for a cursor that this order did not make."""
        values = self._values(cursor)
        directions = {key.is_descending for key in self.keys}
        if len(directions) == 1 and not any(key.is_nullable for key in self.keys):
            here = tuple_(
                *(literal(value, key.column.type) for key, value in zip(self.keys, values, strict=True))
            )
            there = tuple_(*self.columns)
            return there < here if directions == {True} else there > here  # an index knows where that begins
        found: ColumnElement[bool] = false()
        for key, value in reversed(list(zip(self.keys, values, strict=True))):
            found = or_(key.beyond(value), and_(key.at(value), found))
        return found

    def cursor(self, row: Sequence[Any]) -> str:
        """The place after a row of `columns`."""
        return urlsafe_b64encode(json.dumps(list(row)).encode()).decode().rstrip("=")

    def _values(self, cursor: str) -> list[Any]:
        try:
            values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValueError, RecursionError) as bad:
            raise InvalidRequest("Invalid value for parameter next_cursor") from bad
        fits = isinstance(values, list) and len(values) == len(self.keys)
        if not fits or not all(key.takes(value) for key, value in zip(self.keys, values, strict=True)):
            raise InvalidRequest("Invalid value for parameter next_cursor")
        return list(values)


NEWEST_FIRST = Order.by([Key(search_rows.c.created_at)], search_rows.c.asset)


def order_of_assets(keys: Sequence[tuple[str, bool]]) -> Order:
    """Names of `SORTABLE` fields, each with whether it descends; none is the newest first."""
    if not keys:
        return NEWEST_FIRST
    return Order.by([Key(search_rows.c[name], descends) for name, descends in keys], search_rows.c.asset)
