"""A source file becomes an opened image and the facts of its header; nothing is decoded yet."""

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from attrs import frozen
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from origin.render.errors import InvalidImage, OutOfMemory, TooManyPixels
from origin.render.limits import MEGA, RenderLimits, too_many_pixels
from origin.render.pillow.webp import HEAD_BYTES, WebpHeader, is_webp, read_header
from origin.transform.plan import SourceFacts
from wire.errors import MediaError

PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
"""All that is loaded. EPS (Ghostscript), PSD, FITS, WMF and the rest stay out."""

FORMATS = {
    "JPEG": "jpg",
    "MPO": "jpg",  # a JPEG with more pictures behind the first, as telephones write
    "PNG": "png",
    "GIF": "gif",
    "WEBP": "webp",
    "AVIF": "avif",
    "BMP": "bmp",
    "TIFF": "tiff",
    "ICO": "ico",
}
OPENABLE = tuple(name for name in FORMATS if name != "MPO")  # Pillow's JPEG plugin turns into MPO by itself
ANIMATED = frozenset({"gif", "webp", "png", "avif"})  # a TIFF's pages and an ICO's sizes are no frames
ORIENTATION = 0x0112


@frozen
class Source:
    """An open image and what its header says."""

    image: Image.Image
    facts: SourceFacts


def guard(limits: RenderLimits) -> None:
    """Set Pillow's own guard, so that it also covers frames and canvases inside of files."""
    Image.MAX_IMAGE_PIXELS = int(limits.input_megapixels * MEGA)
    warnings.filterwarnings("ignore", category=UserWarning, module="PIL")  # odd EXIF is not worth a log line
    warnings.simplefilter("error", Image.DecompressionBombWarning)


@contextmanager
def reading(limits: RenderLimits) -> Iterator[None]:
    """What goes wrong inside is the source's fault: damaged files raise nearly every exception there is."""
    try:
        yield
    except (MediaError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _bomb(error, limits) from error
    except Exception as error:
        if "memory" in str(error):  # OSError and RuntimeError of the codecs
            raise OutOfMemory(log=f"while reading: {error!r}") from error
        raise InvalidImage(log=f"while reading: {error!r}") from error


@contextmanager
def opened(path: str, limits: RenderLimits) -> Iterator[Source]:
    """The image in a file, refused by its header if it is none or too big."""
    with open(path, "rb") as file:
        with reading(limits):
            source = _open(file, os.fstat(file.fileno()).st_size, limits)
        try:
            yield source
        finally:
            source.image.close()


def probe_header(path: str, limits: RenderLimits) -> SourceFacts:
    """The facts alone."""
    with open(path, "rb") as file, reading(limits):
        size = os.fstat(file.fileno()).st_size
        if is_webp(file.read(HEAD_BYTES)):
            return _webp_facts(file, size, limits)
        return _open(file, size, limits).facts


def _open(file: BinaryIO, size: int, limits: RenderLimits) -> Source:
    file.seek(0)
    if is_webp(file.read(HEAD_BYTES)):
        facts = _webp_facts(file, size, limits)
        file.seek(0)
        return Source(Image.open(file, formats=("WEBP",)), facts)
    file.seek(0)
    image = Image.open(file, formats=OPENABLE)
    kind = FORMATS[image.format or ""]
    limits.admit_source(*image.size)
    frames = getattr(image, "n_frames", 1) if kind in ANIMATED else 1
    limits.admit_source(*image.size, frames)
    facts = SourceFacts(
        width=image.width,
        height=image.height,
        format=kind,
        bytes=size,
        frames=frames,
        has_alpha=image.has_transparency_data,
        orientation=_orientation(image, kind),
    )
    return Source(image, facts)


def _webp_facts(file: BinaryIO, size: int, limits: RenderLimits) -> SourceFacts:
    file.seek(0)
    header: WebpHeader = read_header(file)
    limits.admit_source(header.width, header.height, header.frames)
    exif = Image.Exif()
    if header.exif:
        exif.load(header.exif)
    return SourceFacts(
        width=header.width,
        height=header.height,
        format="webp",
        bytes=size,
        frames=header.frames,
        has_alpha=header.has_alpha,
        orientation=_valid(exif.get(ORIENTATION)),
    )


def _orientation(image: Image.Image, kind: str) -> int:
    """EXIF 1..8. Pillow turns TIFFs itself; of a PNG without EXIF it would decode all to look for it."""
    if kind == "tiff" or (kind == "png" and "exif" not in image.info):
        return 1
    try:
        return _valid(image.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001  broken EXIF makes no broken image
        return 1


def _valid(orientation: object) -> int:
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _bomb(error: Exception, limits: RenderLimits) -> TooManyPixels:
    """Pillow refused before we knew the size; its message has the number."""
    found = re.search(r"\((\d+) pixels\)", str(error))
    requested = int(found[1]) if found else int(limits.input_megapixels * MEGA) + 1
    return too_many_pixels(limits.input_megapixels, requested)
