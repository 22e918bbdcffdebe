"""Documents and drawings made in code: PDF pages of one colour each, SVG from its inside."""

import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.support.images import PHOTOGRAPHS, Rgb

QUARTERED_HEIC = PHOTOGRAPHS / "quartered.heic"  # 64 × 48
TWO_HEIC = PHOTOGRAPHS / "two-turned.heic"  # the same turned by its header, then 32 × 24 half transparent


def pdf(pages: Sequence[tuple[tuple[int, int], Rgb]], *, extra: str = "") -> bytes:
    """A PDF with pages of such sizes in points, filled with such colours; `extra` joins each page's dictionary."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    for number, ((width, height), colour) in enumerate(pages):
        red, green, blue = (each / 255 for each in colour)
        content = f"{red:.4f} {green:.4f} {blue:.4f} rg 0 0 {width} {height} re f"
        box = f"/MediaBox [0 0 {width} {height}]"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R {box} /Contents {4 + 2 * number} 0 R {extra} >>".encode()
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream".encode())
    return assembled(objects)


def written(pages: Sequence[str]) -> bytes:
    """A PDF with a line of ASCII words on each page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    shape = "/MediaBox [0 0 300 100] /Resources << /Font << /F1 3 0 R >> >>"
    for number, words in enumerate(pages):
        escaped = re.sub(r"([()\\])", r"\\\1", words)
        content = f"BT /F1 12 Tf 20 50 Td ({escaped}) Tj ET"
        objects.append(f"<< /Type /Page /Parent 2 0 R {shape} /Contents {5 + 2 * number} 0 R >>".encode())
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream".encode())
    return assembled(objects)


def assembled(objects: Sequence[bytes]) -> bytes:
    """Objects numbered from 1, with the table that finds them; the first is the catalogue."""
    out = BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, each))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def svg(inside: str = "", attributes: str = 'width="64" height="48"', prologue: str = "") -> bytes:
    """An SVG file."""
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{prologue}<svg {spaces} {attributes}>{inside}</svg>".encode()


QUARTERS = (
    '<rect width="32" height="24" fill="#dc1414"/><rect x="32" width="32" height="24" fill="#14c814"/>'
    '<rect y="24" width="32" height="24" fill="#1414dc"/>'
    '<rect x="32" y="24" width="32" height="24" fill="#dcdc14"/>'
)
"""The picture of `quartered`, as lines."""


def many_pages(path: Path, pictures: Sequence[Image.Image]) -> Path:
    """A TIFF of several pages."""
    pictures[0].save(path, save_all=True, append_images=list(pictures[1:]), compression="tiff_deflate")
    return path
