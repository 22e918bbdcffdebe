"""What matters where on a canvas, and the window that holds most of it. Sheet: transformations.md §5.3.

Plain Python over a grid of at most a few thousand cells: a search takes milliseconds.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from attrs import frozen

from origin.transform.sight import Importance
from origin.transform.tracing import Box, Size, Trace

CELLS = 64  # along the longer side, at most
COARSE_STEPS, STEPS, FINE_STEPS = 9, 25, 193  # places a window is tried at along a side; odd, for the centre
SCALES = tuple(1 - tenth / 10 for tenth in range(8))  # 1.0 … 0.3 of the largest window
_PRIOR_WIDTH = 0.5
_SHIFT = 0.08  # of the window, towards a third line
_NEARER_TO_THIRDS = 1 / 12  # from the middle; what lies closer to it is meant to be there
_SLICES = 24  # in which the middle of mass is looked for
_KEPT = 0.98  # of what a window holds, or the shift is not made
_MOST = 255.0  # what a cell may be worth by itself
_DIGITS = 9  # within which two sums are the same


@frozen
class Window:
    """A part of a canvas, in its pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        return self.left, self.top, self.left + self.width, self.top + self.height


Boost = tuple[Box, float]
"""A box on the canvas, and what it is worth there, 1.0 being as much as any cell may be by itself."""


Sums = tuple[tuple[float, ...], ...]
"""`sums[row][column]`: what matters in all cells above and to the left. All cells together hold 1."""


@frozen
class Attention:
    """What matters on a canvas; the trace leads there from shares of the picture's sides.

    Nothing beside the picture matters, and the middle matters a little more than the edges. A value: what was
    asked of it before is remembered, so that a picture already made costs no search.
    """

    importance: Importance
    trace: Trace
    size: Size  # of the canvas, pixels
    boosts: tuple[Boost, ...] = ()

    def inside(self, box: Box) -> float:
        """The share of everything that matters that lies in a box."""
        return _inside(self, box)

    def best(self, width: float, height: float) -> Window:
        """Where a window of that size holds most; of equals, the nearest to the centre."""
        slack = min(self.size[0] - width, self.size[1] - height)
        return _best(self, width, height, STEPS if slack >= 1 else FINE_STEPS)

    def framed(self, ratio: float, exponent: float) -> Window:
        """The window of a ratio, among those of all scales, that holds most for its area to the exponent."""
        return _framed(self, ratio, exponent)

    def composed(self, window: Window) -> Window:
        """The window moved a little, so that its middle of mass comes closer to a third line."""
        return _composed(self, window)


@lru_cache(maxsize=8)  # a quarter of a megabyte each
def _summed(attention: Attention) -> Sums:
    size = attention.size
    longest = max(size)
    columns, rows = (max(1, min(each, round(each * CELLS / longest))) for each in size)
    grid = [list(row) for row in _cells(attention.importance, attention.trace, size, columns, rows)]
    for box, worth in attention.boosts:
        _boost(grid, box, worth * _MOST, size)
    across, down = _prior(columns), _prior(rows)
    summed: list[list[float]] = [[0.0] * (columns + 1)]
    for row, weight in zip(grid, down, strict=True):
        cells = (max(cell, 0.0) * x * weight for cell, x in zip(row, across, strict=True))
        sums = accumulate(cells, initial=0.0)
        summed.append([above + here for above, here in zip(summed[-1], sums, strict=True)])
    whole = summed[-1][-1]
    if not whole:  # nothing matters: the middle does
        return (0.0, 0.0), (0.0, 1.0)
    return tuple(tuple(each / whole for each in row) for row in summed)


@lru_cache(maxsize=4096)
def _inside(attention: Attention, box: Box) -> float:
    sums = _summed(attention)
    band = _between(sums, attention.size, box[1], box[3])
    across = (len(band) - 1) / attention.size[0]
    return _at(band, box[2] * across) - _at(band, box[0] * across)


@lru_cache(maxsize=4096)
def _best(attention: Attention, width: float, height: float, most: int) -> Window:
    sums, size = _summed(attention), attention.size
    slack_x, slack_y = max(0.0, size[0] - width), max(0.0, size[1] - height)
    lefts, tops = _places(slack_x, most), _places(slack_y, most)
    across = (len(sums[0]) - 1) / size[0]
    edges = [(left * across, (left + width) * across) for left in lefts]
    found: tuple[float, float, float, float] | None = None
    for top in tops:
        band = _between(sums, size, top, top + height)
        for left, (start, stop) in zip(lefts, edges, strict=True):
            share = round(_at(band, stop) - _at(band, start), _DIGITS)
            if found is None or share >= found[0]:
                nearness = -math.hypot(left - slack_x / 2, top - slack_y / 2)
                if found is None or (share, nearness) > found[:2]:
                    found = (share, nearness, left, top)
    assert found is not None
    return Window(found[2], found[3], width, height)


@lru_cache(maxsize=1024)
def _framed(attention: Attention, ratio: float, exponent: float) -> Window:
    """Tried at few places first, then at more of them at the scale found."""
    largest = min(float(attention.size[0]), attention.size[1] * ratio)
    best: tuple[float, float] | None = None
    for scale in SCALES:
        width = largest * scale
        window = _best(attention, width, width / ratio, COARSE_STEPS)
        score = round(attention.inside(window.box) / (scale * scale) ** exponent, _DIGITS)
        if best is None or score > best[0]:
            best = (score, width)
    assert best is not None
    return attention.best(best[1], best[1] / ratio)


