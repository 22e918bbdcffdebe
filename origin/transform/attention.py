"""What matters where on a canvas, and the window that holds most of it. Sheet: transformations.md §5.3.

Plain Python over a grid of at most a few thousand cells: a search takes milliseconds.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from attrs import frozen

from origin.transform.sight import Importance
from origin.transform.tracing import Box, Size, Trace

CELLS = 96  # along the longer side, at most
STEPS, FINE_STEPS = 25, 193  # places a window is tried at: in both directions, or in one; odd, for the centre
SCALES = tuple(1 - tenth / 10 for tenth in range(8))  # 1.0 … 0.3 of the largest window
_PRIOR_WIDTH = 0.5
_SHIFT = 0.08  # of the window, towards a third line
_NEARER_TO_THIRDS = 1 / 12  # from the middle; what lies closer to it is meant to be there
_KEPT = 0.98  # of what a window holds, or the shift is not made
_DIGITS = 9  # within which two sums are the same

Boost = tuple[Box, float]
"""A box on the canvas, and what it is worth there, 1.0 being as much as any cell may be by itself."""


@frozen
class Attention:
    """Sums of importance: `sums[row][column]` is that of all cells above and to the left. All cells hold 1."""

    size: Size  # of the canvas, pixels
    sums: tuple[tuple[float, ...], ...]

    def inside(self, box: Box) -> float:
        """The share of everything that matters that lies in a box."""
        top, bottom = self._band(box[1]), self._band(box[3])
        band = [lower - upper for upper, lower in zip(top, bottom, strict=True)]
        across = (len(band) - 1) / self.size[0]
        return _at(band, box[2] * across) - _at(band, box[0] * across)

    def best(self, width: float, height: float) -> tuple[float, float, float]:
        """Where a window of that size holds most, the nearest to the centre of equals: left, top, share."""
        slack_x, slack_y = max(0.0, self.size[0] - width), max(0.0, self.size[1] - height)
        most = STEPS if slack_x >= 1 and slack_y >= 1 else FINE_STEPS
        lefts, tops = _places(slack_x, most), _places(slack_y, most)
        across = (len(self.sums[0]) - 1) / self.size[0]
        edges = [(left * across, (left + width) * across) for left in lefts]
        found: tuple[float, float, float, float] | None = None
        for top in tops:
            upper, lower = self._band(top), self._band(top + height)
            band = [below - above for above, below in zip(upper, lower, strict=True)]
            for left, (start, stop) in zip(lefts, edges, strict=True):
                share = round(_at(band, stop) - _at(band, start), _DIGITS)
                if found is None or share >= found[0]:
                    nearness = -math.hypot(left - slack_x / 2, top - slack_y / 2)
                    if found is None or (share, nearness) > found[:2]:
                        found = (share, nearness, left, top)
        assert found is not None
        return found[2], found[3], found[0]

    def composed(self, left: float, top: float, width: float, height: float) -> tuple[float, float]:
        """The window moved a little, so that its middle of mass comes closer to a third line."""
        share = self.inside((left, top, left + width, top + height))
        moved_left = self._moved(left, width, (top, top + height), axis=0)
        moved_top = self._moved(top, height, (left, left + width), axis=1)
        for x, y in ((moved_left, moved_top), (moved_left, top), (left, moved_top)):
            if (x, y) != (left, top) and self.inside((x, y, x + width, y + height)) >= share * _KEPT:
                return x, y
        return left, top

    def _moved(self, start: float, length: float, other: tuple[float, float], *, axis: int) -> float:
        """Where a window would begin along one axis; it stays inside the canvas."""
        middle = self._median(start, length, other, axis) - start
        if abs(middle / length - 0.5) <= _NEARER_TO_THIRDS:
            return start
        third = length / 3 if middle < length / 2 else length * 2 / 3
        shift = min(max(middle - third, -_SHIFT * length), _SHIFT * length)
        return min(max(start + shift, 0.0), max(0.0, self.size[axis] - length))

    def _median(self, start: float, length: float, other: tuple[float, float], axis: int) -> float:
        """The line across a window with half of what matters on either side."""
        steps = 24
        edges = [start + length * step / steps for step in range(steps + 1)]
        sums = [
            self.inside((start, other[0], edge, other[1]) if axis == 0 else (other[0], start, other[1], edge))
            for edge in edges
        ]
        half = sums[-1] / 2
        after = max(1, bisect_left(sums, half))
        if after > steps or sums[after] <= sums[after - 1]:
            return start + length / 2
        return edges[after - 1] + (edges[after] - edges[after - 1]) * (half - sums[after - 1]) / (
            sums[after] - sums[after - 1]
        )

    def _band(self, y: float) -> Sequence[float]:
        """The row of sums at a height, between two rows by their distance."""
        place = min(max(y * (len(self.sums) - 1) / self.size[1], 0.0), len(self.sums) - 1.0)
        row = int(place)
        part = place - row
        if not part:
            return self.sums[row]
        return [
            above + (below - above) * part
            for above, below in zip(self.sums[row], self.sums[row + 1], strict=True)
        ]


def attention(importance: Importance, trace: Trace, size: Size, boosts: Iterable[Boost] = ()) -> Attention:
    """What matters on a canvas of that size; the trace leads there from shares of the picture's sides.

    Nothing beside the picture matters, and the middle matters a little more than the edges.
    """
    longest = max(size)
    columns, rows = (max(1, min(each, round(each * CELLS / longest))) for each in size)
    grid = [list(row) for row in _cells(importance, trace, size, columns, rows)]
    brightest = max(map(max, grid)) or 1.0
    for box, worth in boosts:
        _boost(grid, box, worth * brightest, size)
    across, down = _prior(columns), _prior(rows)
    summed: list[list[float]] = [[0.0] * (columns + 1)]
    for row, weight in zip(grid, down, strict=True):
        sums = accumulate(
            (max(cell, 0.0) * x * weight for cell, x in zip(row, across, strict=True)), initial=0.0
        )
        summed.append([above + here for above, here in zip(summed[-1], sums, strict=True)])
    whole = summed[-1][-1]
    if not whole:  # nothing matters: the middle does
        return Attention(size, ((0.0, 0.0), (0.0, 1.0)))
    return Attention(size, tuple(tuple(each / whole for each in row) for row in summed))


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
