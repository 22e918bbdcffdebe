"""The order of what was found, and cursors into it: a cursor is a place between rows, not a count."""

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Integer, String, UnaryExpression, and_, false, literal, or_, tuple_

from origin.catalogue.cursors import cursor_of, no_cursor, values_in
from origin.catalogue.schema import search_rows

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
            return isinstance(value, str)
        return isinstance(value, int if isinstance(self.column.type, Integer) else int | float)


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
        return cursor_of(*row)

    def _values(self, cursor: str) -> Sequence[Any]:
        values = values_in(cursor, *(object for _ in self.keys))
        if not all(key.takes(value) for key, value in zip(self.keys, values, strict=True)):
            raise no_cursor()
        return values


NEWEST_FIRST = Order.by([Key(search_rows.c.created_at)], search_rows.c.asset)


def order_of_assets(keys: Sequence[tuple[str, bool]]) -> Order:
    """Names of `SORTABLE` fields, each with whether it descends; none is the newest first."""
    if not keys:
        return NEWEST_FIRST
    return Order.by([Key(search_rows.c[name], descends) for name, descends in keys], search_rows.c.asset)
