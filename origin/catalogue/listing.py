"""A listing: which assets, in which order, from where. Cursors name a place between rows, not a count."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from math import isfinite
from typing import Any, Literal

from attrs import Attribute, field, frozen
from sqlalchemy import ColumnElement, Select, and_, select, tuple_

from origin.catalogue.schema import asset_tags, assets
from origin.catalogue.values import Asset, storable
from wire.errors import InvalidRequest

MOST = 500  # admin-api.md §1
SURROGATES = range(0xD800, 0xE000)


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
        return urlsafe_b64encode(json.dumps([self.created_at, self.id]).encode()).decode().rstrip("=")

    @classmethod
    def from_cursor(cls, cursor: str) -> "Place":
        """The inverse; `InvalidRequest` for anything we did not make."""
        try:
            created_at, number = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            place = cls(float(created_at), int(number))
        except (ValueError, TypeError, OverflowError, RecursionError) as bad:
            raise InvalidRequest("Invalid value for parameter next_cursor") from bad
        if not isfinite(place.created_at) or not -(2**63) <= place.id < 2**63:
            raise InvalidRequest("Invalid value for parameter next_cursor")
        return place


@frozen(kw_only=True)
class Query:
    """What a caller wants to see. `cursor` is opaque; a bad one is an `InvalidRequest`."""

    cloud: str = field(validator=storable)
    resource_type: str = field(validator=storable)
    type: str | None = field(default=None, validator=storable)
    prefix: str = field(default="", validator=storable)
    public_ids: tuple[str, ...] | None = None
    tag: str | None = field(default=None, validator=storable)
    limit: int = field(default=10, validator=_from_1_to_most)
    cursor: str | None = None
    direction: Literal["asc", "desc"] = "desc"  # by creation time

    def statement(self) -> Select[Any]:
        """The rows of one page, and one more if there are more."""
        wanted: list[ColumnElement[bool]] = [
            assets.c.cloud == self.cloud,
            assets.c.resource_type == self.resource_type,
        ]
        if self.type is not None:
            wanted.append(assets.c.type == self.type)
        if self.prefix:
            wanted.append(starts_with(self.prefix))
        if self.public_ids is not None:
            wanted.append(assets.c.public_id.in_([each for each in self.public_ids if "\0" not in each]))
        if self.tag is not None:
            borne = select(asset_tags.c.asset_id).where(asset_tags.c.tag == self.tag)
            wanted.append(assets.c.asset_id.in_(borne))
        order = tuple_(assets.c.created_at, assets.c.id)
        if self.cursor:
            place = Place.from_cursor(self.cursor)
            here = tuple_(place.created_at, place.id)
            wanted.append(order < here if self.direction == "desc" else order > here)
        columns = (assets.c.created_at, assets.c.id)
        ordered = [each.desc() if self.direction == "desc" else each.asc() for each in columns]
        return select(assets).where(*wanted).order_by(*ordered).limit(self.limit + 1)


@frozen
class Page:
    """Assets in order, and where to go on; no cursor means that was all."""

    assets: tuple[Asset, ...]
    next_cursor: str | None = None


def starts_with(prefix: str, column: ColumnElement[str] = assets.c.public_id) -> ColumnElement[bool]:
    """Texts from the prefix up to, without, its successor: a range that an index can serve."""
    end = successor(prefix)
    lower = column >= prefix
    return lower if end is None else and_(lower, column < end)


def successor(prefix: str) -> str | None:
    """The least text above every text with that prefix, or None when there is none."""
    kept = prefix.rstrip(chr(0x10FFFF))
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    if following in SURROGATES:
        following = SURROGATES.stop
    return kept[:-1] + chr(following)
