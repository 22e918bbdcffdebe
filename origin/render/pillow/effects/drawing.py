"""As if painted, drawn or printed. Sheet: transformations.md §12.2."""

import math
from functools import lru_cache

from PIL import Image, ImageChops, ImageFilter

from origin.render.pillow.effects.bands import coarsely, on_colours
from origin.render.pillow.effects.hues import saturation

WIDEST_STROKE = 5  # a mode filter's cost grows with its area
PAINTED_PIXELS, SMOOTHED_PIXELS = 1_000_000, 1_500_000  # more are painted on a reduced copy: a second's work
PAINTS = 128
CARTOON_SATURATION = 20


@on_colours
def oil_paint(colours: Image.Image, level: int) -> Image.Image:
    """Each pixel takes the most frequent colour about it, of a palette: no band may choose alone."""
    size = 2 * round(level / 12) + 1
    factor = max(-(-size // WIDEST_STROKE), _factor(colours, PAINTED_PIXELS))

    def painted(work: Image.Image) -> Image.Image:
        paints = work.quantize(PAINTS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        return paints.filter(ImageFilter.ModeFilter(min(size, WIDEST_STROKE))).convert("RGB")

    return coarsely(colours, factor, painted)


@on_colours
def cartoonify(colours: Image.Image, line: int, reduction: int | str) -> Image.Image:
    """Flat colours between dark lines; `bw`: only the lines, on white."""
    lines = _lines(colours.convert("L"), line)
    if isinstance(reduction, str):
        return lines
    count = max(2, 24 - round(reduction / 6))

    def flattened(work: Image.Image) -> Image.Image:
        smooth = work.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.MedianFilter(5))
        vivid = saturation(smooth, CARTOON_SATURATION)
        reduced = vivid.quantize(count, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        return reduced.convert("RGB")

    flat = coarsely(colours, _factor(colours, SMOOTHED_PIXELS), flattened)
    return ImageChops.multiply(flat, Image.merge("RGB", (lines, lines, lines)))


def _factor(image: Image.Image, pixels: int) -> int:
    """By how much to reduce an image to so many pixels."""
    return math.ceil(math.sqrt(image.width * image.height / pixels))


def _lines(luma: Image.Image, line: int) -> Image.Image:
    """Dark where the image is darker than its neighbourhood."""
    near, far = (luma.filter(ImageFilter.GaussianBlur(sigma)) for sigma in (1.0, 2.2))
    darker = ImageChops.subtract(far, near)
    threshold = 13 - line / 10  # levels
    return darker.point([round(255 - 255 * min(max((d - threshold) / 3, 0), 1)) for d in range(256)])


@on_colours
def ordered_dither(colours: Image.Image, kind: int) -> Image.Image:
    """Each band black or white by a threshold that repeats."""
    tile = _threshold_tile(kind)
    thresholds = Image.new("L", colours.size)
    for left in range(0, colours.width, tile.width):
        thresholds.paste(tile, (left, 0))
    strip = thresholds.crop((0, 0, colours.width, min(tile.height, colours.height)))
    for top in range(0, colours.height, tile.height):
        thresholds.paste(strip, (0, top))
    bands = [
        ImageChops.subtract(band, thresholds).point([255 * (level > 0) for level in range(256)])
        for band in colours.split()
    ]
    return Image.merge("RGB", bands)


@lru_cache(maxsize=19)
def _threshold_tile(kind: int) -> Image.Image:
    rows = _threshold_rows(kind)
    steps = max(max(row) for row in rows) + 1
    levels = bytes(min(round(255 * rank / steps), 254) for row in rows for rank in row)
    return Image.frombytes("L", (len(rows[0]), len(rows)), levels)


def _threshold_rows(kind: int) -> list[list[int]]:
    """Ranks from 1 on, in the documented order of maps (§12.2)."""
    if kind == 0:
        return [[1]]
    if kind == 1:
        return [[1, 2], [2, 1]]
    if kind == 3:
        return [[3, 7, 4], [6, 1, 9], [2, 8, 5]]
    if kind in (2, 4, 5):
        return _bayer({2: 1, 4: 2, 5: 3}[kind])
    if kind <= 8:
        return _angled((4, 6, 8)[kind - 6])
    if kind <= 12:
        return _spots((4, 6, 8, 16)[kind - 9])
    side = (5, 6, 7)[(kind - 13) // 2]
    rows = _spots(side)
    is_white = (kind - 13) % 2 == 1
    return [[side * side + 1 - rank for rank in row] for row in rows] if is_white else rows


def _bayer(doublings: int) -> list[list[int]]:
    rows = [[0]]
    for _ in range(doublings):
        upper = [[4 * v for v in row] + [4 * v + 2 for v in row] for row in rows]
        lower = [[4 * v + 3 for v in row] + [4 * v + 1 for v in row] for row in rows]
        rows = upper + lower
    return [[value + 1 for value in row] for row in rows]


def _spots(side: int) -> list[list[int]]:
    """A dot that grows from the middle of the tile."""
    middle = (side - 1) / 2
    cells = sorted(
        ((x - middle) ** 2 + (y - middle) ** 2, x + y, x, y) for x in range(side) for y in range(side)
    )
    rows = [[0] * side for _ in range(side)]
    for rank, (_, _, x, y) in enumerate(cells):
        rows[y][x] = side * side - rank
    return rows


def _angled(side: int) -> list[list[int]]:
    """Dots at 45°: the same small tile twice, and its negative on the other diagonal."""
    half = side // 2
    dark = [[rank + half * half for rank in row] for row in _spots(half)]
    light = [[half * half + 1 - rank for rank in row] for row in _spots(half)]
    pairs = list(zip(dark, light, strict=True))
    return [one + other for one, other in pairs] + [other + one for one, other in pairs]
