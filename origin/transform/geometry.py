"""Where pixels come from and where they go: the crop modes in exact rationals (transformations.md §4, §5).

Boxes are in pixels of the current image. A mode described as "scale, then cut" is expressed as the box
of the current image that the cut shows, so the renderer cuts and resamples in one pass.
"""

import math
from fractions import Fraction

from attrs import frozen

from origin.transform import framing
from origin.transform.attention import Attention
from origin.transform.params.size import PADDING, Resize
from origin.transform.sight import Area as Box
from origin.transform.values import Length, Original, Pixels, half_up, half_up_ratio
from origin.transform.view import Aim, Spot

Size = tuple[int, int]

_ZERO = Fraction(0)


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
    resize: Resize,
    current: Size,
    original: Size,
    dpr: Fraction,
    base: Size | None = None,
    aim: Aim | None = None,
) -> Placement:
    """What a resize does to an image of the `current` size, if need be relative to a `base` it will lie on.

    `aim` is what its gravity has come to, where that is no place by the compass.
    """
    aim = _known(resize, aim)
    wanted = target(resize, current, original, dpr, base)
    grid = _Grid(resize, aim, original, dpr)
    if resize.is_region:
        return _region(aim, current, resize.zoom) if isinstance(aim, Spot) else _whole(current, current)
    match resize.mode:
        case "scale":
            return _whole(current, wanted)
        case "fit" | "limit" | "mfit":
            return _whole(current, _scaled(current, _factor(resize, current, wanted)))
        case "fill" | "lfill":
            return _filled(grid, current, wanted, may_enlarge=resize.mode == "fill")
        case "thumb" | "auto":
            return _framed(grid, current, wanted)
        case "crop":
            return _cropped(grid, current, wanted)
        case "fill_pad":
            filled = _filled(grid, current, wanted, may_enlarge=True)
            return _kept(filled, aim, current, wanted)
        case "auto_pad":
            return _kept(_framed(grid, current, wanted), aim, current, wanted)
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


def corner(
    anchor: Resize, outer: Size, inner: Size, original: Size, dpr: Fraction, aim: Aim | None = None
) -> Size:
    """Left and top of `inner` laid on `outer` by a gravity with its offsets; it may stick out (§5.1)."""
    return _Grid(anchor, _known(anchor, aim), original, dpr).corner(outer, inner)


def _known(resize: Resize, aim: Aim | None) -> Aim:
    if aim is None:
        assert isinstance(resize.gravity, str), f"nobody has looked for {resize.gravity}"
        return resize.gravity
    return aim


@frozen
class _Grid:
    """Gravity with its offsets: where a window or an image of one size lies in or on another (§5.1)."""

    resize: Resize
    aim: Aim
    original: Size
    dpr: Fraction

    @property
    def holds(self) -> bool:
        """Whether a window is moved into the image rather than cut."""
        return self.aim == "xy_center" or not isinstance(self.aim, str)

    def corner(
        self, outer: Size, inner: Size, scale: tuple[Fraction, Fraction] = (Fraction(1), Fraction(1))
    ) -> Size:
        """Left and top of `inner` on `outer`; `scale` carries a point of the input along."""
        gravity = self.aim
        x = self.offset(self.resize.x, outer[0])
        y = self.offset(self.resize.y, outer[1])
        if gravity == "xy_center":
            if isinstance(self.resize.x, Pixels):
                x *= scale[0]
            if isinstance(self.resize.y, Pixels):
                y *= scale[1]
            return math.floor(x - Fraction(inner[0], 2)), math.floor(y - Fraction(inner[1], 2))
        if not isinstance(gravity, str):
            left, top = self._about(gravity, inner, scale)
            return left + half_up(x), top + half_up(y)
        left = _anchored(gravity, "west", "east", outer[0], inner[0], half_up(x))
        top = _anchored(gravity, "north", "south", outer[1], inner[1], half_up(y))
        return left, top

    def _about(self, aim: Spot | Attention, inner: Size, scale: tuple[Fraction, Fraction]) -> Size:
        """A window with an area in its middle, or the one that holds most; on the scaled image."""
        if isinstance(aim, Spot):
            left, top, right, bottom = aim.area
            middle = (left + right) / 2 * scale[0], (top + bottom) / 2 * scale[1]
            return math.floor(middle[0] - Fraction(inner[0], 2)), math.floor(
                middle[1] - Fraction(inner[1], 2)
            )
        size = float(inner[0] / scale[0]), float(inner[1] / scale[1])
        window = aim.best(*size)
        if framing.keeps_thirds(self.resize):
            window = aim.composed(window)
        return _floor(Fraction(window.left) * scale[0]), _floor(Fraction(window.top) * scale[1])

    def offset(self, length: Length | None, reference: int) -> Fraction:
        if length is None:
            return _ZERO
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
    back = (Fraction(current[0], scaled[0]), Fraction(current[1], scaled[1]))
    left, top = grid.corner(scaled, size, (1 / back[0], 1 / back[1]))
    left, top = _held(left, scaled[0] - size[0]), _held(top, scaled[1] - size[1])
    box = (left * back[0], top * back[1], (left + size[0]) * back[0], (top + size[1]) * back[1])
    return Placement(box, *size)


