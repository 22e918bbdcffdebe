"""`im=…`: operations on a picture, in a query, as components of the origin's grammar (cdn-vendors §16).

`Resize=(200,100);Crop,rect=(0,0,50,50);Grayscale`: operations in their order, each with one value of its own or with
named ones. Those are known that the origin has an equal of.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from attrs import define

from wire.components import printable
from wire.errors import InvalidRequest

MOST = 10
"""Operations of one query."""
_COMMA = re.compile(r",(?![^()]*\))")
_NUMBER = re.compile(r"-?[0-9]{1,5}(?:\.[0-9]{1,4})?")
_COLOUR = re.compile("[0-9A-Fa-f]{6}")
_OWN = ""
"""The name of a value that stands behind the operation's own: `Blur=2`."""
_SIGMA = 2.0
_LEVELS_PER_SIGMA = 40
"""`e_blur:40` is a Gaussian blur of one pixel."""
_GRAVITIES = {
    name.replace("_", ""): name
    for name in (
        *("north_west", "north", "north_east", "west", "center", "east"),
        *("south_west", "south", "south_east"),
    )
}
_TURNS = {"hflip": "horizontal", "vflip": "vertical"}
_FITS = {"fit-normal": "fit", "fit-downsize": "limit", "ignore-normal": "scale"}
"""Aspect and type of Resize → the origin's way to crop."""


def components_of(query: str) -> tuple[str, ...]:
    """What a query comes to; InvalidRequest for one with a mistake, or with what is not known here."""
    operations = [each for each in query.split(";") if each.strip()]
    if len(operations) > MOST:
        raise InvalidRequest(f"im: more than {MOST} operations")
    return tuple(component for each in operations for component in _components(each.strip()))


def _components(text: str) -> tuple[str, ...]:
    head, *parts = _COMMA.split(text)
    name, equals, own = head.partition("=")
    read = OPERATIONS.get(name)
    if read is None:
        raise InvalidRequest(f"im: {printable(name)} is none of {', '.join(OPERATIONS)}")
    told = {_OWN: own} if equals else {}
    for part in parts:
        key, _, value = part.strip().partition("=")
        told[key] = value
    values = Values(name, told)
    found = read(values)
    values.must_be_read()
    return found


@define
class Values:
    """The values of one operation, each to be read once."""

    operation: str
    told: dict[str, str]

    def numbers(self, *names: str) -> list[float]:
        """Those of a list, by the first of these names that is there; empty without any."""
        found = next((self.told.pop(name) for name in names if name in self.told), None)
        if found is None:
            return []
        texts = [text.strip() for text in found.removeprefix("(").removesuffix(")").split(",")]
        if not all(map(_NUMBER.fullmatch, texts)):
            raise self.mistake(found)
        return [float(text) for text in texts]

    def number(self, least: float, most: float, *names: str, default: float) -> float:
        """A single one within limits."""
        found = self.numbers(*names) or [default]
        if len(found) != 1 or not least <= found[0] <= most:
            raise self.mistake(names[-1])
        return found[0]

    def word(self, name: str, default: str) -> str:
        """A text as it stands."""
        return self.told.pop(name, default).strip()

    def flag(self, name: str) -> bool:
        """Whether it is switched on: by its name alone, or by `=true`."""
        text = self.told.pop(name, "false")
        if text not in ("", "true", "false"):
            raise self.mistake(text)
        return text != "false"

    def must_be_read(self) -> None:
        """InvalidRequest where something was told that nobody asked for."""
        if self.told:
            raise self.mistake(next(iter(self.told)))

    def mistake(self, text: str) -> InvalidRequest:
        """For a value that cannot be."""
        return InvalidRequest(f"im: {self.operation} cannot have {printable(text) or 'that'}")


def _pixels(values: Values, *names: str) -> list[int]:
    found = values.numbers(*names)
    if any(each < 0 or each != int(each) for each in found):
        raise values.mistake(" ".join(f"{each:g}" for each in found))
    return [int(each) for each in found]


def _pixel(values: Values, name: str, default: int) -> int:
    return next(iter(_pixels(values, name)), default)


def _sides(values: Values) -> tuple[int, int]:
    """Width and height, each 0 where it is not given."""
    width, height, *more = (*_pixels(values, _OWN, "size"), 0, 0)
    if len(more) > 2:
        raise values.mistake("more than two sides")
    width, height = _pixel(values, "width", width), _pixel(values, "height", height)
    if not width and not height:
        raise values.mistake("no width and no height")
    return width, height


def _sized(width: int, height: int) -> str:
    return ",".join(f"{key}_{side}" for key, side in (("w", width), ("h", height)) if side)


def _resize(values: Values) -> tuple[str, ...]:
    width, height = _sides(values)
    way = f"{values.word('aspect', 'fit')}-{values.word('type', 'normal')}"
    if way not in _FITS or (way == "ignore-normal" and not (width and height)):
        raise values.mistake(way)
    return (f"c_{_FITS[way]},{_sized(width, height)}",)


def _crop(values: Values) -> tuple[str, ...]:
    """Of the picture a part. Offsets count from the left and the top, or from the middle: `gravity` says which."""
    rect = _pixels(values, "rect")
    if rect and len(rect) != 4:
        raise values.mistake("a rect but of four numbers")
    x, y = rect[:2] or (0, 0)
    width, height = rect[2:] if rect else _sides(values)
    x, y = _pixel(values, "xPosition", x), _pixel(values, "yPosition", y)
    gravity = _GRAVITIES.get(values.word("gravity", "NorthWest").lower())
    if gravity is None or not width or not height:
        raise values.mistake("this gravity" if gravity is None else "no area")
    if (x and "east" in gravity) or (y and "south" in gravity):
        raise values.mistake("an offset from the right or the bottom")
    return (f"c_crop,g_{gravity},{_sized(width, height)},x_{x},y_{y}",)


def _mirror(values: Values) -> tuple[str, ...]:
    found = [f"a_{turn}" for turn, name in _TURNS.items() if values.flag(name)]
    if not found:
        raise values.mistake("neither horizontal nor vertical")
    return tuple(found)


def _rotate(values: Values) -> tuple[str, ...]:
    return (f"a_{round(values.number(-360, 360, _OWN, 'degrees', default=0))}",)


def _blur(values: Values) -> tuple[str, ...]:
    sigma = values.number(0, 50, _OWN, "sigma", default=_SIGMA)
    return (f"e_blur:{max(1, round(_LEVELS_PER_SIGMA * sigma))}",)


def _opacity(values: Values) -> tuple[str, ...]:
    return (f"o_{round(100 * values.number(0, 1, _OWN, 'opacity', default=1))}",)


def _grayscale(_: Values) -> tuple[str, ...]:
    return ("e_grayscale",)


def _background_color(values: Values) -> tuple[str, ...]:
    colour = values.word("color", values.word(_OWN, "ffffff")).lower()
    if not _COLOUR.fullmatch(colour):
        raise values.mistake(colour)
    return (f"b_rgb:{colour}",)


OPERATIONS: dict[str, Callable[[Values], tuple[str, ...]]] = {
    "BackgroundColor": _background_color,
    "Blur": _blur,
    "Crop": _crop,
    "Grayscale": _grayscale,
    "Mirror": _mirror,
    "Opacity": _opacity,
    "Resize": _resize,
    "Rotate": _rotate,
}
