"""Prefixes as ranges that an index can serve."""

from typing import Any

from sqlalchemy import ColumnElement, and_

SURROGATES = range(0xD800, 0xE000)


def starts_with(column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """Texts from the prefix up to, without, its successor."""
    end = successor(prefix)
    lower: ColumnElement[bool] = column >= prefix
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
