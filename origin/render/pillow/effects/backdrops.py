"""What stands before a plain backdrop: where it ends (`trim`), and cut free of it. Sheet: §12.3."""

import re
from bisect import bisect_left, bisect_right

from PIL import Image, ImageChops

from origin.render.pillow.effects.bands import alpha_of, apart, together
from origin.transform.plan import Rgba

LEVELS_PER_PERCENT = 2.55
SOFT = 1.5  # how much further than the tolerance a soft edge reaches
REMOVAL_TOLERANCE = 10
SCREEN = (0, 255, 0, 255)
SPILL_KEPT, SPILL_GONE = 0.2, 0.7  # shares of how much the screen's own band exceeds the others

Box = tuple[int, int, int, int]
_SIMILAR = re.compile(rb"\xff+")


def content_box(canvas: Image.Image, percent: int, colour: Rgba | None) -> Box:
    """The smallest box that holds all that is neither clear nor like the top left corner, or the colour.

    One pixel, where nothing else is there.
    """
    colours, alpha = apart(canvas)
    shown = alpha_of(canvas).point([255 * (level > 0) for level in range(256)])
    if colour is not None or alpha is None or shown.getpixel((0, 0)):
        other = _difference(colours, colour).point(_above(percent * LEVELS_PER_PERCENT))
        shown = ImageChops.darker(shown, other)
    return shown.getbbox() or (0, 0, 1, 1)


def make_transparent(canvas: Image.Image, percent: int, colour: Rgba | None = None) -> Image.Image:
    """Clear what is like the backdrop and touches an edge; with a colour, everything like it."""
    colours, _ = apart(canvas)
    similar = ImageChops.invert(_difference(colours, colour).point(_above(percent * LEVELS_PER_PERCENT)))
    if colour is None:
        similar = from_edges(similar)
    return _cleared(canvas, colours, ImageChops.invert(similar))


def bgremoval(canvas: Image.Image, *arguments: str | Rgba) -> Image.Image:
    """The same with a soft edge; `screen`: by hue, wherever it shows, and without its shine."""
    colours, _ = apart(canvas)
    colour = next((each for each in arguments if isinstance(each, tuple)), None)
    if "screen" in arguments:
        return _keyed(canvas, colours, colour or SCREEN)
    difference = _difference(colours, colour)
    low = REMOVAL_TOLERANCE * LEVELS_PER_PERCENT
    reached = ImageChops.invert(difference.point(_above(low * SOFT)))
    kept = difference.point(_ramp(low, low * SOFT))
    return _cleared(
        canvas, colours, Image.composite(kept, Image.new("L", canvas.size, 255), from_edges(reached))
    )


def from_edges(mask: Image.Image) -> Image.Image:
    """The part of a mask of 0 and 255 that is connected to the image's edges, run by run."""
    width, height = mask.size
    data = mask.tobytes()
    rows = [
        [found.span() for found in _SIMILAR.finditer(data, y * width, (y + 1) * width)] for y in range(height)
    ]
    kept = bytearray(width * height)
    seen = [[False] * len(runs) for runs in rows]
    waiting = []
    for y, runs in enumerate(rows):
        for index, (start, stop) in enumerate(runs):
            if y in (0, height - 1) or start == y * width or stop == (y + 1) * width:
                seen[y][index] = True
                waiting.append((y, index))
    while waiting:
        y, index = waiting.pop()
        start, stop = rows[y][index]
        kept[start:stop] = b"\xff" * (stop - start)
        for beside in (y - 1, y + 1):
            if 0 <= beside < height:
                shift = (beside - y) * width
                for other in _touching(rows[beside], start + shift, stop + shift):
                    if not seen[beside][other]:
                        seen[beside][other] = True
                        waiting.append((beside, other))
    return Image.frombytes("L", mask.size, bytes(kept))


def _touching(runs: list[tuple[int, int]], start: int, stop: int) -> range:
    """Which of a row's runs, in their order, share a column with the span."""
    first = bisect_right(runs, start, key=lambda run: run[1])
    return range(first, bisect_left(runs, stop, lo=first, key=lambda run: run[0]))


def _difference(colours: Image.Image, colour: Rgba | None) -> Image.Image:
    """How far each pixel is from the colour, or the top left corner, in the band where it is furthest."""
    reference = colours.getpixel((0, 0)) if colour is None else colour[:3]
    red, green, blue = ImageChops.difference(colours, Image.new("RGB", colours.size, reference)).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _keyed(canvas: Image.Image, colours: Image.Image, screen: Rgba) -> Image.Image:
    bands = list(colours.split())
    key = max(range(3), key=lambda band: screen[band])
    others = [band for index, band in enumerate(bands) if index != key]
    limit = ImageChops.lighter(*others)
    spill = ImageChops.subtract(bands[key], limit)
    own = max(screen[key] - max(screen[index] for index in range(3) if index != key), 1)
    kept = ImageChops.invert(spill.point(_ramp(SPILL_KEPT * own, SPILL_GONE * own)))
    bands[key] = ImageChops.darker(bands[key], limit)
    return _cleared(canvas, Image.merge("RGB", bands), kept)


def _cleared(canvas: Image.Image, colours: Image.Image, kept: Image.Image) -> Image.Image:
    return together(colours, ImageChops.multiply(alpha_of(canvas), kept))


def _above(limit: float) -> list[int]:
    return [255 * (level > limit) for level in range(256)]


def _ramp(low: float, high: float) -> list[int]:
    return [round(255 * min(max((level - low) / max(high - low, 1), 0), 1)) for level in range(256)]
