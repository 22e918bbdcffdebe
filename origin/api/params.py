"""Request parameters as they came: text, or a tuple of texts for an array. Signatures cover them as such."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from wire.errors import InvalidRequest

Params = dict[str, "str | tuple[str, ...]"]

_ARRAY = re.compile(r"(?P<name>[^\[\]]+)\[\d*\]\Z")
_FALSE = frozenset({"0", "false"})
_TRUE = frozenset({"1", "true"})


def collect(pairs: Iterable[tuple[str, str]]) -> Params:
    """Fields in arrival order: `name[]`, `name[0]` and repeated names become arrays (upload-api §1)."""
    params: Params = {}
    for raw, value in pairs:
        array = _ARRAY.match(raw)
        name = array["name"] if array else raw
        if "\0" in value or "\0" in name:
            raise InvalidRequest(f"Invalid value for parameter {name[:100]!r}")
        earlier = params.get(name)
        if earlier is None:
            params[name] = (value,) if array else value
        else:
            params[name] = (earlier if isinstance(earlier, tuple) else (earlier,)) + (value,)
    return params


def from_document(document: Any) -> Params:
    """A JSON body in the same shape: arrays of scalars stay arrays, objects become text, null is absent."""
    if not isinstance(document, dict):
        raise InvalidRequest("Request body must be a JSON object")
    params: Params = {}
    for name, value in document.items():
        if value is None:
            continue
        if isinstance(value, list) and all(not isinstance(each, list | dict) for each in value):
            params[name] = tuple(_scalar(each) for each in value)
        else:
            params[name] = _scalar(value)
        if "\0" in name or any("\0" in text for text in texts(params, name)):
            raise InvalidRequest(f"Invalid value for parameter {name[:100]!r}")
    return params


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def text(params: Mapping[str, str | tuple[str, ...]], name: str) -> str | None:
    """A scalar parameter; None when absent or empty (upload-api §1: empty means absent)."""
    value = params.get(name)
    if isinstance(value, tuple):
        value = ",".join(value)
    return value or None


def alternatives(params: Mapping[str, str | tuple[str, ...]], name: str) -> str | None:
    """A parameter whose parts `|` keeps apart, as one text; an array of parts is as good."""
    value = params.get(name)
    return "|".join(value) or None if isinstance(value, tuple) else value or None


def texts(params: Mapping[str, str | tuple[str, ...]], name: str) -> tuple[str, ...]:
    """An array parameter, or the one scalar."""
    value = params.get(name) or ()
    return (value,) if isinstance(value, str) else value


def listed(params: Mapping[str, str | tuple[str, ...]], name: str) -> tuple[str, ...]:
    """An array, or one comma separated string, without blanks."""
    value = params.get(name) or ()
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts if part.strip())


def flag(params: Mapping[str, str | tuple[str, ...]], name: str, default: bool = False) -> bool:
    """A boolean in any of the SDKs' spellings; anything else is refused rather than guessed."""
    value = text(params, name)
    if value is None:
        return default
    lowered = value.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise InvalidRequest(f"Invalid value for parameter {name}: {value[:100]}")


def integer(params: Mapping[str, str | tuple[str, ...]], name: str, default: int) -> int:
    """A decimal number, not negative."""
    value = text(params, name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 12):
        raise InvalidRequest(f"Invalid value for parameter {name}: {value[:100]}")
    return int(value)
