"""Where the points of the original have gone: a projective map, carried through every operation (§5.2)."""

import math
from fractions import Fraction

from attrs import frozen

from origin.transform.composite import Composite
from origin.transform.plan import Border, Filter, Flip, Operation, Pad, Provided, Resample, Rotate

Row = tuple[float, float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom
Size = tuple[int, int]


@frozen
class Trace:
    """A map of the plane, row by row; points of the original go in, points of the canvas come out."""

    rows: tuple[Row, Row, Row] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

    def point(self, x: float, y: float) -> tuple[float, float] | None:
        """Where a point lies now; None on the horizon of a distortion, or behind it."""
        (a, b, c), (d, e, f), (g, h, i) = self.rows
        below = g * x + h * y + i
        return ((a * x + b * y + c) / below, (d * x + e * y + f) / below) if below > 0 else None

    def box(self, box: Box) -> Box | None:
        """The bounding box of a box; None if part of it is out of this world."""
        left, top, right, bottom = box
        corners = [self.point(x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
        found = [corner for corner in corners if corner is not None]
        if len(found) < len(corners):
            return None
        xs, ys = zip(*found, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def inverse(self) -> "Trace":
        """Points of the canvas go in, points of the original come out."""
        (a, b, c), (d, e, f), (g, h, i) = self.rows
        determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
        if not determinant:
            return Trace()
        adjugate = (
            (e * i - f * h, c * h - b * i, b * f - c * e),
            (f * g - d * i, a * i - c * g, c * d - a * f),
            (d * h - e * g, b * g - a * h, a * e - b * d),
        )
        first, second, third = ((x / determinant, y / determinant, z / determinant) for x, y, z in adjugate)
        return Trace((first, second, third))

    @property
    def keeps_axes(self) -> bool:
        """Whether columns stay columns and rows stay rows."""
        (_, b, _), (d, _, _), (g, h, _) = self.rows
        return not (b or d or g or h)

    def then(self, later: "Trace") -> "Trace":
        """This map, followed by another."""
        columns = tuple(zip(*self.rows, strict=True))
        first, second, third = (
            tuple(sum(x * y for x, y in zip(row, column, strict=True)) for column in columns)
            for row in later.rows
        )
        return Trace(((*first,), (*second,), (*third,)))  # type: ignore[arg-type]  # three by three

    def after(self, operation: Operation, size: Size) -> "Trace":
        """The map after an operation has been carried out on a canvas of that size."""
        step = _step(operation, size)
        return self if step is None else self.then(step)


def rotated_size(width: int, height: int, degrees: Fraction) -> Size:
    """The bounding box of a turned image, exactly as Pillow's `rotate(expand=True)` computes it."""
    if degrees % 180 == 0:
        return width, height
    if degrees % 90 == 0:
        return height, width
    angle = math.radians(float(degrees))
    cosine, sine = round(math.cos(angle), 15), round(math.sin(angle), 15)
    middle_x, middle_y = width / 2, height / 2
    shift_x = cosine * -middle_x + sine * -middle_y + middle_x
    shift_y = -sine * -middle_x + cosine * -middle_y + middle_y
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    xs = [cosine * x + sine * y + shift_x for x, y in corners]
    ys = [-sine * x + cosine * y + shift_y for x, y in corners]
    return math.ceil(max(xs)) - math.floor(min(xs)), math.ceil(max(ys)) - math.floor(min(ys))


def size_after(operation: Operation, size: Size) -> Size:
    """The canvas's size after an operation."""
    match operation:
        case Resample() | Pad() | Border() | Filter() | Provided() | Composite():
            return operation.width, operation.height
        case Rotate():
            return rotated_size(*size, Fraction(operation.degrees))
        case _:
            return size


def turned_upright(orientation: int, width: int, height: int) -> Trace:
    """From stored pixels of that width and height to shown ones, by EXIF orientation."""
    x: Row = (1.0, 0.0, 0.0)
    y: Row = (0.0, 1.0, 0.0)
    if orientation in (2, 3, 7, 8):
        x = (-1.0, 0.0, float(width))
    if orientation in (3, 4, 6, 7):
        y = (0.0, -1.0, float(height))
    rows = (y, x) if orientation >= 5 else (x, y)
    return Trace((*rows, (0.0, 0.0, 1.0)))


def _step(operation: Operation, size: Size) -> Trace | None:
    """How one operation moves points; None if they stay."""
    width, height = size
    match operation:
        case Resample(box=(left, top, right, bottom)):
            across, down = operation.width / (right - left), operation.height / (bottom - top)
            return Trace(((across, 0.0, -left * across), (0.0, down, -top * down), (0.0, 0.0, 1.0)))
        case Pad():
            return _moved(operation.left, operation.top)
        case Border():
            return _moved(operation.thickness, operation.thickness)
        case Composite():
            return _moved(operation.base_left, operation.base_top)
        case Flip(horizontal=True):
            return Trace(((-1.0, 0.0, float(width)), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
        case Flip():
            return Trace(((1.0, 0.0, 0.0), (0.0, -1.0, float(height)), (0.0, 0.0, 1.0)))
        case Rotate():
            return _turned(operation.degrees, size)
        case Filter():
            return _filtered(operation, size)
        case _:
            return None


def _moved(left: float, top: float) -> Trace | None:
    return Trace(((1.0, 0.0, left), (0.0, 1.0, top), (0.0, 0.0, 1.0))) if left or top else None


def _turned(degrees: float, size: Size) -> Trace:
    """About the centre, which stays the centre of the larger canvas."""
    angle = math.radians(degrees)
    cosine, sine = round(math.cos(angle), 15), round(math.sin(angle), 15)
    width, height = rotated_size(*size, Fraction(degrees))
    x, y = size[0] / 2, size[1] / 2
    return Trace(
        (
            (cosine, -sine, width / 2 - cosine * x + sine * y),
            (sine, cosine, height / 2 - sine * x - cosine * y),
            (0.0, 0.0, 1.0),
        )
    )


def _filtered(operation: Filter, size: Size) -> Trace | None:
    """What a filter that makes room or bends does to points. An arc is taken for the stretch it lies in."""
    arguments = operation.arguments
    match operation.name:
        case "shadow":
            return _moved(arguments[2], arguments[3])
        case "outline":
            return _moved(arguments[-1], arguments[-1])
        case "automatic_ground" | "blurred_ground":
            return _moved(arguments[0], arguments[1])
        case "perspective":
            a, b, c, d, e, f, g, h = arguments
            return Trace(((a, b, c), (d, e, f), (g, h, 1.0))).inverse
        case _:
            across, down = operation.width / size[0], operation.height / size[1]
            return Trace(((across, 0.0, 0.0), (0.0, down, 0.0), (0.0, 0.0, 1.0)))
