"""Pixels moved: perspective and arcs. Sheet: transformations.md §12.3."""

import math

from PIL import Image, ImageOps

CELL = 16  # pixels; inside a cell an arc is drawn as a quadrilateral
Point = tuple[float, float]


def perspective(canvas: Image.Image, size: tuple[int, int], *coefficients: float) -> Image.Image:
    """The canvas where the eight coefficients say (from new places to old ones); clear around it."""
    a, b, c, d, e, f, g, h = coefficients
    edged = ImageOps.expand(canvas.convert("RGBA"), 1, (0, 0, 0, 0))  # or its edges would be jagged
    shifted = (a + g, b + h, c + 1, d + g, e + h, f + 1, g, h)
    return edged.transform(size, Image.Transform.PERSPECTIVE, shifted, Image.Resampling.BICUBIC)


def arc(canvas: Image.Image, size: tuple[int, int], degrees: int, radius: float) -> Image.Image:
    """The canvas bent about a point below it, `radius` from its middle row; above it for negative degrees."""
    image = canvas.convert("RGBA")
    if degrees < 0:
        image = image.transpose(Image.Transpose.ROTATE_180)
    edged = ImageOps.expand(image, 1, (0, 0, 0, 0))
    centre = (size[0] / 2, radius + canvas.height / 2)
    mesh = [
        (box, _source(box, centre, radius, canvas.size))
        for box in (
            (left, top, min(left + CELL, size[0]), min(top + CELL, size[1]))
            for top in range(0, size[1], CELL)
            for left in range(0, size[0], CELL)
        )
    ]
    bent = edged.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    return bent.transpose(Image.Transpose.ROTATE_180) if degrees < 0 else bent


def _source(
    box: tuple[int, int, int, int], centre: Point, radius: float, size: tuple[int, int]
) -> tuple[float, ...]:
    """Where a cell's corners come from: top left, then against the clock. Angles count from the cell's own."""
    left, top, right, bottom = box
    middle = math.atan2((left + right) / 2 - centre[0], centre[1] - (top + bottom) / 2)
    source: list[float] = []
    for x, y in ((left, top), (left, bottom), (right, bottom), (right, top)):
        across, up = x - centre[0], centre[1] - y
        turn = math.remainder(math.atan2(across, up) - middle, math.tau)
        along = size[0] / 2 + (middle + turn) * radius
        down = size[1] / 2 + radius - math.hypot(across, up)
        source += [along + 1, down + 1]
    return tuple(source)
