"""From an opened file to an upright sRGB canvas, decoding no more pixels than the plan needs."""

import math

from PIL import Image
from PIL.Image import Resampling, Transpose

from origin.render.pillow.colour import to_srgb
from origin.transform.plan import Resample

Box = tuple[float, float, float, float]

DRAFT_MARGIN = 1.2
"""A JPEG decoded at 1/N keeps at least this many times the target's pixels a side, or it shows.

With 1.25 times the pixels a result at quality 80 loses less than a point of SSIMULACRA 2 against twice as many,
for a third to a half of the time; with as many pixels as the result, up to three.
"""

REDUCING_GAP = 2.0
LANCZOS_PIXELS = 300_000
"""Up to this result Lanczos; above it the filter would cost as much as decoding, and bicubic costs half."""

UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


def decode(image: Image.Image, orientation: int, first: Resample | None) -> Image.Image:
    """The canvas after `first`, the plan's opening cut, which costs least while the pixels are still stored.

    Turning and colour conversion come after it, on the small image.
    """
    profile = image.info.get("icc_profile")
    if first is None:
        canvas = plain(image)
        canvas = (
            image.copy() if canvas is image else canvas
        )  # the file will be closed, or show its next frame
    else:
        box, size = first.box, (first.width, first.height)
        if orientation != 1:
            box = stored_box(box, orientation, *image.size)
            size = size[::-1] if orientation >= 5 else size
        divisor = draft(image, box, size)
        left, top, right, bottom = box
        scaled = (left / divisor, top / divisor, right / divisor, bottom / divisor)
        canvas = resample(plain(image), scaled, size)
    if orientation != 1:
        canvas = canvas.transpose(UPRIGHT[orientation])
    return to_srgb(canvas, profile)


def stored_box(box: Box, orientation: int, width: int, height: int) -> Box:
    """Where a box of the shown image lies in the stored one, whose size is given."""
    left, top, right, bottom = box
    if orientation >= 5:
        left, top, right, bottom = top, left, bottom, right
    if orientation in (2, 3, 7, 8):
        left, right = width - right, width - left
    if orientation in (3, 4, 6, 7):
        top, bottom = height - bottom, height - top
    return left, top, right, bottom


def draft(image: Image.Image, box: Box, size: tuple[int, int]) -> float:
    """Let libjpeg decode at 1/N if that leaves enough pixels; N. Other formats: 1.

    Boxes divide by N exactly: the scaled size is rounded up, and new/old size would shift the picture.
    """
    across, down = (box[2] - box[0]) / size[0], (box[3] - box[1]) / size[1]
    is_halving = across == down in (2, 4, 8)  # nothing left to resample: what libjpeg gives is the result
    scale = 1 / min(across, down) * (1 if is_halving else DRAFT_MARGIN)
    if scale >= 1 or image.format not in ("JPEG", "MPO"):
        return 1
    width, height = image.size
    drafted = image.draft(None, (math.ceil(width * scale), math.ceil(height * scale)))
    return 1 if drafted is None else round(width / drafted[1][2])


def resample(canvas: Image.Image, box: Box, size: tuple[int, int]) -> Image.Image:
    """Cut and scale in one call. A cut without scaling stays exact."""
    width, height = canvas.size
    box = (max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3]))
    is_whole = all(edge == round(edge) for edge in box)
    if is_whole and size[0] == box[2] - box[0] and size[1] == box[3] - box[1]:
        left, top, right, bottom = map(round, box)
        return canvas.crop((left, top, right, bottom))
    sharpest = size[0] * size[1] <= LANCZOS_PIXELS
    kernel = Resampling.LANCZOS if sharpest else Resampling.BICUBIC
    return canvas.resize(size, kernel, box=box, reducing_gap=REDUCING_GAP)


def plain(image: Image.Image) -> Image.Image:
    """The image in a mode that can be resampled: L, LA, RGB, RGBA or CMYK. Loads it.

    What has more than eight bits has been `corrected` by its source.
    """
    mode = image.mode
    if mode in ("L", "RGB") and "transparency" in image.info:
        return image.convert(mode + "A")
    if mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image.load()
        return image
    if mode == "1":
        return image.convert("L")
    if mode == "La":
        return image.convert("LA")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")
