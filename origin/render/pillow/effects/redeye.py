"""Red eyes made dark again. Sheet: transformations.md §12.2."""

from PIL import Image, ImageChops

from origin.render.pillow.effects.bands import on_colours

RED_SHARE = 1.8  # how far red must exceed the mean of green and blue: skin and lips do not
DARKEST = 60  # red below that is no reflection
EYES_END = 0.6  # of a face's height: eyes lie above, lips below

Box = tuple[int, int, int, int]


@on_colours
def redeye(colours: Image.Image, boxes: tuple[Box, ...]) -> Image.Image:
    """Inside faces, what glows red takes the mean of its green and blue."""
    mended = colours.copy()
    for left, top, right, bottom in boxes:
        box = (left, top, right, top + round((bottom - top) * EYES_END))
        if box[3] > top:
            mended.paste(_mended(colours.crop(box)), box[:2])
    return mended


def _mended(face: Image.Image) -> Image.Image:
    red, green, blue = face.split()
    mean = Image.blend(green, blue, 0.5)
    limit = mean.point([min(255, round(level * RED_SHARE)) for level in range(256)])
    glows = ImageChops.subtract(red, limit).point([255 * (level > 0) for level in range(256)])
    glows = ImageChops.darker(glows, red.point([255 * (level > DARKEST) for level in range(256)]))
    return Image.merge("RGB", (Image.composite(mean, red, glows), green, blue))
