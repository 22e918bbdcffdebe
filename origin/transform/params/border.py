"""Border: `bo_`, a frame that makes the image grow. Sheet: transformations.md §6.3."""

import re
from collections.abc import Mapping
from fractions import Fraction

from attrs import frozen

from origin.transform.colours import read_colour, spelled_colour
from origin.transform.plan import Rgba
from origin.transform.values import half_up, read_number, refused

_BORDER = re.compile(r"(?P<width>[0-9.]+)(?:px)?_solid(?:_(?P<colour>.+))?", re.DOTALL)
_BLACK: Rgba = (0, 0, 0, 255)


@frozen
class Border:
    """A thickness in pixels before `dpr`, at least one, and a colour."""

    thickness: int
    colour: Rgba

    def spelled(self) -> tuple[str, ...]:
        """The canonical param."""
        return (f"bo_{self.thickness}px_solid_{spelled_colour(self.colour)}",)

    def at(self, dpr: Fraction) -> int:
        """Device pixels."""
        return max(1, half_up(self.thickness * dpr))


def read(values: Mapping[str, str]) -> Border | None:
    """The border a component asks for; `0px` is none."""
    text = values.get("bo")
    if text is None:
        return None
    found = _BORDER.fullmatch(text)
    thickness = read_number(found["width"]) if found else None
    colour = read_colour(found["colour"]) if found and found["colour"] else _BLACK
    if thickness is None or colour is None:
        raise refused("bo", "border", text)
    return Border(half_up(thickness), colour) if half_up(thickness) else None
