"""Canvas → bytes in a file, one encoder a format. Nothing of the source's metadata travels along."""

from collections.abc import Callable
from typing import Any, BinaryIO

from attrs import frozen
from PIL import Image, ImageChops, ImageStat

from origin.render.errors import OutOfMemory, OutputTooLarge, UnsupportedFormat
from origin.render.pillow import quality
from origin.render.pillow.operations import flatten, has_alpha
from origin.transform.plan import Output

Saving = tuple[str, Image.Image, dict[str, Any]]
"""Pillow's name of the format, the canvas in a mode it can take, and `save`'s options."""

LONGEST_SIDE = {"jpg": 65500, "webp": 16383, "avif": 65536, "gif": 65535}
FINE_JPEG = 90  # above this quality, a numeric q keeps full colour (transformations §7.2)
LOSSLESS = 100
CAREFUL_PIXELS = 250_000  # up to this size WebP's slower method costs little
PNG_RLE = 3  # zlib strategy: four times faster on photographs, at the same size
PNG_ERROR = 2.0  # mean difference per channel up to which a palette may stand for true colour
PALETTE = 256
GIF_TRANSPARENT = 255
GIF_THRESHOLD = 128


@frozen
class Request:
    """What an encoder is told besides the canvas."""

    output: Output
    is_photographic: bool  # the source was lossy: noise, no flat areas

    def chosen(self, canvas: Image.Image) -> quality.Choice:
        """The quality asked for, or the one the content needs."""
        output = self.output
        if output.quality is None:
            choice = quality.choose(canvas, output.auto or "good")
        else:
            fine = output.quality > FINE_JPEG
            choice = quality.Choice(output.quality, "444" if fine else "420", is_graphic=False)
        return quality.Choice(choice.quality, output.subsampling or choice.subsampling, choice.is_graphic)


def encode(canvas: Image.Image, request: Request, file: BinaryIO) -> None:
    """Write the canvas in the format asked for."""
    encoder = encoder_of(request.output.format)
    check_sides(canvas.size, request.output.format)
    name, ready, options = encoder(canvas, request)
    ready.info = {}  # PNG and AVIF would embed the profile again, JPEG and GIF the comment
    try:
        ready.save(file, name, **options)
    except RuntimeError as error:
        if "memory" in str(error).lower():  # how the AVIF encoder says it
            raise OutOfMemory(log=str(error)) from error
        raise


def encoder_of(name: str) -> Callable[[Image.Image, Request], Saving]:
    """The encoder of a format, or `UnsupportedFormat`."""
    try:
        return ENCODERS[name]
    except KeyError:
        raise UnsupportedFormat(f"Unsupported output format {name}") from None


def check_sides(size: tuple[int, int], name: str) -> None:
    """Refuse what the format cannot hold, before its encoder prints to standard error."""
    longest = LONGEST_SIDE.get(name, 1 << 31)
    if max(size) > longest:
        raise OutputTooLarge(f"Maximum {name} side is {longest} pixels. Requested {max(size)} pixels")


def opaque(canvas: Image.Image, request: Request) -> Image.Image:
    """For formats without alpha."""
    return flatten(canvas, (*request.output.background[:3], 255))


def _jpeg(canvas: Image.Image, request: Request) -> Saving:
    ready = opaque(canvas, request)
    choice = request.chosen(ready)
    options = {
        "quality": choice.quality,
        "subsampling": {"420": "4:2:0", "444": "4:4:4"}[choice.subsampling],
        "optimize": True,
        "progressive": request.output.progressive,
    }
    return "JPEG", ready, options


def _webp(canvas: Image.Image, request: Request) -> Saving:
    choice = request.chosen(canvas)
    if request.output.quality == LOSSLESS or choice.is_graphic:
        return "WEBP", canvas, {"lossless": True, "quality": 50, "method": 2}
    is_small = canvas.width * canvas.height <= CAREFUL_PIXELS
    options = {"quality": quality.equal_quality(choice.quality, "webp"), "method": 4 if is_small else 2}
    return "WEBP", canvas.convert("RGBA" if has_alpha(canvas) else "RGB"), options


def _avif(canvas: Image.Image, request: Request) -> Saving:
    choice = request.chosen(canvas)
    ready = canvas.convert("RGBA" if has_alpha(canvas) else "RGB")
    options = {
        "quality": quality.equal_quality(choice.quality, "avif"),
        "subsampling": {"420": "4:2:0", "444": "4:4:4"}[choice.subsampling],
        "speed": 9,
        "max_threads": 1,
    }
    return "AVIF", ready, options


def _png(canvas: Image.Image, request: Request) -> Saving:
    output = request.output
    may_lose = output.auto != "best" if output.quality is None else output.quality < LOSSLESS
    if may_lose and (palette := _paletted(canvas)) is not None:
        return "PNG", palette, {"compress_level": 4}
    strategy = {"compress_type": PNG_RLE} if request.is_photographic else {}
    return "PNG", canvas, {"compress_level": 4, **strategy}


def _paletted(canvas: Image.Image) -> Image.Image | None:
    """The canvas in 256 colours, if hardly anybody could tell. Grey needs no palette.

    The quick method decides (in a twentieth of the time); the better one is for what has so few colours.
    """
    if canvas.mode not in ("RGB", "RGBA"):
        return None
    is_exact = canvas.mode == "RGB" and canvas.getcolors(PALETTE) is not None
    method = Image.Quantize.MEDIANCUT if is_exact else Image.Quantize.FASTOCTREE
    reduced = canvas.quantize(PALETTE, method=method)
    differences = ImageChops.difference(canvas, reduced.convert(canvas.mode))
    return reduced if max(ImageStat.Stat(differences).mean) < PNG_ERROR else None


def _gif(canvas: Image.Image, request: Request) -> Saving:
    del request  # GIF has no quality
    if not has_alpha(canvas):
        return "GIF", canvas.convert("RGB").quantize(PALETTE, method=Image.Quantize.MEDIANCUT), {}
    reduced = canvas.convert("RGB").quantize(PALETTE - 1, method=Image.Quantize.MEDIANCUT)
    return "GIF", cut_out(reduced, canvas), {"transparency": GIF_TRANSPARENT, "optimize": False}


def cut_out(paletted: Image.Image, canvas: Image.Image) -> Image.Image:
    """One bit of alpha: what is less than half opaque takes the transparent index."""
    hidden = canvas.getchannel("A").point(lambda alpha: 255 if alpha < GIF_THRESHOLD else 0)
    paletted.paste(GIF_TRANSPARENT, mask=hidden)
    return paletted


ENCODERS: dict[str, Callable[[Image.Image, Request], Saving]] = {
    "jpg": _jpeg,
    "png": _png,
    "webp": _webp,
    "avif": _avif,
    "gif": _gif,
}
