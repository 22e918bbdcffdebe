"""A traced picture as SVG: the flat regions that `e_vectorize` makes, each a path. Sheet: transformations.md §12.2.

It needs vtracer (`pixeledge[vector]`), which works in a process apart; the raster effect needs nothing.
"""

import re
from collections.abc import Sequence
from functools import cache, partial
from io import BytesIO
from typing import BinaryIO, cast

from attrs import evolve, frozen
from PIL import Image

from origin.render.errors import UnsupportedFormat
from origin.render.pillow.effects.bands import apart as colours_and_alpha
from origin.render.pillow.effects.tracing import regions
from origin.render.pillow.operations import has_alpha
from origin.render.pillow.sources.apart import Outcome, apart
from origin.transform.plan import Filter, Plan

Rgb = tuple[int, int, int]

EXTRA = "svg of pixels is not supported without pixeledge[vector]"
_HEAD = re.compile(rb'.*?<svg [^>]*width="(\d+)" height="(\d+)">', re.DOTALL)
_FILL = re.compile(rb'fill="#([0-9A-Fa-f]{6})"')
_SHARPEST, _SMOOTHEST = 0, 80  # degrees from which on a bend is a corner: 60 at the default of 25
_CLOSEST, _LOOSEST = 3.5, 10.0  # pixels of a curve's pieces


@frozen
class Tracing:
    """The arguments of `e_vectorize`."""

    colours: int
    detail: int
    despeckle: int
    paths: int
    corners: int


def divided(plan: Plan) -> tuple[Plan, Tracing | None]:
    """The plan of the pixels, and how they are traced where SVG is wanted: the last `e_vectorize` tells."""
    traced = [each for each in plan.operations if isinstance(each, Filter) and each.name == "vectorize"]
    if plan.output.format != "svg" or not traced:
        return plan, None
    kept = tuple(each for each in plan.operations if each not in traced)
    return evolve(plan, operations=kept), Tracing(*traced[-1].arguments)


def check_library() -> None:
    """400 without it, before anything is decoded."""
    try:
        import vtracer  # noqa: F401
    except ImportError as error:
        raise UnsupportedFormat(EXTRA) from error


def save_svg(canvas: Image.Image, tracing: Tracing, file: BinaryIO) -> None:
    """Write the drawing, of the canvas's size. What is less than half opaque is left out."""
    colours, alpha = colours_and_alpha(canvas)
    flat = regions(colours.convert("RGB"), tracing.colours, tracing.detail, tracing.despeckle)
    if alpha is not None and has_alpha(canvas):
        mask = alpha.resize(flat.size, Image.Resampling.BOX).point(lambda value: 255 * (value > 127))
        flat.putalpha(mask)
    counted = flat.convert("RGB").getcolors(flat.width * flat.height) or ()
    palette = [cast(Rgb, colour) for _, colour in counted]
    drawing = _in(palette, apart(partial(_traced, flat, tracing), log="vtracer").pixels)
    file.write(_sized(drawing, *canvas.size))


def _traced(flat: Image.Image, tracing: Tracing) -> Outcome:
    import vtracer

    with BytesIO() as file:
        flat.save(file, "PNG", compress_level=1)
        text = vtracer.convert_raw_image_to_svg(
            file.getvalue(),
            img_format="png",
            filter_speckle=1 + tracing.despeckle // 6,
            color_precision=8,  # the colours are chosen already
            layer_difference=0,
            corner_threshold=round(_share(tracing.corners, _SMOOTHEST, _SHARPEST)),
            length_threshold=_share(tracing.paths, _LOOSEST, _CLOSEST),
            path_precision=2,
        )
    return Outcome({}, text.encode())


def _in(palette: Sequence[Rgb], drawing: bytes) -> bytes:
    """With the colours that were chosen: the tracer mixes those of what it joins."""

    @cache
    def nearest(written: bytes) -> bytes:
        mixed = bytes.fromhex(written.decode())
        red, green, blue = min(
            palette, key=lambda each: sum((a - b) ** 2 for a, b in zip(each, mixed, strict=True))
        )
        return b'fill="#%02X%02X%02X"' % (red, green, blue)

    return _FILL.sub(lambda found: nearest(found[1]), drawing)


def _share(percent: int, least: float, most: float) -> float:
    return least + (most - least) * percent / 100


def _sized(drawing: bytes, width: int, height: int) -> bytes:
    """At the canvas's size, whatever size was traced."""
    return _HEAD.sub(
        lambda found: (
            b'<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %b %b"'
            b' preserveAspectRatio="none">' % (width, height, found[1], found[2])
        ),
        drawing,
        count=1,
    )
