"""`e_morphology`: each pixel takes the darkest, the brightest or the mean of a shape about it. Sheet: §12.2."""

import math
from collections.abc import Callable, Iterable
from functools import reduce

from PIL import Image, ImageChops

from origin.render.pillow.effects.bands import coarsely, on_colours

Offset = tuple[int, int]

MOST_STEPS = 500_000_000  # pixels times places, two seconds' work; what costs more is done on a reduced copy


@on_colours
def morphology(colours: Image.Image, method: str, iterations: int, kernel: str, radius: float) -> Image.Image:
    """The image after so many rounds."""
    cost = colours.width * colours.height * len(offsets_of(kernel, radius)) * iterations
    factor = math.ceil((cost / MOST_STEPS) ** 0.25)  # both the pixels and the kernel's places shrink squared
    offsets = offsets_of(kernel, radius / factor)

    def worked(image: Image.Image) -> Image.Image:
        for _ in range(iterations):
            shifted = (moved(image, offset) for offset in offsets)
            if method == "convolve":
                image = _mean(shifted)
            else:
                image = reduce(ImageChops.darker if method == "erode" else ImageChops.lighter, shifted)
        return image

    return coarsely(colours, factor, worked)


def moved(image: Image.Image, offset: Offset) -> Image.Image:
    """The image shifted; what would come in from outside is its own edge."""
    width, height = image.size
    across = max(min(offset[0], width - 1), 1 - width)  # further away there is only the edge
    down = max(min(offset[1], height - 1), 1 - height)
    if not across and not down:
        return image
    shifted = image.crop((-across, -down, width - across, height - down))
    if across:
        edge = image.crop((0, 0, 1, height) if across > 0 else (width - 1, 0, width, height))
        strip = edge.resize((abs(across), height))
        shifted.paste(strip, (0 if across > 0 else width + across, down))
    if down:
        row = down if down > 0 else height + down - 1
        strip = shifted.crop((0, row, width, row + 1)).resize((width, abs(down)))
        shifted.paste(strip, (0, 0 if down > 0 else height + down))
    return shifted


def offsets_of(kernel: str, radius: float) -> list[Offset]:
    """The places of a kernel about its middle."""
    reach = math.ceil(radius)
    inside: dict[str, Callable[[int, int], bool]] = {
        "square": lambda x, y: True,
        "diamond": lambda x, y: abs(x) + abs(y) <= radius,
        "octagon": lambda x, y: abs(x) + abs(y) <= radius * math.sqrt(2),
        "disk": lambda x, y: x * x + y * y <= radius * radius + 0.5,
        "ring": lambda x, y: (radius - 1) ** 2 < x * x + y * y <= radius * radius + 0.5,
        "plus": lambda x, y: not x or not y,
        "cross": lambda x, y: abs(x) == abs(y),
    }
    places = range(-reach, reach + 1)
    found = [(x, y) for y in places for x in places if inside[kernel](x, y)]
    return found or [(0, 0)]


def _mean(images: Iterable[Image.Image]) -> Image.Image:
    """Equal shares, added in pairs of equal weight so that rounding cannot drift."""
    stack: list[tuple[int, Image.Image]] = []
    for image in images:
        stack.append((1, image))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            stack.append(_joined(stack.pop(), stack.pop()))
    while len(stack) > 1:
        stack.append(_joined(stack.pop(), stack.pop()))
    return stack[0][1]


def _joined(one: tuple[int, Image.Image], other: tuple[int, Image.Image]) -> tuple[int, Image.Image]:
    weight = one[0] + other[0]
    return weight, Image.blend(one[1], other[1], other[0] / weight)
