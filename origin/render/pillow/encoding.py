"""Canvas → bytes in a file: the format that the plan names, or that the pixels choose among those it names."""

from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

from attrs import frozen
from PIL import Image

from origin.render.errors import OutOfMemory, OutputTooLarge, UnsupportedFormat
from origin.render.pillow import documents, encoders
from origin.render.pillow.adam7 import save_interlaced
from origin.render.pillow.operations import has_alpha
from origin.render.pillow.saving import Picture, Request, Saving
from origin.transform.formats import AUTOMATIC, INKED, WITH_ALPHA
from origin.transform.limits import FORMAT_SIDES

SHARP = ("webp", "png", "avif")  # how likely each makes the smallest file of a drawing; the last loses
STARVED = {
    "AVIF": ("memory", "planes failed"),
    "WEBP": ("encoding error 1",),
    "JPEG2000": ("broken data stream",),
    "JXL": ("memory",),
}
"""How the encoders say that they had too little memory. OpenJPEG has no other reason to fail on a sound canvas."""

TINY_SIDE = 64  # a file's head weighs more than its pixels: all formats are tried

Encoder = Callable[[Picture], list[Saving]]


@frozen
class Encoded:
    """What was written."""

    format: str
    width: int
    height: int


def encode(canvas: Image.Image, request: Request, file: BinaryIO) -> Encoded:
    """Write the canvas in the smallest of the ways that do it justice."""
    if request.output.finish.truecolour and canvas.mode in ("L", "LA"):
        canvas = canvas.convert("RGBA" if has_alpha(canvas) else "RGB")
    picture = Picture(_without_idle_alpha(canvas, request), request)
    ways = [(name, saving) for name in contenders(picture) for saving in _savings(picture, name)]
    if len(ways) == 1:
        name, saving = ways[0]
        _save(saving, file)
    else:
        tried = []
        for number, (_, saving) in enumerate(ways):
            data = BytesIO()
            _save(saving, data)
            tried.append((len(data.getbuffer()), number, data))
        _, number, data = min(tried, key=lambda each: each[:2])
        file.write(data.getbuffer())
        name, saving = ways[number]
    return Encoded(name, *saving.canvas.size)


def contenders(picture: Picture) -> list[str]:
    """The formats worth trying (transformations.md §7.1)."""
    output = picture.output
    able = [each for each in output.formats if each in WITH_ALPHA or not has_alpha(picture.canvas)]
    if picture.request.is_inked and not INKED.isdisjoint(able):
        able = [each for each in able if each in INKED]
    if len(able) < 2:
        return able or [output.format]
    if output.smallest and min(picture.canvas.size) < TINY_SIDE:
        return able
    if output.smallest and picture.is_graphic:
        sharp = sorted((each for each in able if each != "jpg"), key=SHARP.index)
        return sharp if picture.is_worth_trying else sharp[:1]
    return [min(able, key=AUTOMATIC.index)]


def encoder_of(name: str) -> Encoder:
    """The encoder of a format, or `UnsupportedFormat`."""
    try:
        return ENCODERS[name]
    except KeyError:
        raise UnsupportedFormat(f"Unsupported output format {name}") from None


def check_sides(size: tuple[int, int], name: str) -> None:
    """Refuse what the format cannot hold, before its encoder prints to standard error."""
    longest = FORMAT_SIDES.get(name, 1 << 31)
    if max(size) > longest:
        raise OutputTooLarge(f"Maximum {name} side is {longest} pixels. Requested {max(size)} pixels")


def _savings(picture: Picture, name: str) -> list[Saving]:
    check_sides(picture.canvas.size, name)
    return encoder_of(name)(picture)


def _save(saving: Saving, file: BinaryIO) -> None:
    ready = saving.canvas
    ready.info = {}  # PNG and AVIF would embed the profile again, JPEG and GIF the comment
    try:
        if saving.interlaced:
            save_interlaced(ready, file, saving.options)
        else:
            ready.save(file, saving.name, **saving.options)
    except (RuntimeError, ValueError, OSError) as error:
        if any(sign in str(error).lower() for sign in STARVED.get(saving.name, ())):
            raise OutOfMemory(log=f"{saving.name}: {error}") from error
        raise


def _without_idle_alpha(canvas: Image.Image, request: Request) -> Image.Image:
    """An alpha channel that hides nothing counts as none, unless PNG-32 was asked for."""
    if not has_alpha(canvas) or request.output.finish.png == 32:
        return canvas
    if canvas.getchannel("A").getextrema() != (255, 255):
        return canvas
    return canvas.convert(canvas.mode[:-1])


ENCODERS: dict[str, Encoder] = {
    "jpg": encoders.jpeg,
    "png": encoders.png,
    "webp": encoders.webp,
    "avif": encoders.avif,
    "gif": encoders.gif,
    "bmp": documents.bmp,
    "tiff": documents.tiff,
    "ico": documents.ico,
    "jp2": documents.jp2,
    "pdf": documents.pdf,
    "tga": documents.tga,
    "eps": documents.eps,
    "jxl": documents.jxl,
}
