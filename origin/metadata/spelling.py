"""Values as requests write them: `id=value|id2=["a","b"]`, or an object in a JSON body (upload-api §3.2)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest

Written = str | tuple[str, ...]
"""A value before anybody asked its field what it is; empty clears."""

MAX_PAIRS = 1000
_PAIR_END = re.compile(r"(?<!\\)\|")
_EQUALS = re.compile(r"(?<!\\)=")
_ESCAPED = re.compile(r"\\([=|])")
_ESCAPED_QUOTE = re.compile(r'\\(["=|])')


def parse_values(text: str | None) -> dict[str, Written]:
    """Values by external id; of one given twice the last counts. Arrays are JSON inside the value."""
    if not text:
        return {}
    pairs = (
        _from_object(text)
        if text.startswith("{")
        else [_pair(each) for each in _PAIR_END.split(text) if each]
    )
    if len(pairs) > MAX_PAIRS:
        raise InvalidRequest(f"Too many metadata values. Maximum is {MAX_PAIRS}.")
    return dict(pairs)


def spell_values(values: Mapping[str, Written]) -> str:
    """A text that reads as those values."""
    return json.dumps(
        {name: list(each) if isinstance(each, tuple) else each for name, each in values.items()}
    )


def _pair(text: str) -> tuple[str, Written]:
    name, *values = _EQUALS.split(text, maxsplit=1)
    if not values or not name:
        raise InvalidRequest("Metadata must be given as external_id=value pairs")
    name = _ESCAPED.sub(r"\1", name).strip()
    # In an array a quote is escaped for JSON. Node escapes = and | inside each element, Python in the whole.
    array = _array(_ESCAPED.sub(r"\1", values[0])) if values[0].startswith("[") else None
    return name, _ESCAPED_QUOTE.sub(r"\1", values[0]) if array is None else array


def _array(text: str) -> tuple[str, ...] | None:
    """The elements, if it is an array of scalars; any other text that opens with a bracket is just text."""
    try:
        document = jsontext.read(text)
    except ValueError:
        return None
    if not isinstance(document, list) or not all(_is_scalar(each) for each in document):
        return None
    return tuple(_scalar(each) for each in document)


def _from_object(text: str) -> list[tuple[str, Written]]:
    try:
        document = jsontext.read(text)
    except ValueError as error:
        raise InvalidRequest("Metadata must be given as external_id=value pairs") from error
    return [(name, written(name, value)) for name, value in document.items()]


def written(name: str, value: Any) -> Written:
    """A JSON value as a request may write it; null clears."""
    if value is None:
        return ""
    if isinstance(value, list) and all(_is_scalar(each) for each in value):
        return tuple(_scalar(each) for each in value)
    if _is_scalar(value):
        return _scalar(value)
    raise InvalidRequest(f"Invalid value for metadata field {printable(name)}")


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)