def _framed(grid: _Grid, current: Size, wanted: Size) -> Placement:
    """`thumb` and `auto`: about an area, or at a scale that suits what matters, exactly as large as wanted."""
    aim, resize = grid.aim, grid.resize
    ratio = Fraction(*wanted)
    if isinstance(aim, Spot):
        shift = grid.offset(resize.x, current[0]), grid.offset(resize.y, current[1])
        return Placement(framing.about(aim, current, ratio, resize, shift), *wanted)
    if isinstance(aim, Attention):
        box = framing.attentive(aim, current, ratio, resize)
    else:
        box = _filled(grid, current, wanted, may_enlarge=True).box
    return Placement(framing.zoomed(box, current, resize.zoom), *wanted)


def _kept(filled: Placement, aim: Aim, current: Size, wanted: Size) -> Placement:
    """The placement, unless it loses what matters: then a larger window, padded."""
    box = framing.with_enough(filled.box, aim, current) if isinstance(aim, Attention) else filled.box
    if box == filled.box:
        return filled
    width, height = box[2] - box[0], box[3] - box[1]
    factor = min(wanted[0] / width, wanted[1] / height)
    size = (min(wanted[0], _at_least_one(width * factor)), min(wanted[1], _at_least_one(height * factor)))
    place = Canvas(*wanted, (wanted[0] - size[0]) // 2, (wanted[1] - size[1]) // 2)
    return Placement(box, *size, canvas=place)


def _region(spot: Spot, current: Size, zoom: Fraction) -> Placement:
    box = framing.region(spot, current, zoom)
    return Placement(box, int(box[2] - box[0]), int(box[3] - box[1]))


def _cropped(grid: _Grid, current: Size, wanted: Size) -> Placement:
    left, top = grid.corner(current, wanted)
    if grid.holds:  # the window keeps its size and moves in
        left, top = _held(left, current[0] - wanted[0]), _held(top, current[1] - wanted[1])
    start_x, stop_x = _overlap(left, wanted[0], current[0])
    start_y, stop_y = _overlap(top, wanted[1], current[1])
    box = (Fraction(start_x), Fraction(start_y), Fraction(stop_x), Fraction(stop_y))
    return Placement(box, stop_x - start_x, stop_y - start_y)


def _padded(grid: _Grid, current: Size, wanted: Size) -> Placement:
    if grid.resize.mode == "mpad":
        canvas, size = (max(current[0], wanted[0]), max(current[1], wanted[1])), current
    else:
        canvas, size = wanted, _scaled(current, _factor(grid.resize, current, wanted))
    whole = _whole(current, size)
    if isinstance(grid.aim, Spot):  # the area as near to the middle of the canvas as the image's edges let it
        back = [
            grid.offset(each, side) for each, side in zip((grid.resize.x, grid.resize.y), canvas, strict=True)
        ]
        middles = ((near + far) / 2 for near, far in zip(grid.aim.area[:2], grid.aim.area[2:], strict=True))
        left, top = (
            _held(math.floor(Fraction(outer, 2) - middle * inner / own), outer - inner) + half_up(offset)
            for outer, inner, own, middle, offset in zip(canvas, size, current, middles, back, strict=True)
        )
        return Placement(whole.box, *size, canvas=Canvas(*canvas, left, top))
    return Placement(whole.box, *size, canvas=Canvas(*canvas, *grid.corner(canvas, size)))


def _whole(current: Size, size: Size) -> Placement:
    return Placement((_ZERO, _ZERO, Fraction(current[0]), Fraction(current[1])), *size)


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


def _floor(place: Fraction) -> int:
    """Downwards, as a centred window goes; but a place that is whole but for noise is whole."""
    return math.floor(round(place, 6))


def _held(offset: int, most: int) -> int:
    return min(max(offset, 0), max(most, 0))


def _at_least_one(value: Fraction) -> int:
    return max(1, half_up(value))
