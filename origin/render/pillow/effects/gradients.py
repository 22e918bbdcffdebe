"""Effects made of gradients: over luma, about the middle, from the edges. Sheet: transformations.md §12.1."""

import math

from PIL import Image, ImageChops, ImageOps

from origin.render.pillow.effects.bands import alpha_of, mixed, on_colours, together
from origin.transform.plan import Rgba

Stop = tuple[float, Rgba]
REACH, MIDDLE = (
    127.0,
    128.0,
)  # of Pillow's radial gradient, whose level is √2 times the pixels from its middle


@on_colours
def tint(colours: Image.Image, equalize: bool, percent: int, *stops: Stop) -> Image.Image:
    """Luma mapped to a ramp from black through the stops to white."""
    luma = colours.convert("L")
    if equalize:
        luma = ImageOps.equalize(luma)
    return mixed(colours, ramped(luma, stops), percent)


def ramped(luma: Image.Image, stops: tuple[Stop, ...]) -> Image.Image:
    """A grey image in the colours of a ramp; a stop at an end hides black or white there."""
    ends: list[Stop] = []
    if not stops or min(place for place, _ in stops) > 0:
        ends.append((0.0, (0, 0, 0, 255)))
    if not stops or max(place for place, _ in stops) < 1:
        ends.append((1.0, (255, 255, 255, 255)))
    ramp = sorted([*ends, *stops], key=lambda stop: stop[0])
    return Image.merge("RGB", [luma.point(_table(ramp, band)) for band in range(3)])


def _table(ramp: list[Stop], band: int) -> list[int]:
    table, segment = [], 0
    for level in range(256):
        place = level / 255
        while segment < len(ramp) - 2 and place > ramp[segment + 1][0]:
            segment += 1
        (start, low), (stop, high) = ramp[segment], ramp[segment + 1]
        share = min(max((place - start) / (stop - start), 0), 1) if stop > start else 1.0
        table.append(round(low[band] + share * (high[band] - low[band])))
    return table


@on_colours
def vignette(colours: Image.Image, percent: int) -> Image.Image:
    """Darker towards the corners, from half way on."""
    scale = REACH / max(colours.size)
    to_corner = math.hypot(*colours.size) * scale * math.sqrt(2)  # in levels of the gradient

    def dimmed(level: int) -> int:
        way = min(max(2 * level / to_corner - 1, 0), 1)
        return round(255 * (1 - percent / 100 * way * way * (3 - 2 * way)))

    across, down = colours.width * scale, colours.height * scale
    box = (MIDDLE - across, MIDDLE - down, MIDDLE + across, MIDDLE + down)
    distance = Image.radial_gradient("L").resize(colours.size, Image.Resampling.BICUBIC, box=box)
    mask = distance.point([dimmed(level) for level in range(256)])
    return ImageChops.multiply(colours, Image.merge("RGB", (mask, mask, mask)))


def gradient_fade(
    canvas: Image.Image, strength: int, left: int, top: int, right: int, bottom: int
) -> Image.Image:
    """Transparent at the edges named by a depth above zero, whole where that depth ends."""
    width, height = canvas.size
    power = strength / 20
    across = _ramp(width, left, right, power).resize(canvas.size, Image.Resampling.NEAREST)
    turned = _ramp(height, top, bottom, power).transpose(Image.Transpose.ROTATE_270)
    mask = ImageChops.multiply(across, turned.resize(canvas.size, Image.Resampling.NEAREST))
    return together(canvas.convert("RGB"), ImageChops.multiply(alpha_of(canvas), mask))


def _ramp(length: int, near: int, far: int, power: float) -> Image.Image:
    """One row that rises over `near` pixels and falls over the last `far`."""
    rising = [((index + 0.5) / near if index < near else 1) for index in range(length)]
    falling = [((index + 0.5) / far if index < far else 1) for index in range(length)][::-1]
    levels = bytes(round(255 * (one * other) ** power) for one, other in zip(rising, falling, strict=True))
    return Image.frombytes("L", (length, 1), levels)
