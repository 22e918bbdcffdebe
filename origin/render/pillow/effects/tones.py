"""Effects that are one curve on every band, or on one of them. Sheet: transformations.md §12.1."""

import math

from PIL import Image, ImageChops

from origin.render.pillow.effects.bands import alpha_of, curve, on_colours, together, toned

LUMA_STEP = 2.55  # levels a percent


@on_colours
def negate(colours: Image.Image) -> Image.Image:
    """255 − v."""
    return ImageChops.invert(colours)


@on_colours
def blackwhite(colours: Image.Image, percent: int) -> Image.Image:
    """White above the threshold, black below."""
    return colours.convert("L").point([255 * (level > percent * LUMA_STEP) for level in range(256)])


@on_colours
def brightness(colours: Image.Image, percent: int) -> Image.Image:
    """All bands scaled."""
    return toned(colours, lambda value: value * (1 + percent / 100))


@on_colours
def brightness_hsb(colours: Image.Image, percent: int) -> Image.Image:
    """Only the brightest band is held at white: hue and saturation stay."""
    hue, saturation, value = colours.convert("HSV").split()
    value = toned(value, lambda level: level * (1 + percent / 100))
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


@on_colours
def contrast(colours: Image.Image, level: int, kind: str) -> Image.Image:
    """Sigmoidal: an S about the middle, or its inverse below zero. Linear: as in CSS."""
    if kind == "linear":
        return toned(colours, lambda value: (value - 0.5) * level / 100 + 0.5)
    slope = abs(level) / 10
    low, high = _logistic(-slope / 2), _logistic(slope / 2)

    def steeper(value: float) -> float:
        return (_logistic(slope * (value - 0.5)) - low) / (high - low)

    def flatter(value: float) -> float:
        share = low + value * (high - low)
        return 0.5 + math.log(share / (1 - share)) / slope

    return toned(colours, steeper if level > 0 else flatter)


@on_colours
def gamma(colours: Image.Image, level: int) -> Image.Image:
    """v^(1/(1 + n/100))."""
    return toned(colours, lambda value: value ** (1 / (1 + level / 100)))


@on_colours
def red(colours: Image.Image, level: int) -> Image.Image:
    """The red band scaled."""
    return _one_band(colours, 0, level)


@on_colours
def green(colours: Image.Image, level: int) -> Image.Image:
    """The green band scaled."""
    return _one_band(colours, 1, level)


@on_colours
def blue(colours: Image.Image, level: int) -> Image.Image:
    """The blue band scaled."""
    return _one_band(colours, 2, level)


def opacity(canvas: Image.Image, percent: int) -> Image.Image:
    """Alpha scaled."""
    alpha = toned(alpha_of(canvas), lambda value: value * percent / 100)
    return together(canvas.convert("L" if canvas.mode in ("L", "LA") else "RGB"), alpha)


def opacity_threshold(canvas: Image.Image, percent: int) -> Image.Image:
    """Alpha all or nothing."""
    alpha = alpha_of(canvas).point([255 * (level >= percent * LUMA_STEP) for level in range(256)])
    return together(canvas.convert("RGB"), alpha)


def _one_band(colours: Image.Image, index: int, level: int) -> Image.Image:
    same, scaled = list(range(256)), curve(lambda value: value * (1 + level / 100))
    return colours.point(same * index + scaled + same * (2 - index))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
