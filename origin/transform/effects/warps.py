"""Effects that move pixels: `shear`, `distort` by four corners or along an arc. Sheet: §12.3."""

import math
from fractions import Fraction

from attrs import frozen

from origin.transform.plan import Filter
from origin.transform.values import half_up

Point = tuple[Fraction, Fraction]


@frozen
class Matrix:
    """A projective map of the plane, row by row."""

    rows: tuple[tuple[Fraction, Fraction, Fraction], ...]

    @property
    def inverse(self) -> "Matrix":
        """Up to a factor, which does not matter here: the adjugate."""
        (a, b, c), (d, e, f), (g, h, i) = self.rows
        return Matrix(
            (
                (e * i - f * h, c * h - b * i, b * f - c * e),
                (f * g - d * i, a * i - c * g, c * d - a * f),
                (d * h - e * g, b * g - a * h, a * e - b * d),
            )
        )


def perspective(width: int, height: int, corners: tuple[Point, ...]) -> Filter | None:
    """The image with its corners (from top left, clockwise) moved there, on their bounding box.

    None for corners that do not span a convex area.
    """
    if not _is_convex(corners):
        return None
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    across, down = max(x for x, _ in corners) - left, max(y for _, y in corners) - top
    placed = tuple((x - left, y - top) for x, y in corners)
    rows = _square_to(placed).inverse.rows
    last = rows[2][2]
    if not last:  # the horizon touches the canvas's corner: no finite picture
        return None
    u, v, w = (tuple(cell / last for cell in row) for row in rows)
    coefficients = [*(cell * width for cell in u), *(cell * height for cell in v), *w[:2]]
    size = max(1, half_up(across)), max(1, half_up(down))
    return Filter("perspective", tuple(map(float, coefficients)), *size)


def sheared(width: int, height: int, across: int, down: int) -> Filter | None:
    """Slanted by degrees: each row moved by its height, then each column by its place."""
    slant_x, slant_y = _tangent(across), _tangent(down)
    corners = []
    for x, y in ((0, 0), (width, 0), (width, height), (0, height)):
        moved = x + slant_x * y
        corners.append((moved, y + slant_y * moved))
    return perspective(width, height, tuple(corners))


def arc(width: int, height: int, degrees: int) -> Filter:
    """Bent so that the middle row becomes an arc of its own length; negative bends the other way."""
    angle = math.radians(abs(degrees))
    radius = width / angle
    outer, inner = radius + height / 2, max(0.0, radius - height / 2)
    half = min(angle / 2, math.pi)
    across = 2 * outer * (math.sin(half) if half < math.pi / 2 else 1)
    lowest = math.cos(half) * (inner if half < math.pi / 2 else outer)
    size = max(1, math.ceil(across)), max(1, math.ceil(outer - lowest))
    return Filter("arc", (degrees, radius), *size)


def _tangent(degrees: int) -> Fraction:
    return Fraction(round(math.tan(math.radians(degrees)) * 10**9), 10**9)


def _is_convex(corners: tuple[Point, ...]) -> bool:
    """Whether every turn goes the same way: mirrored is fine, folded is not."""
    turns = []
    for index in range(4):
        (ax, ay), (bx, by), (cx, cy) = (corners[(index + step) % 4] for step in range(3))
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    return all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)


def _square_to(corners: tuple[Point, ...]) -> Matrix:
    """The map of the unit square onto a quadrilateral (Heckbert 1989, §2.2.3)."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    determinant = dx1 * dy2 - dx2 * dy1
    g = (sx * dy2 - dx2 * sy) / determinant
    h = (dx1 * sy - sx * dy1) / determinant
    return Matrix(
        (
            (x1 - x0 + g * x1, x3 - x0 + h * x3, x0),
            (y1 - y0 + g * y1, y3 - y0 + h * y3, y0),
            (g, h, Fraction(1)),
        )
    )
