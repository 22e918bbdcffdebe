"""Effects on the shape that the alpha channel draws: shadows and outlines. Sheet: transformations.md §12.3."""

from functools import reduce

from PIL import Image, ImageChops, ImageFilter

from origin.render.pillow.effects.bands import alpha_of, together
from origin.render.pillow.effects.blurring import gaussian
from origin.render.pillow.effects.morphology import moved
from origin.transform.plan import Rgba

Size = tuple[int, int]

MOST_STEPS = 16  # a thicker line is grown on a reduced copy
OCTAGON = 0.414  # the share of steps that also go diagonally, for a round result
NEIGHBOURS = ((1, 0), (-1, 0), (0, 1), (0, -1))
DROPPED = (0, 0, 0, 128)


def shadow(
    canvas: Image.Image, size: Size, sigma: float, colour: Rgba, left: int, top: int, x: int, y: int
) -> Image.Image:
    """The image at (left, top) before the blurred shadow of its shape, (x, y) away from it."""
    shape = Image.new("L", size)
    shape.paste(alpha_of(canvas), (left + x, top + y))
    behind = flat(colour, gaussian(shape, sigma) if sigma else shape)
    behind.alpha_composite(canvas.convert("RGBA"), (left, top))
    return behind


def dropshadow(canvas: Image.Image, x: int, y: int, sigma: float) -> Image.Image:
    """The shadow on the ground behind the shape, on the same canvas."""
    shape = Image.new("L", canvas.size)
    shape.paste(alpha_of(canvas), (x, y))
    behind = flat(DROPPED, gaussian(shape, sigma) if sigma else shape)
    behind.alpha_composite(canvas.convert("RGBA"))
    return behind


def outline(
    canvas: Image.Image, mode: str, thickness: int, sigma: float, colour: Rgba, margin: int
) -> Image.Image:
    """A line along the shape's edge, outside or inside or both; or the whole shape in one colour."""
    room = margin or thickness  # an inner line starts where the image ends
    size = canvas.width + 2 * room, canvas.height + 2 * room
    image = Image.new("RGBA", size)
    image.paste(canvas.convert("RGBA"), (room, room))
    shape = image.getchannel("A")
    if mode == "fill":
        image = flat(colour, _soft(grown(shape, thickness), sigma))
    elif mode == "inner_fill":
        image = flat(colour, shape)
    else:
        if mode in ("both", "outer"):
            ring = ImageChops.subtract(grown(shape, thickness), shrunk(shape, 1))
            behind = flat(colour, _soft(ring, sigma))
            behind.alpha_composite(image)
            image = behind
        if mode in ("both", "inner"):
            rim = ImageChops.subtract(shape, shrunk(shape, thickness))
            image.alpha_composite(flat(colour, ImageChops.darker(_soft(rim, sigma), shape)))
    cut = room - margin
    return image.crop((cut, cut, size[0] - cut, size[1] - cut))


def flat(colour: Rgba, mask: Image.Image) -> Image.Image:
    """One colour in the shape of a mask."""
    filled = Image.new("RGB", mask.size, colour[:3])
    alpha = colour[3]
    return together(filled, mask if alpha == 255 else mask.point([v * alpha // 255 for v in range(256)]))


def grown(shape: Image.Image, steps: int) -> Image.Image:
    """The shape made larger by so many pixels, round at its corners."""
    factor = -(-steps // MOST_STEPS)
    work = shape.reduce(factor) if factor > 1 else shape
    diagonal = 0.0
    for _ in range(round(steps / factor)):
        diagonal += OCTAGON
        if diagonal >= 1:
            diagonal -= 1
            work = work.filter(ImageFilter.MaxFilter(3))
        else:
            beside = [moved(work, offset) for offset in NEIGHBOURS]
            work = reduce(ImageChops.lighter, beside, work)
    if factor == 1:
        return work
    box = (0.0, 0.0, shape.width / factor, shape.height / factor)
    return ImageChops.lighter(work.resize(shape.size, Image.Resampling.BICUBIC, box=box), shape)


def shrunk(shape: Image.Image, steps: int) -> Image.Image:
    """The shape made smaller: what surrounds it grows."""
    return ImageChops.invert(grown(ImageChops.invert(shape), steps))


def _soft(mask: Image.Image, sigma: float) -> Image.Image:
    return gaussian(mask, sigma) if sigma else mask
