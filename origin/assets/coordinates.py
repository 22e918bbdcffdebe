"""Places in a picture as uploaders write them: boxes, and outlines with names. Sheet: upload-api.md §3.2."""

import re
from collections.abc import Mapping

from origin.transform.sight import Rect
from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest

MOST_BOXES, MOST_REGIONS, MOST_POINTS = 100, 100, 1000
_FURTHEST = 10**6  # pixels
_NUMBER = re.compile(r"[0-9]{1,7}(?:\.[0-9]{0,6})?")
_NAME = re.compile(r"[A-Za-z0-9-]{1,255}")

Outlines = Mapping[str, tuple[tuple[int, int], ...]]


def parse_boxes(text: str | None, name: str) -> tuple[Rect, ...]:
    """`x,y,width,height|…`; JSON arrays of four numbers too."""
    if text is None:
        return ()
    groups = text.split("|") if "[" not in text else re.findall(r"\[([^\[\]]*)\]", text)
    boxes = [_box(group) for group in groups]
    if not boxes or len(boxes) > MOST_BOXES or None in boxes:
        raise InvalidRequest(
            f"Invalid {name} {printable(text)}: expected x,y,width,height in pixels, "
            f"several joined by |, {MOST_BOXES} at most"
        )
    return tuple(box for box in boxes if box is not None)


def parse_regions(text: str | None) -> Outlines:
    """A JSON object: name → two points or more."""
    if text is None:
        return {}
    try:
        document = jsontext.read(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or len(document) > MOST_REGIONS:
        raise _no_regions(text)
    regions = {}
    for name, points in document.items():
        found = _points(points)
        if not _NAME.fullmatch(name) or found is None:
            raise _no_regions(text)
        regions[name] = found
    return regions


def limited(boxes: tuple[Rect, ...], width: int, height: int) -> tuple[Rect, ...]:
    """Each side no longer than the picture's; x and y as they were given (§3.2)."""
    return tuple((x, y, min(w, width), min(h, height)) for x, y, w, h in boxes)


def _box(text: str) -> Rect | None:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not all(map(_NUMBER.fullmatch, parts)):
        return None
    left, top, width, height = (round(float(part)) for part in parts)
    return (left, top, width, height) if width and height else None


def _points(points: object) -> tuple[tuple[int, int], ...] | None:
    if not isinstance(points, list) or not 2 <= len(points) <= MOST_POINTS:
        return None
    found = []
    for point in points:
        if not isinstance(point, list) or len(point) != 2:
            return None
        x, y = point
        for side in (x, y):
            if isinstance(side, bool) or not isinstance(side, int | float) or not 0 <= side <= _FURTHEST:
                return None
        found.append((round(x), round(y)))
    return tuple(found)


def _no_regions(text: str) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid regions {printable(text)}: expected a JSON object of names (letters, digits, -) "
        "and lists of two points [x,y] or more"
    )
