"""Colour tables: `.cube` (Adobe, 2013) and `.3dl` text read into numbers. Pure, bounded, linear in the text."""

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

LARGEST_CUBE = 65  # points a side; more is more than Pillow takes, and than anybody makes
LONGEST_CURVE = 65_536
MOST_BYTES = 20 << 20
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_SIZE = re.compile("[0-9]{1,9}")
_LARGEST_WHOLE = (255, 1023, 4095, 16383, 65535)  # what a .3dl may call white


class NotATable(ValueError):
    """The text is no colour table, and what is wrong with it."""


@frozen
class Table:
    """Either a cube, red changing fastest, or one curve a channel. Values from 0 to 1, three a point."""

    size: int
    values: tuple[float, ...]
    is_cube: bool
    low: tuple[float, float, float] = (0.0, 0.0, 0.0)  # the input that the first point stands for
    high: tuple[float, float, float] = (1.0, 1.0, 1.0)


def read_table(text: str, is_cube_file: bool) -> Table:
    """The table in a `.cube` or a `.3dl` file."""
    return _cube(text) if is_cube_file else _3dl(text)


def _cube(text: str) -> Table:
    sizes: dict[str, int] = {}
    bounds = {"DOMAIN_MIN": (0.0, 0.0, 0.0), "DOMAIN_MAX": (1.0, 1.0, 1.0)}
    values: list[float] = []
    for number, line in _lines(text):
        word, *rest = line.split()
        if word in ("LUT_1D_SIZE", "LUT_3D_SIZE"):
            if values or sizes or len(rest) != 1 or not _SIZE.fullmatch(rest[0]):
                raise NotATable(f"line {number}: {line[:60]}")
            sizes[word] = int(rest[0])
        elif word in bounds:
            bounds[word] = _three(rest, number)
        elif word[0].isalpha():
            continue  # a title, and what other programs add
        else:
            values += _three([word, *rest], number)
            if not sizes or len(values) > 3 * _points(sizes):
                raise NotATable(f"line {number}: a value more than its size says")
    if not sizes or len(values) != 3 * _points(sizes):
        raise NotATable(f"{len(values) // 3} values are not as many as its size says")
    low, high = bounds["DOMAIN_MIN"], bounds["DOMAIN_MAX"]
    if not all(least < most for least, most in zip(low, high, strict=True)):
        raise NotATable("its domain is empty")
    ((kind, size),) = sizes.items()
    return Table(size, tuple(values), kind == "LUT_3D_SIZE", low, high)


def _points(sizes: dict[str, int]) -> int:
    ((kind, size),) = sizes.items()
    largest = LARGEST_CUBE if kind == "LUT_3D_SIZE" else LONGEST_CURVE
    if not 2 <= size <= largest:
        raise NotATable(f"{kind} {size} is not from 2 to {largest}")
    return int(size**3) if kind == "LUT_3D_SIZE" else size


def _3dl(text: str) -> Table:
    """A line with the grid, then a line a point, blue changing fastest; whole numbers."""
    points: list[tuple[float, float, float]] = []
    size = 0
    for number, line in _lines(text):
        words = line.split()
        if words[0][0].isalpha():
            continue  # Mesh, LUT8, gamma …
        if not size and not points and len(words) != 3:
            size = len(words)
            if size > LARGEST_CUBE:
                raise NotATable(f"a grid of {size} is not from 2 to {LARGEST_CUBE}")
        else:
            points.append(_three(words, number))
            if len(points) > LARGEST_CUBE**3:
                raise NotATable(f"more than {LARGEST_CUBE} points a side")
    size = size or round(len(points) ** (1 / 3))
    if size < 2 or len(points) != size**3:
        raise NotATable(f"{len(points)} values are no cube of {size}")
    largest = max(max(point) for point in points)
    white = next((each for each in _LARGEST_WHOLE if each >= largest), largest)
    order = (
        points[(red * size + green) * size + blue]
        for blue in range(size)
        for green in range(size)
        for red in range(size)
    )
    return Table(size, tuple(value / white for point in order for value in point), is_cube=True)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        content = line.partition("#")[0].strip().removeprefix("\ufeff")
        if content:
            yield number, content


def _three(words: Sequence[str], number: int) -> tuple[float, float, float]:
    if len(words) != 3 or not all(len(each) < 40 and _NUMBER.fullmatch(each) for each in words):
        raise NotATable(f"line {number}: expected three numbers")
    red, green, blue = (float(each) for each in words)
    if not all(abs(each) < 1e9 for each in (red, green, blue)):
        raise NotATable(f"line {number}: a number is too large")
    return red, green, blue
