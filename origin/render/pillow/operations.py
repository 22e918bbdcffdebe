"""A plan's operations, each a function from canvas to canvas. Canvases are L, LA, RGB or RGBA."""

import math
from collections.abc import Callable
from typing import Any

from PIL import Image
from PIL.Image import Resampling, Transpose

from origin.render.limits import RenderLimits
from origin.render.pillow.borders import bordered
from origin.render.pillow.corners import round_corners
from origin.render.pillow.decoding import resample
from origin.render.pillow.effects.blurring import gaussian
from origin.render.pillow.effects.table import filtered
from origin.render.pillow.effects.tones import opacity
from origin.transform.plan import (
    WHITE,
    Blur,
    Border,
    Filter,
    Flatten,
    Flip,
    Grayscale,
    Opacity,
    Operation,
    Pad,
    Resample,
    Rgba,
    Rotate,
    RoundCorners,
    Sepia,
)

QUARTERS = {90: Transpose.ROTATE_270, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_90}
SEPIA = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))  # transformations §12.1


def apply(canvas: Image.Image, operation: Operation, limits: RenderLimits, frames: int = 1) -> Image.Image:
    """One step of a plan. The next canvas is measured before it is allocated."""
    limits.admit_result(*_size_after(canvas, operation), frames)
    return OPERATIONS[type(operation)](canvas, operation)


def has_alpha(canvas: Image.Image) -> bool:
    """Whether the canvas carries transparency."""
    return canvas.mode in ("LA", "RGBA")


def flatten(canvas: Image.Image, colour: Rgba) -> Image.Image:
    """The canvas over a colour; opaque if the colour is."""
    if not has_alpha(canvas):
        return canvas
    below = Image.new("RGBA", canvas.size, colour)
    below.alpha_composite(canvas.convert("RGBA"))
    return below.convert("RGB") if colour[3] == 255 else below


def _size_after(canvas: Image.Image, operation: Operation) -> tuple[int, int]:
    if isinstance(operation, Resample | Pad | Border | Filter):
        return operation.width, operation.height
    if isinstance(operation, Rotate):
        angle = math.radians(operation.degrees)
        sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
        width, height = canvas.size
        return round(width * cosine + height * sine), round(width * sine + height * cosine)
    return canvas.size


def _resample(canvas: Image.Image, operation: Resample) -> Image.Image:
    return resample(canvas, operation.box, (operation.width, operation.height))


def _pad(canvas: Image.Image, operation: Pad) -> Image.Image:
    colour = operation.colour
    if colour is None:
        colour = (0, 0, 0, 0) if has_alpha(canvas) else WHITE
    red, green, blue, alpha = colour
    is_grey = canvas.mode in ("L", "LA") and red == green == blue
    mode = ("L" if is_grey else "RGB") + ("A" if has_alpha(canvas) or alpha < 255 else "")
    inks = ((red,) if is_grey else (red, green, blue)) + ((alpha,) if mode.endswith("A") else ())
    padded = Image.new(mode, (operation.width, operation.height), inks if len(inks) > 1 else inks[0])
    padded.paste(canvas.convert(mode), (operation.left, operation.top))
    return padded


def _rotate(canvas: Image.Image, operation: Rotate) -> Image.Image:
    degrees = operation.degrees % 360
    if degrees % 90 == 0:
        return canvas.transpose(QUARTERS[int(degrees)]) if degrees else canvas
    return canvas.convert("RGBA").rotate(-operation.degrees, Resampling.BICUBIC, expand=True)


def _flip(canvas: Image.Image, operation: Flip) -> Image.Image:
    return canvas.transpose(Transpose.FLIP_LEFT_RIGHT if operation.horizontal else Transpose.FLIP_TOP_BOTTOM)


def _round_corners(canvas: Image.Image, operation: RoundCorners) -> Image.Image:
    return round_corners(canvas, operation.radii, ellipse=operation.ellipse)


def _grayscale(canvas: Image.Image, _: Grayscale) -> Image.Image:
    return canvas.convert("LA" if has_alpha(canvas) else "L")


def _sepia(canvas: Image.Image, operation: Sepia) -> Image.Image:
    """The blend is linear, so it goes into the matrix: one pass."""
    share = operation.level / 100
    matrix: list[float] = []
    for row, weights in enumerate(SEPIA):
        matrix += [share * weight + (1 - share) * (row == column) for column, weight in enumerate(weights)]
        matrix.append(0)
    toned = canvas.convert("RGB").convert("RGB", tuple(matrix))
    if has_alpha(canvas):
        toned.putalpha(canvas.getchannel("A"))
    return toned


def _blur(canvas: Image.Image, operation: Blur) -> Image.Image:
    return gaussian(canvas, operation.sigma)


def _flatten(canvas: Image.Image, operation: Flatten) -> Image.Image:
    return flatten(canvas, operation.colour)


def _opacity(canvas: Image.Image, operation: Opacity) -> Image.Image:
    return opacity(canvas, operation.percent)


OPERATIONS: dict[type[Operation], Callable[[Image.Image, Any], Image.Image]] = {
    Resample: _resample,
    Pad: _pad,
    Rotate: _rotate,
    Flip: _flip,
    RoundCorners: _round_corners,
    Grayscale: _grayscale,
    Sepia: _sepia,
    Blur: _blur,
    Flatten: _flatten,
    Border: bordered,
    Opacity: _opacity,
    Filter: filtered,
}
