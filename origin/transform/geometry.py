"""Where pixels come from and where they go: the crop modes in exact rationals (transformations.md §4, §5).

Boxes are in pixels of the current image. A mode described as "scale, then cut" is expressed as the box
of the current image that the cut shows, so the renderer cuts and resamples in one pass.
"""

import math
from fractions import Fraction

from attrs import frozen

from origin.transform.params.size import PADDING, Resize
from origin.transform.values import Length, Original, Pixels, half_up, half_up_ratio

Size = tuple[int, int]
Edge = Fraction | int
Box = tuple[Edge, Edge, Edge, Edge]  # left, top, right, bottom


_NOTHING = Fraction(0)


@frozen
class Canvas:
    """A larger or smaller ground, and where the image lies on it."""

    width: int
    height: int
    left: int
    top: int


@frozen
class Placement:
    """Cut `box`, resample it to width × height, lay that on `canvas` if there is one."""

    box: Box
    width: int
    height: int
    canvas: Canvas | None = None


def placed(
    resize: Resize, current: Size, original: Size, dpr: Fraction, base: Size | None = None
) -> Placement:
    """What a resize does to an image of the `current` size, if need be relative to a `base` it will lie on."""
    wanted = target(resize, current, original, dpr, base)
    grid = _Grid(resize, original, dpr)
    match resize.mode:
        case "scale":
            return _whole(current, wanted)
        case "fit" | "limit" | "mfit":
            return _whole(current, _scaled(current, _factor(resize, current, wanted)))
        case "fill" | "lfill":
            return _filled(grid, current, wanted, may_enlarge=resize.mode == "fill")
        case "thumb":
            return _zoomed(_filled(grid, current, wanted, may_enlarge=True), current, resize.zoom)
        case "crop":
            return _cropped(grid, current, wanted)
        case _:
            return _padded(grid, current, wanted)


def target(resize: Resize, current: Size, original: Size, dpr: Fraction, base: Size | None = None) -> Size:
    """The size asked for: what is missing follows from the ratio, or from the image's own (§4.1)."""
    whole = base if base is not None and resize.relative else current
    width = _side(resize.width, whole[0], original, dpr)
    height = _side(resize.height, whole[1], original, dpr)
    if width is not None and height is not None:
        return width, height
    over, under = current if resize.ratio is None else (resize.ratio.numerator, resize.ratio.denominator)
    if width is not None:
        return width, current[1] if resize.stretch else max(1, half_up_ratio(width * under, over))
    if height is not None:
        return current[0] if resize.stretch else max(1, half_up_ratio(height * over, under)), height
    ratio = Fraction(over, under)
    too_wide = Fraction(*current) > ratio
    if too_wide == (resize.mode in PADDING):
        return current[0], _at_least_one(current[0] / ratio)
    return _at_least_one(current[1] * ratio), current[1]


def corner(anchor: Resize, outer: Size, inner: Size, original: Size, dpr: Fraction) -> Size:
    """Left and top of `inner` laid on `outer` by a gravity with its offsets; it may stick out (§5.1)."""
    return _Grid(anchor, original, dpr).corner(outer, inner)


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


@frozen
class _Grid:
    """Gravity with its offsets: where a window or an image of one size lies in or on another (§5.1)."""

    resize: Resize
    original: Size
    dpr: Fraction

    def corner(self, outer: Size, inner: Size, before: Size | None = None) -> Size:
        """Left and top of `inner` on `outer`; a point of the image of the size `before` moves along (xy_center)."""
        gravity = self.resize.gravity
        x, y = self._offset(self.resize.x, outer[0]), self._offset(self.resize.y, outer[1])
        if gravity == "xy_center":
            if before is not None and isinstance(self.resize.x, Pixels):
                x *= Fraction(outer[0], before[0])
            if before is not None and isinstance(self.resize.y, Pixels):
                y *= Fraction(outer[1], before[1])
            return math.floor(x - Fraction(inner[0], 2)), math.floor(y - Fraction(inner[1], 2))
        left = _anchored(gravity, "west", "east", outer[0], inner[0], half_up(x))
        top = _anchored(gravity, "north", "south", outer[1], inner[1], half_up(y))
        return left, top

    def _offset(self, length: Length | None, reference: int) -> Fraction:
        if length is None:
            return _NOTHING
        if isinstance(length, Pixels):
            return length.count * self.dpr
        if isinstance(length, Original):
            return Fraction(self.original["wh".index(length.side)])
        return length.of * reference


