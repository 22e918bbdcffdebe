"""`quality_analysis`: how well a picture is taken and stored. Every figure is 0 (bad) to 1 (good).

`focus` is the complement of the perceptual blur of Crété-Roffet et al. (2007): what a picture loses by being blurred
once more tells how sharp it was. Noise is estimated after Immerkær (1996).
"""

import math
from typing import Any

from PIL import Image, ImageChops, ImageFilter, ImageStat

from origin.render.pillow.quality import BLOCK

LOOKED_AT = 1024  # pixels along the longer side, on which sharpness is seen
CROP = 512  # a piece from the middle, at full size, on which grain and blocks are
_SHARP, _BLURRED = 0.42, 0.86  # blur of a picture that is called 1, and 0
_LAPLACE = ImageFilter.Kernel((3, 3), (1, -2, 1, -2, 4, -2, 1, -2, 1), scale=4, offset=128)
_NOISY = 12.0  # levels of standard deviation that are called 0
_BLOCKY = 0.6  # steps at the edges of blocks exceed those within by so much
_CONTRAST, _MIDDLE, _COLOURFUL = 64.0, 118.0, 128.0
_CLIPPED = (3, 252)
_MEGAPIXELS = 2.0  # from here on more of them do not show
_STANDARD = {0: 229, 1: 502}  # sums of the first rows of JPEG's own tables, of luma and chroma, at quality 50


def quality_of(colours: Image.Image, image: Image.Image) -> dict[str, Any]:
    """`quality_analysis` and `quality_score`; `colours`: RGB in full size; `image`: the file as it was opened."""
    pixels = _pixels_of(colours) | _coding_of(image)
    tones = _tones_of(colours)
    pixel_score, color_score = _mean(pixels), _mean(tones)
    found = {**pixels, **tones, "pixel_score": pixel_score, "color_score": color_score}
    return {
        "quality_analysis": {name: round(float(value), 3) for name, value in found.items()},
        "quality_score": round(0.6 * pixel_score + 0.4 * color_score, 3),
    }


def focus(grey: Image.Image) -> float:
    """How sharp a grey picture is."""
    if min(grey.size) < 3:
        return 1.0
    blur = max(_blur(grey, (4, 0), (1, 0)), _blur(grey, (0, 4), (0, 1)))
    return _between((_BLURRED - blur) / (_BLURRED - _SHARP))


def _blur(grey: Image.Image, spread: tuple[int, int], step: tuple[int, int]) -> float:
    """The share of a picture's steps from pixel to pixel that blurring it leaves as they are."""
    sharp = _steps(grey, step)
    left = ImageChops.subtract(sharp, _steps(grey.filter(ImageFilter.BoxBlur(spread)), step))
    whole: float = ImageStat.Stat(sharp).sum[0]
    return 1.0 - ImageStat.Stat(left).sum[0] / whole if whole else 0.0


def _steps(grey: Image.Image, step: tuple[int, int]) -> Image.Image:
    width, height = grey.width - step[0], grey.height - step[1]
    return ImageChops.difference(grey.crop((0, 0, width, height)), grey.crop((*step, *grey.size)))


def _pixels_of(colours: Image.Image) -> dict[str, float]:
    crop = _middle(colours).convert("L")
    return {
        "focus": focus(_within(colours).convert("L")),
        "noise": _between(1 - _noise(crop) / _NOISY),
        "blockiness": _between(1 - _blocks(crop) / _BLOCKY),
        "resolution": _between(math.sqrt(colours.width * colours.height / 1e6 / _MEGAPIXELS)),
    }


def _noise(grey: Image.Image) -> float:
    """The standard deviation of what is neither an even area nor an edge."""
    stat = ImageStat.Stat(grey.filter(_LAPLACE).point([abs(level - 128) for level in range(256)]))
    return math.sqrt(math.pi / 2) * 4 * stat.mean[0] / 6


def _blocks(grey: Image.Image) -> float:
    """By how much the mean step between 8x8 blocks exceeds that inside of them."""
    steps = _steps(grey, (1, 0))
    columns = steps.resize((steps.width, 1), Image.Resampling.BOX).tobytes()
    between = columns[BLOCK - 1 :: BLOCK]
    inside = [each for place, each in enumerate(columns) if place % BLOCK != BLOCK - 1]
    if not between or not inside:
        return 0.0
    within = sum(inside) / len(inside)
    return max(0.0, sum(between) / len(between) - within) / (within + 1)


def _tones_of(colours: Image.Image) -> dict[str, float]:
    small = _within(colours, 256)
    grey, saturation = small.convert("L"), small.convert("HSV").getchannel("S")
    stat, levels = ImageStat.Stat(grey), grey.histogram()
    clipped = sum(levels[: _CLIPPED[0]]) + sum(levels[_CLIPPED[1] :])
    return {
        "contrast": _between(stat.stddev[0] / _CONTRAST),
        "exposure": _between(1 - abs(stat.mean[0] - _MIDDLE) / _MIDDLE),
        "lighting": _between(1 - clipped / sum(levels)),
        "saturation": _between(ImageStat.Stat(saturation).mean[0] / _COLOURFUL),
    }


def _coding_of(image: Image.Image) -> dict[str, float]:
    """What a JPEG's own tables tell."""
    tables: Any = getattr(image, "quantization", None)
    if image.format not in ("JPEG", "MPO") or not tables:
        return {}
    names = ((0, "jpeg_quality"), (1, "jpeg_chroma"))
    found = {name: _quality(tables[number], number) for number, name in names if number in tables}
    layers = [layer[1:3] for layer in getattr(image, "layer", ())]
    if len(layers) == 3:
        across, down = layers[0]
        found["chroma_subsampling"] = 1 / (across * down)
    return found


def _quality(table: Any, number: int) -> float:
    """The quality libjpeg would have been asked for, of 1: by how far the table is scaled."""
    scale = 100 * sum(table[:8]) / _STANDARD[number]
    quality = 5000 / scale if scale > 100 else (200 - scale) / 2
    return _between(quality / 100)


def _middle(colours: Image.Image) -> Image.Image:
    """A piece whose corner lies on a corner of blocks."""
    left, top = (max(0, (side - CROP) // 2) // BLOCK * BLOCK for side in colours.size)
    return colours.crop((left, top, min(colours.width, left + CROP), min(colours.height, top + CROP)))


def _within(image: Image.Image, longest: int = LOOKED_AT) -> Image.Image:
    if max(image.size) <= longest:
        return image
    factor = longest / max(image.size)
    width, height = (max(1, round(side * factor)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)


def _mean(figures: dict[str, float]) -> float:
    return sum(figures.values()) / len(figures)


def _between(value: float) -> float:
    return min(max(value, 0.0), 1.0)
