"""Words as a picture of their own: two masks, letters and outline, inked over a box or over nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from attrs import evolve
from PIL import Image, ImageChops, ImageDraw
from PIL.Image import Resampling, Transform

from origin.render.errors import TextRefused
from origin.render.limits import RenderLimits
from origin.render.pillow.stored_fonts import NO_FONTS
from origin.render.pillow.typesetting import Block, Line, rule_of, typeset
from origin.transform.composite import Text
from origin.transform.plan import Rgba

OPAQUE = 255
HALF = 128


def measure(text: Text, limits: RenderLimits, fonts: Mapping[str, str] = NO_FONTS) -> tuple[int, int]:
    """Width and height of the picture that some words will be."""
    with _setting():
        return _trimmed(typeset(text, limits, fonts)).size


def draw(text: Text, limits: RenderLimits, fonts: Mapping[str, str] = NO_FONTS) -> Image.Image:
    """The picture, RGBA, of the size that `measure` foretells."""
    with _setting():
        block = _trimmed(typeset(text, limits, fonts))
        canvas = _box(block)
        if text.outlined:
            canvas.alpha_composite(_inked(_letters(block, block.widest), text.border_colour))
        canvas.alpha_composite(_inked(_letters(block, block.bold), text.colour))
        return canvas


@contextmanager
def _setting() -> Iterator[None]:
    """What FreeType cannot do with a font is not our bug."""
    try:
        yield
    except OSError as error:
        raise TextRefused("The text cannot be drawn in this font and size", log=repr(error)) from error


def _trimmed(block: Block) -> Block:
    """The block without the air that fonts leave beside their letters."""
    found = _letters(block, block.widest).getbbox() if block.text.trimmed else None
    if found is None:
        return block
    left, top = block.ink[0] - block.margin, block.ink[1] - block.margin
    return evolve(block, ink=(left + found[0], top + found[1], left + found[2], top + found[3]))


def _box(block: Block) -> Image.Image:
    """What lies under the letters."""
    text = block.text
    if not text.border or text.outlined:
        return Image.new("RGBA", block.size, text.background or (*text.colour[:3], 0))
    canvas = Image.new("RGBA", block.size, text.border_colour)
    width, height = block.size
    inside = (text.border, text.border, width - text.border, height - text.border)
    canvas.paste(text.background or (*text.border_colour[:3], 0), inside)
    return canvas


def _inked(mask: Image.Image, colour: Rgba) -> Image.Image:
    ink = Image.new("RGBA", mask.size, (*colour[:3], 0))
    ink.putalpha(
        mask if colour[3] == OPAQUE else mask.point([each * colour[3] // OPAQUE for each in range(256)])
    )
    return ink


def _letters(block: Block, stroke: float) -> Image.Image:
    """Where there is ink. Hard edges are cut from smooth ones: FreeType's own rasterizer of them overflows."""
    mask = _smooth(block, stroke)
    return mask if block.text.smooth else mask.point([0] * HALF + [OPAQUE] * HALF)


def _smooth(block: Block, stroke: float) -> Image.Image:
    mask = Image.new("L", block.size, 0)
    left, top = block.margin - block.ink[0], block.margin - block.ink[1]
    for line in block.lines:
        if not block.slant:
            _write(mask, block, line, (left, top), stroke)
            continue
        upright = Image.new("L", block.size, 0)
        _write(upright, block, line, (left, top), stroke)
        shift = -block.slant * (top + line.baseline)
        sheared = (1, block.slant, shift, 0, 1, 0)
        mask = ImageChops.lighter(
            mask, upright.transform(block.size, Transform.AFFINE, sheared, Resampling.BICUBIC)
        )
    return mask


def _write(mask: Image.Image, block: Block, line: Line, origin: tuple[int, int], stroke: float) -> None:
    pen = ImageDraw.Draw(mask)
    left, top = origin
    for piece in line.pieces:
        at = (left + line.left + piece.left, top + line.baseline)
        pen.text(at, piece.text, OPAQUE, block.font, anchor="ls", stroke_width=stroke)
    if (rule := rule_of(block.text, block.font, line)) is not None:
        pen.rectangle((left + rule[0], top + rule[1], left + rule[2] - 1, top + rule[3] - 1), fill=OPAQUE)