def _anchored(gravity: str, near: str, far: str, outer: int, inner: int, offset: int) -> int:
    if near in gravity:
        return offset
    if far in gravity:
        return outer - inner - offset
    return (outer - inner) // 2 + offset


def _factor(resize: Resize, current: Size, wanted: Size) -> Fraction:
    factor = min(_factors(resize, current, wanted))
    if resize.mode in ("limit", "lpad"):
        return min(factor, Fraction(1))
    return max(factor, Fraction(1)) if resize.mode == "mfit" else factor


def _factors(resize: Resize, current: Size, wanted: Size) -> tuple[Fraction, ...]:
    """How each side would scale. A side that only follows from the other one, rounded, has no say."""
    across, down = Fraction(wanted[0], current[0]), Fraction(wanted[1], current[1])
    if resize.ratio is not None or resize.stretch:
        return across, down
    return (down,) if resize.width is None else (across,) if resize.height is None else (across, down)


def _filled(grid: _Grid, current: Size, wanted: Size, *, may_enlarge: bool) -> Placement:
    factor = max(_factors(grid.resize, current, wanted))
    if not may_enlarge:
        factor = min(factor, Fraction(1))
    scaled = _scaled(current, factor)
    size = (min(wanted[0], scaled[0]), min(wanted[1], scaled[1]))
    left, top = grid.corner(scaled, size, before=current)
    left, top = _held(left, scaled[0] - size[0]), _held(top, scaled[1] - size[1])
    box = (
        Fraction(left * current[0], scaled[0]),
        Fraction(top * current[1], scaled[1]),
        Fraction((left + size[0]) * current[0], scaled[0]),
        Fraction((top + size[1]) * current[1], scaled[1]),
    )
    return Placement(box, *size)


def _zoomed(filled: Placement, current: Size, zoom: Fraction) -> Placement:
    """The same result from a tighter or wider region about the same centre, shifted, then shrunk to fit."""
    left, top, right, bottom = filled.box
    shrink = min(1 / zoom, Fraction(current[0]) / (right - left), Fraction(current[1]) / (bottom - top))
    width, height = (right - left) * shrink, (bottom - top) * shrink
    new_left = min(max((left + right - width) / 2, _NOTHING), current[0] - width)
    new_top = min(max((top + bottom - height) / 2, _NOTHING), current[1] - height)
    return Placement((new_left, new_top, new_left + width, new_top + height), filled.width, filled.height)


def _cropped(grid: _Grid, current: Size, wanted: Size) -> Placement:
    left, top = grid.corner(current, wanted)
    if grid.resize.gravity == "xy_center":  # the window keeps its size and moves in
        left, top = _held(left, current[0] - wanted[0]), _held(top, current[1] - wanted[1])
    start_x, stop_x = _overlap(left, wanted[0], current[0])
    start_y, stop_y = _overlap(top, wanted[1], current[1])
    return Placement((start_x, start_y, stop_x, stop_y), stop_x - start_x, stop_y - start_y)


def _padded(grid: _Grid, current: Size, wanted: Size) -> Placement:
    if grid.resize.mode == "mpad":
        canvas, size = (max(current[0], wanted[0]), max(current[1], wanted[1])), current
    else:
        canvas, size = wanted, _scaled(current, _factor(grid.resize, current, wanted))
    whole = _whole(current, size)
    return Placement(whole.box, *size, canvas=Canvas(*canvas, *grid.corner(canvas, size)))


def _whole(current: Size, size: Size) -> Placement:
    return Placement((0, 0, *current), *size)


def _scaled(current: Size, factor: Fraction) -> Size:
    over, under = factor.numerator, factor.denominator
    return max(1, half_up_ratio(current[0] * over, under)), max(1, half_up_ratio(current[1] * over, under))


def _side(length: Length | None, reference: int, original: Size, dpr: Fraction) -> int | None:
    if length is None:
        return None
    if isinstance(length, Pixels):
        return max(1, half_up_ratio(length.count * dpr.numerator, dpr.denominator))
    if isinstance(length, Original):
        return original["wh".index(length.side)]
    return _at_least_one(length.of * reference)


def _overlap(start: int, length: int, limit: int) -> tuple[int, int]:
    """The part of a window that lies on the image; a window beside it shows the nearest pixel."""
    first, last = max(start, 0), min(start + length, limit)
    if first < last:
        return first, last
    nearest = min(max(start, 0), limit - 1)
    return nearest, nearest + 1


def _held(offset: int, most: int) -> int:
    return min(max(offset, 0), max(most, 0))


def _at_least_one(value: Fraction) -> int:
    return max(1, half_up(value))
