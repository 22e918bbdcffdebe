"""Effects that look at the image before they change it. Sheet: transformations.md §12.1."""

import math
from functools import lru_cache
from typing import Any

from PIL import Image, ImageOps

from origin.render.pillow.effects.bands import Rgb, alpha_of, apart, cube, mixed, together, toned
from origin.render.pillow.effects.hues import vibrance

TAIL = 0.5  # percent of the pixels that may be lost to black and to white
OUTDOOR_VIBRANCE, INDOOR_VIBRANCE, INDOOR_GAMMA = 15, 8, 1.15


def auto_brightness(canvas: Image.Image, percent: int) -> Image.Image:
    """The gamma that brings the mean luma to the middle, within limits."""
    colours, alpha = apart(canvas)
    histogram = colours.convert("L").histogram(_seen(canvas))
    mean = sum(level * count for level, count in enumerate(histogram)) / max(sum(histogram), 1) / 255
    power = min(max(math.log(0.5) / math.log(min(max(mean, 0.01), 0.99)), 0.5), 2)
    return together(mixed(colours, toned(colours, lambda value: value**power), percent), alpha)


def auto_contrast(canvas: Image.Image, percent: int) -> Image.Image:
    """Luma stretched to the full range, by one line for all bands."""
    colours, alpha = apart(canvas)
    low, high = _range(colours.convert("L").histogram(_seen(canvas)))
    if high <= low:
        return canvas
    stretched = toned(colours, lambda value: (value * 255 - low) / (high - low))
    return together(mixed(colours, stretched, percent), alpha)


def auto_color(canvas: Image.Image, percent: int) -> Image.Image:
    """Each band stretched for itself: a cast goes."""
    colours, alpha = apart(canvas)
    stretched = ImageOps.autocontrast(colours, cutoff=TAIL, mask=_seen(canvas))
    return together(mixed(colours, stretched, percent), alpha)


def improve(canvas: Image.Image, place: str, percent: int) -> Image.Image:
    """Contrast and vibrance; indoors lightened first."""
    colours, alpha = apart(canvas)
    work = together(colours, alpha)
    if place == "indoor":
        lighter = toned(colours, lambda value: value ** (1 / INDOOR_GAMMA))
        work = together(lighter, alpha)
    work = vibrance(auto_contrast(work, 100), INDOOR_VIBRANCE if place == "indoor" else OUTDOOR_VIBRANCE)
    return together(mixed(colours, apart(work)[0], percent), alpha)


def fill_light(canvas: Image.Image, percent: int, bias: int) -> Image.Image:
    """Shadows lifted, the more the darker they are."""
    colours, alpha = apart(canvas)
    return together(mixed(colours, colours.filter(_lifted(bias)), percent), alpha)


@lru_cache(maxsize=4)
def _lifted(bias: int) -> Any:
    def lifted(red: float, green: float, blue: float) -> Rgb:
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        power = 1 + (1 - luma) * (1 + bias / 100)
        return 1 - (1 - red) ** power, 1 - (1 - green) ** power, 1 - (1 - blue) ** power

    return cube(lifted)


def _seen(canvas: Image.Image) -> Image.Image | None:
    """What of a canvas can be seen; None: all of it, or nothing."""
    if canvas.mode not in ("LA", "RGBA"):
        return None
    mask = alpha_of(canvas).point([255 * (level > 0) for level in range(256)])
    return mask if mask.getbbox() else None


def _range(histogram: list[int]) -> tuple[int, int]:
    """The levels between the tails."""
    lost = sum(histogram) * TAIL / 100

    def first(levels: range) -> int:
        seen = 0
        for level in levels:
            seen += histogram[level]
            if seen > lost:
                return level
        return levels[-1]

    return first(range(256)), first(range(255, -1, -1))
