"""`e_zoompan`: a still image as a journey from one view of it to another. Sheet: transformations.md §12.3.

`du` seconds at `fps` pictures a second; each end is a zoom and a middle, by gravity or by its point.
"""

from collections.abc import Callable
from fractions import Fraction

from attrs import evolve, frozen

from origin.transform.attention import Attention
from origin.transform.effects.arguments import pieces
from origin.transform.params.gravity import LIQUID, POINT, Gravity, read_gravity
from origin.transform.plan import Filter
from origin.transform.values import (
    Length,
    Original,
    Pixels,
    half_up,
    read_length,
    read_number,
    spelled_number,
)
from origin.transform.view import Aim, Spot

Box = tuple[float, float, float, float]
Aimed = Callable[[Gravity], Aim]
"""Where a gravity that names what is in the picture points."""

MOST_PICTURES = 1000
_LONGEST, _FASTEST, _NEAREST = 60, 60, 10
_WHERE = {"north": (1, 0), "south": (1, 2), "west": (0, 1), "east": (2, 1), "center": (1, 1)}
_WHERE |= {"north_west": (0, 0), "north_east": (2, 0), "south_west": (0, 2), "south_east": (2, 2)}


@frozen
class View:
    """One end of the journey."""

    zoom: Fraction = Fraction(1)
    gravity: Gravity = "center"
    x: Length | None = None  # of the middle
    y: Length | None = None

    @property
    def text(self) -> str:
        """The canonical value."""
        parts = [f"zoom_{spelled_number(self.zoom)}"]
        if self.gravity != "center":
            parts.insert(0, f"g_{self.gravity}")
        parts += [f"{name}_{value}" for name, value in (("x", self.x), ("y", self.y)) if value is not None]
        return f"({';'.join(parts)})"

    def box(self, size: tuple[int, int], original: tuple[int, int], aimed: Aimed) -> Box:
        """What it shows of an image of that size, never beyond its edges."""
        width, height = (side / float(self.zoom) for side in size)
        corner = self._corner(size, (width, height), aimed)
        edges = []
        for axis, (seen, place) in enumerate(zip((width, height), (self.x, self.y), strict=True)):
            start = corner[axis] if place is None else _along(place, axis, size[axis], original) - seen / 2
            edges.append(min(max(start, 0.0), size[axis] - seen))
        left, top = edges
        return left, top, left + width, top + height

    def _corner(self, size: tuple[int, int], seen: tuple[float, float], aimed: Aimed) -> tuple[float, float]:
        """Left and top of what is seen, as the gravity has it."""
        match self.gravity if isinstance(self.gravity, str) else aimed(self.gravity):
            case str(word):
                across, down = _WHERE[word]
                return (size[0] - seen[0]) * across / 2, (size[1] - seen[1]) * down / 2
            case Spot(area=(left, top, right, bottom)):
                return float(left + right - seen[0]) / 2, float(top + bottom - seen[1]) / 2
            case Attention() as attention:
                window = attention.best(*seen)
                return window.left, window.top


@frozen
class Journey:
    """Where it begins and ends, and how long it takes."""

    seconds: Fraction = Fraction(4)
    rate: Fraction = Fraction(12)
    start: View = View()
    end: View = View(Fraction(3, 2))

    @property
    def tokens(self) -> tuple[str, ...]:
        """The canonical arguments, defaults written out."""
        return (
            f"du_{spelled_number(self.seconds)}",
            f"fps_{spelled_number(self.rate)}",
            f"from_{self.start.text}",
            f"to_{self.end.text}",
        )

    def filter(self, size: tuple[int, int], original: tuple[int, int], aimed: Aimed) -> Filter:
        """The operation on an image of that size."""
        count = min(max(2, half_up(self.seconds * self.rate)), MOST_PICTURES)
        delay = max(1, half_up(1000 / self.rate))
        ends = (self.start.box(size, original, aimed), self.end.box(size, original, aimed))
        return Filter("zoompan", (count, delay, *ends), *size)


def read_journey(text: str) -> Journey | None:
    """The journey an argument text describes; None if it describes none."""
    found: dict[str, str] = {}
    for piece in pieces(text, ";:"):
        name, _, value = piece[1:].partition("_")
        if name in found or not value:
            return None
        found[name] = value
    if (
        found.keys() - {"mode", "maxzoom", "du", "fps", "from", "to"}
        or not found.get("mode", "ofc").isalpha()
    ):
        return None
    default = Journey()
    nearest = _between(found.get("maxzoom"), default.end.zoom, 1, _NEAREST)
    seconds = _between(found.get("du"), default.seconds, Fraction(1, 10), _LONGEST)
    rate = _between(found.get("fps"), default.rate, 1, _FASTEST)
    start = _view(found.get("from"), default.start)
    end = None if nearest is None else _view(found.get("to"), evolve(default.end, zoom=nearest))
    if None in (seconds, rate, start, end):
        return None
    assert seconds is not None
    assert rate is not None
    assert start is not None
    assert end is not None
    return Journey(seconds, rate, start, end)


def _view(text: str | None, default: View) -> View | None:
    if text is None:
        return default
    if not (text.startswith("(") and text.endswith(")")):
        return None
    view = default
    for piece in pieces(text[1:-1], ";"):
        name, _, value = piece[1:].partition("_")
        match name:
            case "zoom":
                zoom = _between(value, default.zoom, 1, _NEAREST)
                if zoom is None:
                    return None
                view = evolve(view, zoom=zoom)
            case "g":
                gravity = read_gravity(value)
                if gravity is None or gravity in (POINT, LIQUID):
                    return None
                view = evolve(view, gravity=gravity)
            case "x" | "y":
                length = read_length(value)
                if length is None:
                    return None
                view = evolve(view, x=length) if name == "x" else evolve(view, y=length)
            case _:
                return None
    return view


def _between(text: str | None, default: Fraction, least: Fraction | int, most: int) -> Fraction | None:
    """A number, clamped (§12)."""
    if text is None:
        return default
    number = read_number(text)
    return None if number is None else min(max(number, Fraction(least)), Fraction(most))


def _along(length: Length, axis: int, side: int, original: tuple[int, int]) -> float:
    if isinstance(length, Pixels):
        return length.count
    if isinstance(length, Original):
        return original["wh".index(length.side)]
    return float(length.of * side)
