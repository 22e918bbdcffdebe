"""The grammar of a chain: where components and params begin and end, and which keys exist. No meaning.

Text stays raw (percent-encoded, in the order written), because signatures cover it and an escaped
comma or slash is never a separator (delivery-urls.md §3). `Param.value` decodes when somebody asks.
"""

import re
from urllib.parse import unquote

from attrs import frozen

from wire.errors import InvalidRequest

_KEYS = (
    "a ac af ar b bl bo br c co cs d dl dn dpr dr du e eo f fl fn fps g h if ki l o p pg q r so sp t u vc vs "
    "w x y z"
)
KEYS = frozenset(_KEYS.split())
"""Every key the grammar knows; `$name` stands beside them."""

_LAYERS = frozenset(("l", "u"))
_LOOKS_LIKE_PARAM = re.compile(r"(?:[a-z]{1,3}|\$[A-Za-z][A-Za-z0-9]*)_.+", re.DOTALL)
_WORDS = re.compile(r"(?:text|subtitles):[^:]*:")  # of a layer: what follows is decoded once more
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SHOWN_CHARACTERS = 300


def printable(text: str) -> str:
    """A caller's text as we may repeat it in a header: no control characters, no half surrogate pairs, not endless."""
    shown = _UNPRINTABLE.sub(lambda found: f"%{ord(found[0]):02X}", text)
    return shown if len(shown) <= _SHOWN_CHARACTERS else shown[: _SHOWN_CHARACTERS - 1] + "…"


def decoded(raw: str) -> str:
    """Percent-decoded once as UTF-8; bytes that are no UTF-8 are the caller's mistake."""
    if "%" not in raw:
        return raw
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"Invalid URL encoding - {printable(raw)}") from error


@frozen
class Param:
    """One `key_value`. The key of a variable keeps its dollar: `$width`."""

    key: str
    raw: str  # the value as written

    @property
    def value(self) -> str:
        """The value, percent-decoded once. An escaped dollar in a layer's words stays escaped until they are
        decoded themselves: only a raw one begins a variable (delivery-urls.md §6)."""
        if self.key in _LAYERS and "%24" in self.raw and (head := _WORDS.match(self.raw)) is not None:
            words = self.raw[head.end() :].replace("%24", "%2524")
            return decoded(head[0] + words)
        return decoded(self.raw)

    def __str__(self) -> str:
        return f"{self.key}_{self.raw}"


@frozen
class Component:
    """Params that act together, in the order written."""

    raw: str
    params: tuple[Param, ...]

    def last(self) -> dict[str, str]:
        """Decoded values by key; of a repeated key the last wins, flags gather (transformations.md §1)."""
        values: dict[str, str] = {}
        for param in self.params:
            if param.key == "fl" and "fl" in values:
                values["fl"] += "." + param.value
            else:
                values[param.key] = param.value
        return values


def is_component(segment: str) -> bool:
    """Whether a path segment is taken for a component: its first comma-part looks like a param."""
    return _LOOKS_LIKE_PARAM.match(segment.split(",", 1)[0]) is not None


def split_component(segment: str) -> Component:
    """The params of one segment, or `Invalid transformation component - <segment>`."""
    params = tuple(_param(part, segment) for part in segment.split(",") if part)
    if not params:
        raise _invalid(segment)
    return Component(segment, params)


def split_chain(chain: str) -> tuple[Component, ...]:
    """The components of a raw chain; empty segments (a trailing or doubled slash) count for nothing."""
    return tuple(split_component(segment) for segment in chain.split("/") if segment)


def _param(part: str, segment: str) -> Param:
    if part == "end_if":  # a synonym (transformations.md §8)
        return Param("if", "end")
    key, underscore, raw = part.partition("_")
    known = key in KEYS or (key.startswith("$") and _LOOKS_LIKE_PARAM.match(part) is not None)
    if not (known and underscore and raw):
        raise _invalid(segment)
    return Param(key, raw)


def _invalid(segment: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid transformation component - {printable(segment)}")
