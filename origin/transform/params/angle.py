"""Turning and mirroring: `a_`. Sheet: transformations.md §6.1."""

import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from attrs import frozen

from origin.transform.values import read_number, refused, spelled_number

_PART = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?|-?\.[0-9]{1,9}|[a-z_]+")
_AUTOMATIC = {"auto": "auto_right", "auto_right": "auto_right", "auto_left": "auto_left"}


@frozen
class Turns:
    """Clockwise degrees (0 < d < 360), `hflip` and `vflip`, in the order they are applied."""

    steps: tuple[Fraction | str, ...] = ()
    ignore_orientation: bool = False  # a_ignore: the pixels as stored
    automatic: str | None = None  # auto_right, auto_left: a quarter before a crop of the other orientation

    def spelled(self) -> tuple[str, ...]:
        """The canonical params; `ignore` belongs to the chain and is not repeated here."""
        texts: list[Fraction | str] = [self.automatic] if self.automatic is not None else []
        texts += self.steps
        if not texts:
            return ()
        text = _spelled(texts[0])
        for before, step in pairwise(texts):
            text += (":" if isinstance(before, Fraction) and isinstance(step, Fraction) else ".") + _spelled(
                step
            )
        return (f"a_{text}",)


_NONE = Turns()


def read(values: Mapping[str, str]) -> Turns:
    """The turns a component asks for."""
    text = values.get("a")
    if text is None:
        return _NONE
    steps: list[Fraction | str] = []
    ignore = False
    automatic: str | None = None
    for part in _parts(text):
        if part in ("hflip", "vflip"):
            steps.append(part)
        elif part == "ignore":
            ignore = True
        elif part in _AUTOMATIC:
            automatic = _AUTOMATIC[part]
        elif part != "exif":  # the legacy spelling of the default
            degrees = read_number(part)
            if degrees is None:
                raise refused("a", "angle", text)
            if degrees % 360:
                steps.append(degrees % 360)
    return Turns(tuple(steps), ignore, automatic)


def _spelled(step: Fraction | str) -> str:
    return step if isinstance(step, str) else spelled_number(step)


def _parts(text: str) -> list[str]:
    """Parts joined by dots, or by colons as js-url-gen does; a dot between digits is a decimal point."""
    parts, position = [], 0
    while (found := _PART.match(text, position)) is not None:
        parts.append(found[0])
        position = found.end()
        if position == len(text):
            return parts
        if text[position] not in ".:":
            break
        position += 1
    raise refused("a", "angle", text)
