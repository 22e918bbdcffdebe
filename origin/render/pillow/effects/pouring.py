"""An image made narrower or lower seam by seam, the least noticed first. Sheet: transformations.md §4.6."""

from typing import Any

from PIL import Image

from origin.render.errors import MissingExtra


def liquid(canvas: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Without as many seams, in one direction, as the new size takes away."""
    try:
        import numpy
    except ImportError as error:
        raise MissingExtra("g_liquid", "liquid") from error
    pixels = numpy.asarray(canvas)
    grey = numpy.asarray(canvas.convert("RGBA").convert("L"), numpy.float32)
    is_lower = canvas.height > size[1]
    if is_lower:
        pixels, grey = pixels.swapaxes(0, 1), grey.T
    for _ in range(grey.shape[1] - (size[1] if is_lower else size[0])):
        kept = _without_seam(numpy, grey)
        height, width = grey.shape
        pixels = pixels[kept].reshape(height, width - 1, *pixels.shape[2:])
        grey = grey[kept].reshape(height, width - 1)
    if is_lower:
        pixels = pixels.swapaxes(0, 1)
    return Image.fromarray(numpy.ascontiguousarray(pixels), canvas.mode)


def _without_seam(numpy: Any, grey: Any) -> Any:
    """Where the pixels lie that stay, when the cheapest connected line from top to bottom goes."""
    height, width = grey.shape
    framed = numpy.pad(grey, 1, mode="edge")
    edges = numpy.abs(framed[1:-1, 2:] - framed[1:-1, :-2])  # two pixels thick: no seam slips through
    edges += numpy.abs(framed[2:, 1:-1] - framed[:-2, 1:-1])
    wall = numpy.float32(numpy.inf)
    costs = numpy.full((height, width + 2), wall, numpy.float32)
    costs[0, 1:-1] = edges[0]
    for row in range(1, height):
        above = costs[row - 1]
        cheapest = numpy.minimum(numpy.minimum(above[:-2], above[1:-1]), above[2:])
        numpy.add(edges[row], cheapest, out=costs[row, 1:-1])
    kept = numpy.ones((height, width), bool)
    column = int(costs[-1, 1:-1].argmin())
    kept[-1, column] = False
    for row in range(height - 2, -1, -1):
        column += int(costs[row, column : column + 3].argmin()) - 1
        kept[row, column] = False
    return kept