@lru_cache(maxsize=4096)
def _composed(attention: Attention, window: Window) -> Window:
    share = attention.inside(window.box)
    left, top = (_moved(attention, window, axis) for axis in (0, 1))
    for x, y in ((left, top), (left, window.top), (window.left, top)):
        moved = Window(x, y, window.width, window.height)
        if moved != window and attention.inside(moved.box) >= share * _KEPT:
            return moved
    return window


def _moved(attention: Attention, window: Window, axis: int) -> float:
    """Where a window would begin along one axis; it stays inside the canvas."""
    start, length = (window.left, window.width) if axis == 0 else (window.top, window.height)
    middle = _median(attention, window, axis)
    if abs(middle / length - 0.5) <= _NEARER_TO_THIRDS:
        return start
    third = length / 3 if middle < length / 2 else length * 2 / 3
    shift = min(max(middle - third, -_SHIFT * length), _SHIFT * length)
    return min(max(start + shift, 0.0), max(0.0, attention.size[axis] - length))


def _median(attention: Attention, window: Window, axis: int) -> float:
    """How far into a window the line lies with half of what matters on either side."""
    left, top, right, bottom = window.box
    length = window.width if axis == 0 else window.height
    places = [length * step / _SLICES for step in range(_SLICES + 1)]
    sums = [
        attention.inside((left, top, left + place, bottom) if axis == 0 else (left, top, right, top + place))
        for place in places
    ]
    half = sums[-1] / 2
    after = min(max(1, bisect_left(sums, half)), _SLICES)
    step = sums[after] - sums[after - 1]
    return (
        places[after] if step <= 0 else places[after - 1] + length / _SLICES * (half - sums[after - 1]) / step
    )


def _between(sums: Sums, size: Size, top: float, bottom: float) -> list[float]:
    """Sums along the columns, of what lies between two heights."""
    upper, lower = (_row(sums, y * (len(sums) - 1) / size[1]) for y in (top, bottom))
    return [below - above for above, below in zip(upper, lower, strict=True)]


def _row(sums: Sums, place: float) -> Sequence[float]:
    """The row of sums at a place, between two rows by their distance."""
    place = min(max(place, 0.0), len(sums) - 1.0)
    row = int(place)
    part = place - row
    if not part:
        return sums[row]
    return [above + (below - above) * part for above, below in zip(sums[row], sums[row + 1], strict=True)]


def _cells(
    importance: Importance, trace: Trace, size: Size, columns: int, rows: int
) -> Iterator[Sequence[float]]:
    """The grid's levels, each from where its centre lies in the picture."""
    levels = importance.levels
    width, height = importance.width, importance.height
    back = trace.inverse
    xs = [(column + 0.5) * size[0] / columns for column in range(columns)]
    ys = [(row + 0.5) * size[1] / rows for row in range(rows)]
    if back.keeps_axes:
        (a, _, c), (_, e, f), (_, _, i) = back.rows
        at = [math.floor((a * x + c) / i * width) for x in xs]
        for y in ys:
            row = math.floor((e * y + f) / i * height)
            start = row * width
            if 0 <= row < height:
                yield [levels[start + column] if 0 <= column < width else 0 for column in at]
            else:
                yield [0] * columns
        return
    for y in ys:
        found = (back.point(x, y) for x in xs)
        yield [0 if each is None else _level(importance, *each) for each in found]


def _level(importance: Importance, x: float, y: float) -> int:
    """The level at a place given in shares of the picture."""
    column, row = math.floor(x * importance.width), math.floor(y * importance.height)
    inside = 0 <= column < importance.width and 0 <= row < importance.height
    return importance.levels[row * importance.width + column] if inside else 0


def _boost(grid: list[list[float]], box: Box, worth: float, size: Size) -> None:
    columns, rows = len(grid[0]), len(grid)
    start, stop = _span(box[0] * columns / size[0], box[2] * columns / size[0], columns)
    for row in range(*_span(box[1] * rows / size[1], box[3] * rows / size[1], rows)):
        line = grid[row]
        line[start:stop] = [cell + worth for cell in line[start:stop]]


def _span(start: float, stop: float, cells: int) -> tuple[int, int]:
    """The cells whose middle lies between two edges; the nearest one, if there are none."""
    first = min(max(math.floor(start + 0.5), 0), cells - 1)
    return first, min(max(math.floor(stop + 0.5), first + 1), cells)


def _prior(cells: int) -> list[float]:
    middles = ((cell + 0.5) / cells - 0.5 for cell in range(cells))
    return [math.exp(-middle * middle / _PRIOR_WIDTH) for middle in middles]


def _places(slack: float, most: int) -> list[float]:
    if slack <= 0:
        return [0.0]
    count = min(most, 2 * math.ceil(slack / 2) + 1)
    return [slack * place / (count - 1) for place in range(count)]


def _at(band: Sequence[float], place: float) -> float:
    """A sum between two columns by their distance."""
    place = min(max(place, 0.0), len(band) - 1.0)
    column = int(place)
    part = place - column
    return band[column] + (band[column + 1] - band[column]) * part if part else band[column]
