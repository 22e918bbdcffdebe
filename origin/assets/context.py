"""Tags and contextual metadata as uploads carry them (upload-api §3.2)."""

import json
import re
from collections.abc import Mapping

from wire import jsontext
from wire.errors import InvalidRequest

MAX_PAIRS = 1000
MAX_KEY = 1024
_PAIR_END = re.compile(r"(?<!\\)\|")
_EQUALS = re.compile(r"(?<!\\)=")
_ESCAPED = re.compile(r"\\([=|])")  # SDKs leave a backslash itself alone


def parse_context(text: str | None) -> dict[str, str]:
    """`k=v|k2=v2`, where a backslash escapes `=` and `|`; or, in a JSON body, an object."""
    if not text:
        return {}
    pairs = _from_json(text) if text.startswith("{") else [_pair(each) for each in _PAIR_END.split(text)]
    if len(pairs) > MAX_PAIRS or any(len(key) > MAX_KEY for key, _ in pairs):
        raise InvalidRequest("Context is too large")
    return {key: value for key, value in pairs if key}


def merged_context(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The old with what is new; an empty value deletes its key (upload-api §9)."""
    merged = {key: value for key, value in {**old, **new}.items() if key not in new or value}
    if len(merged) > MAX_PAIRS:
        raise InvalidRequest("Context is too large")
    return merged


def unique_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The tags in the order given, each once."""
    return tuple(dict.fromkeys(tags))


def _pair(text: str) -> tuple[str, str]:
    key, *values = _EQUALS.split(text, maxsplit=1)
    if text and not values:
        raise InvalidRequest("Context must be given as key=value pairs")
    return _unescaped(key), _unescaped(values[0]) if values else ""


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _from_json(text: str) -> list[tuple[str, str]]:
    try:
        document = jsontext.read(text)
    except ValueError as error:
        raise InvalidRequest("Context must be given as key=value pairs") from error
    return [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in document.items()]
