"""Patterns of paths and hosts: `*` is any run of characters, `?` exactly one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum


class Wild(Enum):
    """What in a pattern stands for other characters."""

    RUN = "*"
    ONE = "?"


Parts = Sequence[str | Wild]


def parts_of(pattern: str) -> Parts:
    """The pattern character by character; `\\?` is a question mark that means itself."""
    parts: list[str | Wild] = []
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\" and pattern[at + 1 : at + 2] == "?":
            parts.append("?")
            at += 1
        else:
            parts.append(Wild(letter) if letter in "*?" else letter)
        at += 1
    return parts


def fits(parts: Parts, text: str) -> bool:
    """Whether the whole text is the pattern's. Two pointers that go back to the last `*` at most: whoever writes the
    pattern, it costs no more than pattern times text."""
    at = place = 0
    star, taken = -1, 0
    while at < len(text):
        part = parts[place] if place < len(parts) else None
        if part is Wild.RUN:
            star, taken = place, at
            place += 1
        elif part is Wild.ONE or part == text[at]:
            at += 1
            place += 1
        elif star >= 0:
            taken += 1
            at, place = taken, star + 1
        else:
            return False
    return all(part is Wild.RUN for part in parts[place:])
