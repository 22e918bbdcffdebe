"""What Pillow reads itself: photographs and graphics, animations, TIFF's pages, an icon's sizes."""

import importlib
from typing import Any, BinaryIO, cast

from attrs import evolve
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

from origin.render.errors import InvalidImage
from origin.render.limits import RenderLimits
from origin.render.pillow.sources import resources
from origin.render.pillow.sources.quirks import put_right
from origin.render.pillow.sources.source import Raster
from origin.render.pillow.webp import HEAD_BYTES, WebpHeader, is_webp, read_header
from origin.transform.pages import seen
from origin.transform.plan import Sheet, SourceFacts
from origin.transform.portion import Portion

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
"""What every worker loads. EPS (Ghostscript), FITS, WMF and the rest stay out."""

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
    "JPEG2000": "jp2",
    "TGA": "tga",
}
OPENABLE = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "ICO")
ANIMATED = frozenset({"gif", "webp", "png", "avif"})  # a TIFF's pages and an ICO's sizes are no frames
ORIENTATION = 0x0112
MOST_PAGES = 500

JP2_HEADS = (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
TGA_FOOTER = b"TRUEVISION-XFILE.\0"
_TGA_KINDS = {1: (8,), 2: (15, 16, 24, 32), 3: (8, 16)}  # uncompressed: palette, colours, grey


def open_raster(file: BinaryIO, portion: Portion, limits: RenderLimits) -> Raster:
    """What a portion shows of a file."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if is_webp(head):
        facts = _webp_facts(file, limits)
        file.seek(0)
        image: Image.Image = Image.open(file, formats=("WEBP",))
    else:
        image = Image.open(file, formats=_formats(file, head))
        facts = _facts(file, image, limits)
    return _looked_at(image, facts, portion)


def probe(file: BinaryIO, limits: RenderLimits) -> SourceFacts:
    """The facts of the header alone."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if is_webp(head):
        return _webp_facts(file, limits)
    file.seek(0)
    return _facts(file, Image.open(file, formats=_formats(file, head)), limits)


def _formats(file: BinaryIO, head: bytes) -> tuple[str, ...]:
    """Pillow's names of what a file may be. Rare ones are only loaded when they are met."""
    if head.startswith(JP2_HEADS):
        importlib.import_module("PIL.Jpeg2KImagePlugin")
        return ("JPEG2000",)
    if _is_tga(file):
        importlib.import_module("PIL.TgaImagePlugin")
        return ("TGA",)
    return OPENABLE


def _is_tga(file: BinaryIO) -> bool:
    """TGA has no mark at its start: the footer of its second version tells, or a header that fits to the byte."""
    end = file.seek(0, 2)
    file.seek(0)
    head = file.read(18)
    file.seek(max(0, end - len(TGA_FOOTER)))
    footer = file.read()
    file.seek(0)
    if len(head) < 18 or head[1] > 1 or head[2] not in (1, 2, 3, 9, 10, 11):
        return False
    if footer == TGA_FOOTER:
        return True
    width, height = int.from_bytes(head[12:14], "little"), int.from_bytes(head[14:16], "little")
    palette = int.from_bytes(head[5:7], "little") * -(-head[7] // 8) if head[1] else 0
    needed = 18 + head[0] + palette + width * height * -(-head[16] // 8)
    return head[16] in _TGA_KINDS.get(head[2], ()) and width * height > 0 and needed == end


def _facts(file: BinaryIO, image: Image.Image, limits: RenderLimits) -> SourceFacts:
    kind = FORMATS[image.format or ""]
    limits.admit_source(*image.size)
    frames = getattr(image, "n_frames", 1) if kind in ANIMATED else 1
    limits.admit_source(*image.size, frames)
    facts = SourceFacts(
        width=image.width,
        height=image.height,
        format=kind,
        bytes=_size(file),
        frames=frames,
        has_alpha=image.has_transparency_data,
        orientation=_orientation(image, kind),
        density=_density(image),
        outlines=[each.outline(*image.size) for each in paths_of(image)] if kind in ("jpg", "tiff") else (),
    )
    if kind == "tiff":
        return _with_pages(image, facts, limits)
    return _with_sizes(image, facts) if kind == "ico" else facts


def _with_pages(image: Image.Image, facts: SourceFacts, limits: RenderLimits) -> SourceFacts:
    """The sizes of a TIFF's pages. Reading a directory turns the page upright, as reading its pixels does."""
    count = getattr(image, "n_frames", 1)
    if count > MOST_PAGES:
        raise InvalidImage(f"Maximum number of TIFF pages is {MOST_PAGES}. Found {count}")
    sheets = []
    for number in range(count):
        image.seek(number)
        limits.admit_source(*image.size)
        sheets.append(Sheet(*image.size, has_alpha=image.has_transparency_data))
    image.seek(0)
    alike = all(each == sheets[0] for each in sheets)
    return evolve(facts, pages=count, sheets=() if alike else tuple(sheets))


def _with_sizes(image: Image.Image, facts: SourceFacts) -> SourceFacts:
    """The largest comes first: it is what opens."""
    sizes = _sizes(image)
    sheets = tuple(Sheet(*each) for each in sizes) if len(sizes) > 1 else ()
    return evolve(facts, pages=len(sizes), sheets=sheets)


def _sizes(image: Image.Image) -> list[tuple[int, int]]:
    sizes = cast("set[tuple[int, int]]", image.info.get("sizes", set()))
    others = sorted(sizes - {image.size}, key=lambda size: (-size[0] * size[1], size))
    return [image.size, *others]


def _looked_at(image: Image.Image, facts: SourceFacts, portion: Portion) -> Raster:
    """The image at the page or frames asked for."""
    pages = [number - 1 for number in portion.pages]
    if pages and facts.frames > 1:
        image.seek(pages[0])
    elif facts.format == "tiff" and portion.page > 1:
        image.seek(portion.page - 1)
    elif facts.format == "ico" and portion.page > 1:
        cast(Any, image).size = _sizes(image)[portion.page - 1]
    put_right(image)
    frames = tuple(pages) if facts.frames > 1 else ()
    return Raster(image, seen(facts, portion), frames, ignores_masks=portion.ignores_masks)


def paths_of(image: Image.Image) -> list[resources.Path]:
    """The clipping paths that a JPEG or TIFF carries."""
    return resources.paths(resources.of_image(image))


def _webp_facts(file: BinaryIO, limits: RenderLimits) -> SourceFacts:
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
        bytes=_size(file),
        frames=header.frames,
        has_alpha=header.has_alpha,
        orientation=_valid(exif.get(ORIENTATION)),
    )


def _size(file: BinaryIO) -> int:
    """Of a file on disk or in memory, whose place is kept."""
    at = file.tell()
    size = file.seek(0, 2)
    file.seek(at)
    return size


def _orientation(image: Image.Image, kind: str) -> int:
    """EXIF 1..8. Pillow turns TIFFs itself; of a PNG without EXIF it would decode all to look for it."""
    if kind in ("tiff", "jp2", "tga", "bmp", "ico") or (kind == "png" and "exif" not in image.info):
        return 1
    try:
        return _valid(image.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001  broken EXIF makes no broken image
        return 1


def _valid(orientation: object) -> int:
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _density(image: Image.Image) -> float:
    """Dots an inch across, where the header says so."""
    try:
        across = float(image.info["dpi"][0])
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return round(across, 2) if 1 <= across <= 10_000 else 0.0
