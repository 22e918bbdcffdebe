"""Softer, sharper, coarser. Sheet: transformations.md §12.2."""

from PIL import Image, ImageDraw, ImageFilter

from origin.render.pillow.effects.bands import on_colours

SIGMA_KEPT = 4.0  # a blur this wide on a reduced copy looks like the whole one
SOFT_EDGE = 1.0  # pixels, of an ellipse
PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}

Box = tuple[int, int, int, int]


def gaussian(canvas: Image.Image, sigma: float) -> Image.Image:
    """Premultiplied, or colours under full transparency would show; wide blurs on a reduced copy."""
    mode = canvas.mode
    work = canvas.convert(PREMULTIPLIED.get(mode, mode))
    factor = max(1, min(int(sigma / SIGMA_KEPT), *canvas.size))
    if factor > 1:
        work = work.reduce(factor)
    work = work.filter(ImageFilter.GaussianBlur(sigma / factor))
    if factor > 1:
        box = (0.0, 0.0, canvas.width / factor, canvas.height / factor)
        work = work.resize(canvas.size, Image.Resampling.BICUBIC, box=box)
    return work.convert(mode)


def blur_region(
    canvas: Image.Image, sigma: float, left: int, top: int, right: int, bottom: int
) -> Image.Image:
    """Blurred inside the rectangle."""
    return _within(canvas, gaussian(canvas, sigma), (left, top, right, bottom))


def pixelate(canvas: Image.Image, side: int) -> Image.Image:
    """Squares of their mean colour, from the top left corner on."""
    if side <= 1:
        return canvas
    small = canvas.convert(PREMULTIPLIED.get(canvas.mode, canvas.mode)).reduce(side)
    coarse = small.resize((small.width * side, small.height * side), Image.Resampling.NEAREST)
    return coarse.crop((0, 0, *canvas.size)).convert(canvas.mode)


def pixelate_region(
    canvas: Image.Image, side: int, left: int, top: int, right: int, bottom: int
) -> Image.Image:
    """Coarse inside the rectangle, on the grid of the whole image."""
    return _within(canvas, pixelate(canvas, side), (left, top, right, bottom))


def blur_parts(canvas: Image.Image, sigma: float, is_round: bool, boxes: tuple[Box, ...]) -> Image.Image:
    """Blurred inside some boxes, or the ellipses in them."""
    return Image.composite(gaussian(canvas, sigma), canvas, _parts(canvas.size, is_round, boxes))


def pixelate_parts(canvas: Image.Image, side: int, is_round: bool, boxes: tuple[Box, ...]) -> Image.Image:
    """Coarse inside some boxes, or the ellipses in them."""
    return Image.composite(pixelate(canvas, side), canvas, _parts(canvas.size, is_round, boxes))


@on_colours
def sharpen(colours: Image.Image, percent: int) -> Image.Image:
    """Edges of one pixel."""
    return colours.filter(ImageFilter.UnsharpMask(radius=1, percent=percent, threshold=0))


@on_colours
def unsharp_mask(colours: Image.Image, percent: int) -> Image.Image:
    """Wider edges, noise left alone."""
    return colours.filter(ImageFilter.UnsharpMask(radius=2.5, percent=percent, threshold=2))


def _parts(size: tuple[int, int], is_round: bool, boxes: tuple[Box, ...]) -> Image.Image:
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    for left, top, right, bottom in boxes:
        (pen.ellipse if is_round else pen.rectangle)((left, top, right - 1, bottom - 1), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(SOFT_EDGE)) if is_round else mask


def _within(canvas: Image.Image, changed: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    mixed = canvas.copy()
    mixed.paste(changed.crop(box), box[:2])
    return mixed
