"""PDF: pages drawn by PDFium, on white, in a process apart. No scripts, no forms, no network in this build."""

import ctypes
from functools import partial
from typing import TYPE_CHECKING, Any

from PIL import Image

from origin.render.errors import InvalidImage, UnsupportedFormat
from origin.render.limits import RenderLimits
from origin.render.pillow.sources.apart import Outcome, apart
from origin.render.pillow.sources.drawing import Box, Drawing
from origin.transform.pages import seen
from origin.transform.plan import Sheet, SourceFacts
from origin.transform.portion import Portion

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

HEAD_BYTES = 1024  # the mark may stand anywhere in them
MOST_PAGES = 500  # whose sizes are kept; a longer document is refused
LONGEST_SIDE = 14_400  # points: the format's own limit
WHITE = 0xFFFFFFFF
PASSWORD = 4  # FPDF_ERR_PASSWORD


def is_pdf(head: bytes) -> bool:
    """Whether a file that begins so claims to be PDF."""
    return b"%PDF-" in head[:HEAD_BYTES]


def probe(path: str, size: int, limits: RenderLimits) -> SourceFacts:
    """Sizes of all pages, in points."""
    del limits
    library()
    said = apart(partial(_measure, path), log="PDF").said
    sheets = [Sheet(width, height) for width, height in said["pages"]]
    alike = all(each == sheets[0] for each in sheets)
    return SourceFacts(
        width=sheets[0].width,
        height=sheets[0].height,
        format="pdf",
        bytes=size,
        pages=len(sheets),
        sheets=() if alike else tuple(sheets),
    )


def open_page(path: str, facts: SourceFacts, portion: Portion, limits: RenderLimits) -> Drawing:
    """One page, at the portion's density."""
    library()
    return Drawing(seen(facts, portion), partial(_draw, path, portion.page - 1), limits)


def library() -> Any:
    try:
        import pypdfium2
    except ImportError as error:
        raise UnsupportedFormat("PDF is not supported without pixeledge[pdf]") from error
    return pypdfium2


def opened(path: str) -> "PdfDocument":
    pdfium = library()
    try:
        document: PdfDocument = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == PASSWORD:
            raise InvalidImage("The PDF is protected by a password") from error
        raise InvalidImage(log=f"PDF: {error}") from error
    return document


def _measure(path: str) -> Outcome:
    document = opened(path)
    count = len(document)
    if count < 1:
        raise InvalidImage(log="PDF without pages")
    if count > MOST_PAGES:
        raise InvalidImage(f"Maximum number of PDF pages is {MOST_PAGES}. Found {count}")
    pages = []
    for number in range(count):
        sides = document.get_page_size(number)
        if not all(0 < side <= LONGEST_SIDE for side in sides):
            raise InvalidImage(log=f"PDF page {number + 1} of {sides} points")
        pages.append([max(1, round(side)) for side in sides])
    return Outcome({"pages": pages})


def _draw(path: str, number: int, box: Box, width: int, height: int) -> Image.Image:
    pixels = apart(partial(_drawn, path, number, box, width, height), log="PDF").pixels
    return Image.frombuffer("RGB", (width, height), pixels, "raw", "BGRX", 0, 1)


def _drawn(path: str, number: int, box: Box, width: int, height: int) -> Outcome:
    """A part of a page is drawn by drawing the whole on a canvas that only catches that part."""
    library()
    import pypdfium2.raw as pdfium

    page = opened(path)[number]
    left, top, right, bottom = box
    whole = round(width / (right - left)), round(height / (bottom - top))
    buffer = bytearray(b"\xff" * (width * height * 4))
    held = (ctypes.c_char * len(buffer)).from_buffer(buffer)
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_BGRx, held, width * 4)
    if not bitmap:
        raise MemoryError("PDFium has no bitmap")
    flags = pdfium.FPDF_ANNOT | pdfium.FPDF_RENDER_LIMITEDIMAGECACHE
    corner = -round(left * whole[0]), -round(top * whole[1])
    pdfium.FPDF_RenderPageBitmap(bitmap, page.raw, *corner, *whole, 0, flags)
    return Outcome({}, bytes(buffer))
