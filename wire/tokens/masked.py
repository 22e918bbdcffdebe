"""What logs do not show: who reads a token is let in as its holder."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from wire.tokens.cloudinary import NAME as TOKEN

HIDDEN = "…"
OF_ORIGINS = frozenset({TOKEN})
"""What origins let viewers in by."""


_IN_TEXT = re.compile(rf"\b({TOKEN}=)[^\s&;'\"]+")


def masked(query: str, names: Collection[str]) -> str:
    """A raw query in which parameters of these names have no value to be seen."""
    return "&".join(_masked_pair(pair, names) for pair in query.split("&"))


def masked_url(url: str, names: Collection[str]) -> str:
    """A URL whose query is masked."""
    rest, mark, query = url.partition("?")
    return rest + mark + masked(query, names)


def masked_cookies(line: str, names: Collection[str], written: Callable[[str], str]) -> str:
    """A Cookie field, written so, in which cookies of these names have no value to be seen."""
    pairs = (pair.strip() for pair in line.split(";"))
    return written("; ").join(_masked_pair(written(pair), names) for pair in pairs if pair)


def masked_text(text: str) -> str:
    """Any text, without the value of what origins let viewers in by, in a query or as a cookie."""
    return _IN_TEXT.sub(rf"\1{HIDDEN}", text) if TOKEN in text else text


def _masked_pair(pair: str, names: Collection[str]) -> str:
    name, mark, value = pair.partition("=")
    return f"{name}={HIDDEN}" if name in names else name + mark + value
