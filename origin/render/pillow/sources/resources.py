"""Photoshop's image resources ("8BIM"): in a PSD, in a JPEG's APP13, in a TIFF's tag 34377. Paths live there.

A clipping path is closed curves in shares of the image, 8.24 fixed point (Adobe's file format specification).
"""

from collections.abc import Iterator, Mapping

from attrs import frozen
from PIL import Image, JpegImagePlugin, TiffImagePlugin

from origin.render.errors import InvalidImage
from origin.transform.plan import Outline

RESOLUTION, PROFILE, CLIPPING = 1005, 1039, 2999
PATHS = range(2000, 2998)
TIFF_TAG = 34377
MOST_KNOTS = 20_000
MOST_LINES = 500  # of one path: each is drawn by itself
MOST_OUTLINES = 100
STEPS = 12  # straight pieces of one curve
_PHOTOSHOP = b"Photoshop 3.0\0"
_RECORD = 26
_HEADS, _KNOTS = (0, 3), (1, 2)  # of subpaths, closed and open; knots of closed ones

Point = tuple[float, float]


@frozen
class Path:
    """A named path: closed lines in shares of the image's sides."""

    name: str
    lines: tuple[tuple[Point, ...], ...]

    def outline(self, width: int, height: int) -> Outline:
        """The box around it, in pixels of an image."""
        across = [min(1.0, max(0.0, x)) for line in self.lines for x, _ in line]
        down = [min(1.0, max(0.0, y)) for line in self.lines for _, y in line]
        left, top = int(min(across) * width), int(min(down) * height)
        right, bottom = -int(-max(across) * width // 1), -int(-max(down) * height // 1)
        return Outline(self.name, left, top, max(1, right - left), max(1, bottom - top))


def blocks(data: bytes) -> Iterator[tuple[int, str, bytes]]:
    """Id, name and content of each resource; ends quietly where the data does."""
    at = 0
    while at + 12 <= len(data) and data[at : at + 4] in (b"8BIM", b"MeSa", b"PHUT", b"DCSR"):
        number = int.from_bytes(data[at + 4 : at + 6], "big")
        length = data[at + 6]
        name = data[at + 7 : at + 7 + length].decode("latin-1")
        at += 7 + length + (length + 1) % 2
        size = int.from_bytes(data[at : at + 4], "big")
        yield number, name, data[at + 4 : at + 4 + size]
        at += 4 + size + size % 2


def paths(found: Mapping[int, tuple[str, bytes]]) -> list[Path]:
    """Every saved path, the one chosen for clipping first."""
    clipping = _clipping_name(found)
    known: list[Path] = []
    for number in found:
        if number in PATHS and len(known) < MOST_OUTLINES:
            name, data = found[number]
            lines = _lines(data)
            if lines:
                known.append(Path(name, lines))
    return sorted(known, key=lambda path: path.name != clipping)


def of_image(image: Image.Image) -> dict[int, tuple[str, bytes]]:
    """The resources of an opened JPEG or TIFF."""
    data = b""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        parts = (part for name, part in image.applist if name == "APP13" and part.startswith(_PHOTOSHOP))
        data = b"".join(part[len(_PHOTOSHOP) :] for part in parts)
    elif isinstance(image, TiffImagePlugin.TiffImageFile):
        found = image.tag_v2.get(TIFF_TAG)
        data = found if isinstance(found, bytes) else b""
    return {number: (name, content) for number, name, content in blocks(data)}


def _clipping_name(found: Mapping[int, tuple[str, bytes]]) -> str | None:
    data = found.get(CLIPPING, ("", b""))[1]
    return data[1 : 1 + data[0]].decode("latin-1") if data else None


def _lines(data: bytes) -> tuple[tuple[Point, ...], ...]:
    """The closed subpaths, curves made of straight pieces."""
    if len(data) > MOST_KNOTS * _RECORD:
        raise InvalidImage(f"Maximum number of points of a clipping path is {MOST_KNOTS}")
    lines: list[tuple[Point, ...]] = []
    knots: list[tuple[Point, Point, Point]] = []
    for at in range(0, len(data) - _RECORD + 1, _RECORD):
        kind = int.from_bytes(data[at : at + 2], "big")
        if kind in _HEADS:
            lines += _closed(knots)
            knots = []
        elif kind in _KNOTS:
            arriving, point, leaving = (_point(data, at + 2 + 8 * each) for each in range(3))
            knots.append((arriving, point, leaving))
    lines += _closed(knots)
    if len(lines) > MOST_LINES:
        raise InvalidImage(f"Maximum number of lines of a clipping path is {MOST_LINES}. Found {len(lines)}")
    return tuple(lines)


def _point(data: bytes, at: int) -> Point:
    """Down comes before across."""
    down, across = (int.from_bytes(data[at + i : at + i + 4], "big", signed=True) / (1 << 24) for i in (0, 4))
    return across, down


def _closed(knots: list[tuple[Point, Point, Point]]) -> list[tuple[Point, ...]]:
    """Bézier curves from knot to knot and back to the first."""
    if len(knots) < 2:
        return []
    line: list[Point] = []
    for (_, start, leaving), (arriving, end, _) in zip(knots, knots[1:] + knots[:1], strict=True):
        if leaving == start and arriving == end:
            line.append(start)
            continue
        for step in range(STEPS):
            t = step / STEPS
            line.append(_between(start, leaving, arriving, end, t))
    return [tuple(line)]


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    u = 1 - t
    weights = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    return (
        weights[0] * a[0] + weights[1] * b[0] + weights[2] * c[0] + weights[3] * d[0],
        weights[0] * a[1] + weights[1] * b[1] + weights[2] * c[1] + weights[3] * d[1],
    )
