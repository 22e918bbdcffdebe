"""Round corners: `r_`. Sheet: transformations.md §6.2."""

from collections.abc import Mapping
from fractions import Fraction

from attrs import frozen

from origin.transform.values import half_up, read_number, refused

MAX = -1
"""A radius of half the shorter side."""


@frozen
class Corners:
    """Radii clockwise from the top left, in pixels before `dpr`; or the inscribed ellipse."""

    radii: tuple[int, int, int, int] = (0, 0, 0, 0)
    ellipse: bool = False

    def spelled(self) -> tuple[str, ...]:
        """The canonical param, with equal radii said once."""
        if self.ellipse:
            return ("r_max",)
        texts = ["max" if radius == MAX else str(radius) for radius in self.radii]
        same = len(set(texts)) == 1 and MAX not in self.radii
        return (f"r_{texts[0] if same else ':'.join(texts)}",)

    def at(self, dpr: Fraction, longest: int) -> tuple[int, int, int, int]:
        """Device pixels, none longer than `longest`."""
        top_left, top_right, bottom_right, bottom_left = (
            longest if radius == MAX else min(half_up(radius * dpr), longest) for radius in self.radii
        )
        return top_left, top_right, bottom_right, bottom_left


def read(values: Mapping[str, str]) -> Corners | None:
    """The corners a component asks for; None when they stay square."""
    text = values.get("r")
    if text is None:
        return None
    if text == "max":
        return Corners(ellipse=True)
    radii = [_radius(part, text) for part in text.split(":")]
    match radii:
        case [every]:
            corners = (every, every, every, every)
        case [falling, rising]:
            corners = (falling, rising, falling, rising)
        case [top_left, rising, bottom_right]:
            corners = (top_left, rising, bottom_right, rising)
        case [top_left, top_right, bottom_right, bottom_left]:
            corners = (top_left, top_right, bottom_right, bottom_left)
        case _:
            raise refused("r", "radius", text)
    return Corners(corners) if any(corners) else None


def _radius(part: str, text: str) -> int:
    if part == "max":
        return MAX
    number = read_number(part)
    if number is None or number < 0:
        raise refused("r", "radius", text)
    return half_up(number)
