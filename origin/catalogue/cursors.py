"""Cursors: opaque texts that name a place between rows, by what the row before it is ordered by."""

import json
from collections.abc import Sequence
from math import isfinite
from typing import Any

from origin.catalogue.values import is_storable
from wire import base64url, jsontext
from wire.errors import InvalidRequest

Kind = type | tuple[type, ...]
NUMBER = (int, float)
_LARGEST = 2**63  # what a column of either database can be compared with


def cursor_of(*values: Any) -> str:
    """The cursor to the place behind those values, as JSON has them."""
    return base64url.encode(json.dumps(values, separators=(",", ":")).encode())


def values_in(cursor: str, *kinds: Kind, param: str = "next_cursor") -> Sequence[Any]:
    """What a cursor was made of, a value of each kind; 400 for any text that is no such cursor."""
    try:
        values = jsontext.read(base64url.decode(cursor))
    except ValueError as bad:
        raise no_cursor(param) from bad
    if not isinstance(values, list) or len(values) != len(kinds) or not all(map(_is_of, values, kinds)):
        raise no_cursor(param)
    return values


def no_cursor(param: str = "next_cursor") -> InvalidRequest:
    """The refusal of a text that we did not make."""
    return InvalidRequest(f"Invalid value for parameter {param}")


def _is_of(value: Any, kind: Kind) -> bool:
    """Whether it is of that kind, and whether databases take it."""
    if not isinstance(value, kind) or isinstance(value, bool):
        return False
    match value:
        case str():
            return is_storable(value)
        case int():
            return -_LARGEST <= value < _LARGEST
        case float():
            return isfinite(value)
    return True
