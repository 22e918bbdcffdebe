"""Cache-Control as it is found in the wild: lenient where that is safe, strict where lenience would store
more."""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from wire.http.fields import split_list

FOREVER = 2_147_483_648  # RFC 9111 §1.2.2: what overflows is infinity
REMEMBERED_LENGTH = 256
_DELTA = re.compile("[0-9]+", re.ASCII)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


@frozen
class CacheControl:
    """Directives in order, names in lower case; arguments unquoted, None where there is none."""

    directives: tuple[tuple[str, str | None], ...] = ()
    broken: bool = False
    """A quote never closes: nothing said about freshness can be trusted (sheet 1.3)."""

    def has(self, name: str) -> bool:
        """Whether the directive is there, whatever its argument (sheet 1.9)."""
        for known, _ in self.directives:  # noqa: SIM110  a generator costs more than the search
            if known == name:
                return True
        return False

    def seconds(self, name: str) -> int | None:
        """The first such directive's delta-seconds: None if there is none, -1 if it is no number (sheet
        1.4–1.6)."""
        for known, argument in self.directives:
            if known == name:
                return delta_seconds(argument) if argument is not None else -1
        return None

    def names(self, name: str) -> frozenset[str] | None:
        """Field names of a qualified `no-cache` or `private`: None if absent, empty if unqualified (sheet
        1.10)."""
        named: set[str] = set()
        found = False
        for known, argument in self.directives:
            if known != name:
                continue
            found = True
            fields = {field.lower() for field in split_list((argument or "").replace('"', ""))}
            if not fields:
                return frozenset()
            named |= fields
        return frozenset(named) if found else None


def delta_seconds(text: str) -> int:
    """ASCII digits and nothing else, clamped; -1 for anything else. (`int()` would take "+60", " 60" and
    "6_0".)"""
    if not _DELTA.fullmatch(text):
        return -1
    digits = text.lstrip("0")  # int() refuses some thousands of them, leading zeros too
    return FOREVER if len(digits) > 10 else min(int(digits or "0"), FOREVER)


def parse_cache_control(joined: str | None) -> CacheControl:
    """The directives of all Cache-Control lines, joined (sheet 1.1)."""
    if not joined:
        return CacheControl()
    return _parsed(joined) if len(joined) <= REMEMBERED_LENGTH else _parsed.__wrapped__(joined)


@lru_cache(maxsize=256)
def _parsed(joined: str) -> CacheControl:
    """The same: what origins say is said in few ways."""
    broken = _is_unclosed(joined)
    # In a broken field a prohibition may hide behind the open quote: read each piece, whatever the quotes
    # say.
    members = tuple(part.strip(" \t") for part in joined.split(",")) if broken else split_list(joined)
    return CacheControl(tuple(_directive(member) for member in members if member), broken)


def _directive(member: str) -> tuple[str, str | None]:
    name, equals, argument = member.partition("=")
    if not equals:
        return name.strip(" \t").lower(), None
    quoted = _QUOTED.fullmatch(argument)
    if quoted:
        argument = re.sub(r"\\(.)", r"\1", quoted[1])
    if name != name.rstrip(
        " \t"
    ):  # white space beside "=" is not in the grammar: the name counts, the value does not
        argument = " " + argument
    return name.strip(" \t").lower(), argument


def _is_unclosed(text: str) -> bool:
    if '"' not in text:
        return False
    quoted, escaped = False, False
    for letter in text:
        if escaped:
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
    return quoted
