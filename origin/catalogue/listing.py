"""A listing: which assets, in which order, from where. Cursors name a place between rows, not a count."""

from collections.abc import Iterator
from typing import Any, Literal

from attrs import Attribute, field, frozen
from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_

from origin.catalogue.cursors import NUMBER, cursor_of, values_in
from origin.catalogue.prefixes import starts_with
from origin.catalogue.schema import asset_terms, assets, of_cloud
from origin.catalogue.terms import Term
from origin.catalogue.values import Asset, is_storable, storable
from wire.errors import InvalidRequest

MOST = 500  # admin-api.md §1
FEW = 10_000  # so many assets are sorted sooner than they are come across in order
STORED_TYPES = ("upload", "private", "authenticated", "fetch", "text")
"""Delivery types of rows."""


def _from_1_to_most(_: object, __: "Attribute[int]", value: int) -> None:
    if not 1 <= value <= MOST:
        raise InvalidRequest(f"Invalid value {value} for parameter max_results. Must be between 1 and {MOST}")


@frozen
class Place:
    """Between two rows in creation order, wherever the rows come to be."""

    created_at: float
    id: int

    def to_cursor(self) -> str:
        """An opaque text that survives a URL."""
        return cursor_of(self.created_at, self.id)

    @classmethod
    def from_cursor(cls, cursor: str) -> "Place":
        """The inverse; `InvalidRequest` for anything we did not make."""
        created_at, number = values_in(cursor, NUMBER, int)
        return cls(float(created_at), number)


@frozen(kw_only=True)
class Query:
    """What a caller wants to see. `cursor` is opaque; a bad one is an `InvalidRequest`."""

    cloud: str = field(validator=storable)
    resource_type: str | None = field(default=None, validator=storable)  # of a term it must be told
    type: str | None = field(default=None, validator=storable)
    prefix: str = field(default="", validator=storable)
    public_ids: tuple[str, ...] | None = None
    asset_ids: tuple[str, ...] | None = None
    asset_folder: str | None = field(default=None, validator=storable)
    term: Term | None = None  # a tag, a key of the context, …
    created_since: float | None = None  # unix seconds
    limit: int = field(default=10, validator=_from_1_to_most)
    cursor: str | None = None
    direction: Literal["asc", "desc"] = "desc"  # by creation time

    def narrow(self) -> Select[Any] | None:
        """Where a prefix makes a choice: how many assets have it, up to one more than `FEW`."""
        if not self.prefix:
            return None
        some = select(assets.c.id).where(*self._of_assets()).limit(FEW + 1).subquery()
        return select(func.count()).select_from(some)

    def statement(self, *, is_wide: bool = False) -> Select[Any]:
        """The rows of one page, and one more if there are more.

        `is_wide`: so many have the prefix that they are come across in the order wanted; else they are sorted.
        """
        wanted = [*self._of_assets(is_wide), *self._of_term()]
        columns = self._place
        order = tuple_(*columns)
        if self.created_since is not None:
            wanted.append(columns[0] >= self.created_since)
        if self.cursor:
            place = Place.from_cursor(self.cursor)
            here = tuple_(place.created_at, place.id)
            wanted.append(order < here if self.direction == "desc" else order > here)
        ordered = [each.desc() if self.direction == "desc" else each.asc() for each in columns]
        return select(assets).where(*wanted).order_by(*ordered).limit(self.limit + 1)

    @property
    def _place(self) -> tuple[ColumnElement[float], ColumnElement[int]]:
        if self.term is not None:
            return asset_terms.c.created_at, asset_terms.c.number
        if self.public_ids is not None or self.asset_ids is not None:
            # what no index has in order: SQLite would rather read every asset in order than sort a hundred
            return assets.c.created_at + 0, assets.c.id + 0
        return assets.c.created_at, assets.c.id

    def count(self) -> Select[Any]:
        """How many rows all pages have together."""
        return select(func.count()).select_from(assets).where(*self._of_assets(), *self._of_term())

    def _of_assets(self, is_wide: bool = False) -> Iterator[ColumnElement[bool]]:
        yield of_cloud(self.cloud) if self.asset_ids is not None else assets.c.cloud == self.cloud
        if self.resource_type is not None:
            yield assets.c.resource_type == self.resource_type
        if self.type is not None:
            yield assets.c.type == self.type
        if self.prefix:
            name = assets.c.public_id
            # No index knows the sum, so that one of the order is left to be read.
            yield starts_with(name + literal("", name.type) if is_wide else name, self.prefix)
        if self.public_ids is not None:
            if self.type is None:
                yield assets.c.type.in_(STORED_TYPES)  # or no index would lead to them
            yield assets.c.public_id.in_([each for each in self.public_ids if is_storable(each)])
        if self.asset_ids is not None:
            yield assets.c.asset_id.in_([each for each in self.asset_ids if is_storable(each)])
        if self.asset_folder is not None:
            yield assets.c.asset_folder == self.asset_folder

    def _of_term(self) -> Iterator[ColumnElement[bool]]:
        if self.term is not None:
            yield asset_terms.c.number == assets.c.id
            yield asset_terms.c.cloud == self.cloud
            yield asset_terms.c.resource_type == self.resource_type
            yield asset_terms.c.kind == self.term.kind
            yield asset_terms.c.term == self.term.text


@frozen
class Page:
    """Assets in order, and where to go on; no cursor means that was all."""

    assets: tuple[Asset, ...]
    next_cursor: str | None = None
