"""Round corners: a smooth mask, drawn once per radius and multiplied into the alpha channel."""

from PIL import Image, ImageChops, ImageDraw
from PIL.Image import Transpose

OVERSAMPLING = 4
OPAQUE = 255


def round_corners(
    canvas: Image.Image, radii: tuple[int, int, int, int], *, ellipse: bool = False
) -> Image.Image:
    """The canvas with transparent corners; radii clockwise from top left, at most half the shorter side."""
    mask = _ellipse(canvas.size) if ellipse else _corners(canvas.size, radii)
    rounded = canvas.convert("LA" if canvas.mode in ("L", "LA") else "RGBA")
    rounded.putalpha(ImageChops.multiply(rounded.getchannel("A"), mask))
    return rounded


def _corners(size: tuple[int, int], radii: tuple[int, int, int, int]) -> Image.Image:
    width, height = size
    mask = Image.new("L", size, OPAQUE)
    for corner, wanted in enumerate(radii):
        radius = min(wanted, min(size) // 2)
        if radius <= 0:
            continue
        quarter = _quarter(radius)
        if corner in (1, 2):
            quarter = quarter.transpose(Transpose.FLIP_LEFT_RIGHT)
        if corner in (2, 3):
            quarter = quarter.transpose(Transpose.FLIP_TOP_BOTTOM)
        mask.paste(
            quarter, (width - radius if corner in (1, 2) else 0, height - radius if corner in (2, 3) else 0)
        )
    return mask


def _quarter(radius: int) -> Image.Image:
    """The top left quarter of a disc."""
    side = radius * OVERSAMPLING
    drawn = Image.new("L", (side, side), 0)
    ImageDraw.Draw(drawn).ellipse((0, 0, 2 * side - 1, 2 * side - 1), fill=OPAQUE)
    return drawn.reduce(OVERSAMPLING)


def _ellipse(size: tuple[int, int]) -> Image.Image:
    """The inscribed ellipse from one quarter and its mirror images; odd sides share their middle row."""
    width, height = size
    across, down = -(-width // 2), -(-height // 2)
    drawn = Image.new("L", (across * OVERSAMPLING, down * OVERSAMPLING), 0)
    whole = (0, 0, width * OVERSAMPLING - 1, height * OVERSAMPLING - 1)
    ImageDraw.Draw(drawn).ellipse(whole, fill=OPAQUE)
    quarter = drawn.reduce(OVERSAMPLING)
    mask = Image.new("L", size)
    right = quarter.transpose(Transpose.FLIP_LEFT_RIGHT)
    for piece, left in ((quarter, 0), (right, width - across)):
        mask.paste(piece, (left, 0))
        mask.paste(piece.transpose(Transpose.FLIP_TOP_BOTTOM), (left, height - down))
    return mask
