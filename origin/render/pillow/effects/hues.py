"""Effects on saturation, hue and the mix of colours. Sheet: transformations.md §12.1."""

import colorsys
from functools import lru_cache
from typing import Any

from PIL import Image, ImageChops

from origin.render.pillow.effects.bands import Rgb, alpha_of, cube, mixed, on_colours
from origin.transform.plan import Rgba

SMALL = 64  # pixels a side, enough to find what colour an image mostly is
CUBE_OF_REPLACEMENT = 25
SOFT_EDGE = 0.1


@on_colours
def saturation(colours: Image.Image, level: int) -> Image.Image:
    """Away from grey, or towards it."""
    return Image.blend(colours.convert("L").convert("RGB"), colours, 1 + level / 100)


@on_colours
def vibrance(colours: Image.Image, level: int) -> Image.Image:
    """Saturation where there is little of it."""
    stronger = Image.blend(colours.convert("L").convert("RGB"), colours, 1 + level / 100)
    return Image.composite(stronger, colours, ImageChops.invert(colours.convert("HSV").getchannel("S")))


@on_colours
def hue(colours: Image.Image, level: int) -> Image.Image:
    """Hues turned by 1.8° a level."""
    hue, saturation, value = colours.convert("HSV").split()
    turned = hue.point([(angle + round(level * 1.28)) % 256 for angle in range(256)])
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


@on_colours
def colorize(colours: Image.Image, percent: int, colour: Rgba) -> Image.Image:
    """Towards one flat colour."""
    return mixed(colours, Image.new("RGB", colours.size, colour[:3]), percent)


def recolor(canvas: Image.Image, *weights: float) -> Image.Image:
    """A matrix on each pixel: three by three on colours, four by four on colours and alpha."""
    side = 3 if len(weights) == 9 else 4
    rows = [weights[start : start + side] for start in range(0, side * side, side)]
    if side == 3:
        return _weighed(canvas, [(*row, 0.0) for row in rows])
    alpha = alpha_of(canvas)
    bands = [_summed(canvas.convert("RGB"), alpha, row) for row in rows]
    return Image.merge("RGBA", bands)


@on_colours
def _weighed(colours: Image.Image, rows: list[tuple[float, ...]]) -> Image.Image:
    return colours.convert("RGB", tuple(weight for row in rows for weight in row))


def _summed(colours: Image.Image, alpha: Image.Image, row: tuple[float, ...]) -> Image.Image:
    """One band of the product. A sum with alpha that varies is taken at a quarter of the precision."""
    red, green, blue, own = row
    low, high = alpha.getextrema()
    if own == 0 or low == high:
        return colours.convert("L", (red, green, blue, own * float(low)))  # type: ignore[arg-type]
    if (red, green, blue) == (0, 0, 0):
        return alpha.point([min(max(round(own * level), 0), 255) for level in range(256)])
    from_colours = colours.convert("L", (red / 4, green / 4, blue / 4, 64))
    from_alpha = alpha.point([min(max(round(own * level / 4) + 64, 0), 255) for level in range(256)])
    return ImageChops.add(from_colours, from_alpha, scale=1, offset=-128).point(
        [min(4 * level, 255) for level in range(256)]
    )


def replace_color(canvas: Image.Image, to: Rgba, tolerance: int, origin: Rgba | None = None) -> Image.Image:
    """What looks like `origin` takes the colour `to`, lighter and darker as it was."""
    start = origin[:3] if origin is not None else _liveliest(canvas.convert("RGB"))
    return _replaced(canvas, to, tolerance, start)


@on_colours
def _replaced(colours: Image.Image, to: Rgba, tolerance: int, start: tuple[int, ...]) -> Image.Image:
    return colours.filter(_replacement(to[:3], tolerance, start))


@lru_cache(maxsize=8)
def _replacement(to: tuple[int, ...], tolerance: int, start: tuple[int, ...]) -> Any:
    wanted, origin = _lab(*(v / 255 for v in to)), _lab(*(v / 255 for v in start))
    reach = max(tolerance, 1)

    def replaced(red: float, green: float, blue: float) -> Rgb:
        here = _lab(red, green, blue)
        distance = sum((one - other) ** 2 for one, other in zip(here, origin, strict=True)) ** 0.5
        share = min(max((reach * (1 + SOFT_EDGE) - distance) / (reach * SOFT_EDGE), 0), 1)
        if not share:
            return red, green, blue
        new = _rgb(wanted[0] + here[0] - origin[0], wanted[1], wanted[2])
        r, g, b = (old + share * (fresh - old) for old, fresh in zip((red, green, blue), new, strict=True))
        return r, g, b

    return cube(replaced, CUBE_OF_REPLACEMENT)


def _liveliest(colours: Image.Image) -> tuple[int, ...]:
    """The most frequent saturated colour."""
    small = colours.copy()
    small.thumbnail((SMALL, SMALL))
    counted = small.quantize(16).convert("RGB").getcolors(SMALL * SMALL) or []

    def weight(entry: tuple[int, Any]) -> float:
        count, (red, green, blue) = entry
        return count * colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)[1]

    liveliest: tuple[int, ...] = max(counted, key=weight)[1]  # type: ignore[assignment]
    return liveliest


def _lab(red: float, green: float, blue: float) -> Rgb:
    """CIE Lab of an sRGB colour, under its own white."""
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue))
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _rgb(lightness: float, a: float, b: float) -> Rgb:
    fy = (lightness + 16) / 116
    x, y, z = (
        white * (f**3 if f**3 > 0.008856 else (f - 16 / 116) / 7.787)
        for white, f in ((0.9505, fy + a / 500), (1.0, fy), (1.089, fy - b / 200))
    )
    linear = (
        3.2406 * x - 1.5372 * y - 0.4986 * z,
        -0.9689 * x + 1.8758 * y + 0.0415 * z,
        0.0557 * x - 0.2040 * y + 1.0570 * z,
    )
    r, g, bl = (
        min(max(12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055, 0), 1) for v in linear
    )
    return r, g, bl
