"""Canvases in 256 colours or fewer: for PNG-8, for GIF, and for animations that share their palette."""

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageStat

from origin.render.pillow.operations import flatten, has_alpha
from origin.render.pillow.quality import sample

COLOURS = 256
TRANSPARENT = 255  # a GIF's transparent index
THRESHOLD = 128  # less opaque than that is transparent
ERROR = 2.0  # mean difference per channel up to which a palette may stand for true colour
WHOLE_PIXELS = 4_000_000  # median cut takes a second for three million
VOTERS = 6  # as many frames vote for the shared palette


def paletted(canvas: Image.Image) -> Image.Image:
    """The canvas in 256 colours. What has so few keeps them exactly."""
    if canvas.mode in ("L", "LA"):
        canvas = canvas.convert("RGBA" if has_alpha(canvas) else "RGB")
    is_exact = canvas.mode == "RGB" and canvas.getcolors(COLOURS) is not None
    method = Image.Quantize.MEDIANCUT if is_exact else Image.Quantize.FASTOCTREE
    return canvas.quantize(COLOURS, method=method)


def unnoticed(canvas: Image.Image) -> Image.Image | None:
    """The canvas in 256 colours, if hardly anybody could tell. Grey needs no palette.

    The quick method decides (in a twentieth of the time); the better one is for what has so few colours.
    """
    if canvas.mode not in ("RGB", "RGBA"):
        return None
    reduced = paletted(canvas)
    differences = ImageChops.difference(canvas, reduced.convert(canvas.mode))
    return reduced if max(ImageStat.Stat(differences).mean) < ERROR else None


def for_gif(canvas: Image.Image, colours: int = COLOURS) -> Image.Image:
    """A still GIF's pixels; what is transparent takes the index `TRANSPARENT`."""
    opaque = canvas.convert("RGB")
    if not has_alpha(canvas):
        return _cut(opaque, colours)
    return cut_out(_cut(opaque, min(colours, COLOURS - 1)), canvas)


def _cut(opaque: Image.Image, colours: int) -> Image.Image:
    """By median cut; a large picture by that of its tiles, in a tenth of the time."""
    if opaque.width * opaque.height <= WHOLE_PIXELS:
        return opaque.quantize(colours, method=Image.Quantize.MEDIANCUT)
    palette = sample(opaque, WHOLE_PIXELS // 4).quantize(colours, method=Image.Quantize.MEDIANCUT)
    return opaque.quantize(palette=palette, dither=Image.Dither.NONE)


def cut_out(reduced: Image.Image, canvas: Image.Image) -> Image.Image:
    """One bit of alpha: what is less than half opaque takes the transparent index."""
    hidden = canvas.getchannel("A").point(lambda alpha: 255 if alpha < THRESHOLD else 0)
    reduced.paste(TRANSPARENT, mask=hidden)
    return reduced


def shared(canvases: Sequence[Image.Image], colours: int) -> Image.Image:
    """A palette for all frames: exact if they have so few colours, else that of a strip of some of them."""
    exact: set[tuple[int, ...]] = set()
    for canvas in canvases:
        found = flatten(canvas, (0, 0, 0, 255)).convert("RGB").getcolors(colours)
        exact.update(colour for _, colour in found or () if isinstance(colour, tuple))
        if found is None or len(exact) > colours:
            return _voted(canvases, colours)
    palette = Image.new("P", (1, 1))
    palette.putpalette([level for colour in sorted(exact) for level in colour])
    return palette


def _voted(canvases: Sequence[Image.Image], colours: int) -> Image.Image:
    step = -(-len(canvases) // VOTERS)
    voters = [flatten(each, (0, 0, 0, 255)).convert("RGB") for each in canvases[::step]]
    width, height = voters[0].size
    strip = Image.new("RGB", (width, height * len(voters)))
    for row, voter in enumerate(voters):
        strip.paste(voter, (0, row * height))
    return strip.quantize(colours, method=Image.Quantize.MEDIANCUT)
