"""A canvas taken apart into colours and transparency, and put together again."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from PIL import Image, ImageFilter

Rgb = tuple[float, float, float]
Painter = Callable[..., Image.Image]
P = ParamSpec("P")
SIZE_OF_TABLE = 17


def apart(canvas: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours as RGB, and the alpha band if there is one."""
    alpha = canvas.getchannel("A") if canvas.mode in ("LA", "RGBA") else None
    return canvas.convert("RGB"), alpha


def together(colours: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """The canvas of these bands; grey colours stay grey."""
    if alpha is not None:
        colours = colours.copy()
        colours.putalpha(alpha)
    return colours


def alpha_of(canvas: Image.Image) -> Image.Image:
    """The alpha band, solid for an opaque canvas."""
    return canvas.getchannel("A") if canvas.mode in ("LA", "RGBA") else Image.new("L", canvas.size, 255)


def on_colours(
    painter: Callable[Concatenate[Image.Image, P], Image.Image],
) -> Callable[Concatenate[Image.Image, P], Image.Image]:
    """A painter of RGB made one of canvases: transparency stays as it is (§12)."""

    @wraps(painter)
    def painted(canvas: Image.Image, /, *args: P.args, **kwargs: P.kwargs) -> Image.Image:
        colours, alpha = apart(canvas)
        return together(painter(colours, *args, **kwargs), alpha)

    return painted


def curve(function: Callable[[float], float]) -> list[int]:
    """A table of 256 levels from a function on 0..1."""
    return [min(max(round(255 * function(level / 255)), 0), 255) for level in range(256)]


def toned(colours: Image.Image, function: Callable[[float], float]) -> Image.Image:
    """The same curve on every band."""
    return colours.point(curve(function) * len(colours.getbands()))


def cube(function: Callable[[float, float, float], Rgb], size: int = SIZE_OF_TABLE) -> Any:
    """Any function of a colour as a filter: sampled on a grid, straight lines between."""
    return ImageFilter.Color3DLUT.generate(size, function)


def mixed(before: Image.Image, after: Image.Image, percent: int) -> Image.Image:
    """`percent` of the way from one image to the other."""
    return after if percent == 100 else Image.blend(before, after.convert(before.mode), percent / 100)


def coarsely(image: Image.Image, factor: int, painter: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Painted on a copy reduced by a factor, for painters whose cost would outgrow a job's time."""
    factor = min(factor, *image.size)
    if factor <= 1:
        return painter(image)
    box = (0.0, 0.0, image.width / factor, image.height / factor)
    return painter(image.reduce(factor)).resize(image.size, Image.Resampling.BICUBIC, box=box)
