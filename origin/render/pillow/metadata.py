"""What of a source's metadata travels with the result: nothing, unless it was asked to (transformations.md §13).

GPS never leaves with `fl_keep_attribution`: its EXIF is written anew with the few fields it may hold.
"""

import struct
from collections.abc import Iterator
from typing import Any

from attrs import frozen
from PIL import Image

from origin.render.pillow.colour import speaks_of
from origin.render.pillow.xmp import attribution
from origin.transform.params.finish import AS_STORED
from origin.transform.plan import Output

ORIENTATION, ARTIST, COPYRIGHT = 0x0112, 0x013B, 0x8298
IPTC_RESOURCE = 0x0404
CREDITS = frozenset({80, 110, 115, 116})
"""IPTC records of the second section: by-line, credit, source, copyright notice."""

PROFILED_MODES = {"L": "GRAY", "LA": "GRAY", "RGB": "RGB ", "RGBA": "RGB "}
"""Modes whose pixels can leave as they came, with the profile they came with, and its colour space."""

LARGEST_SEGMENT = 65_000  # bytes of a JPEG's APPn, less its head


@frozen
class Kept:
    """Blocks of metadata as they will stand in the result; empty ones are left out."""

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""  # the records, without Photoshop's wrapping
    profile: bytes = b""  # ICC
    density: tuple[float, float] | None = None  # dots an inch


NOTHING = Kept()

_OF_PIXELS = frozenset(
    {"adobe", "adobe_transform", "aspect", "background", "chromaticity", "default_image", "dpi", "duration"}
    | {"extension", "gamma", "icc_profile", "interlace", "jfif", "jfif_density", "jfif_unit", "loop"}
    | {"jfif_version", "progression", "progressive", "srgb", "timestamp", "transparency", "version"}
)
"""What Pillow tells of how a file shows its pixels. All else (EXIF, XMP, comments, texts by any name) is metadata."""


def is_bare(image: Image.Image) -> bool:
    """Whether a decoded source has no metadata that would have to be stripped."""
    return image.info.keys() <= _OF_PIXELS


def kept_of(image: Image.Image, output: Output) -> Kept:
    """What the output may keep of an opened source."""
    density = _density(image, output)
    match output.finish.metadata:
        case "all":
            profile = b"" if output.finish.strip_profile else _own_profile(image)
            return Kept(_exif(image), xmp_packet(image), _iptc(image), profile, density)
        case "attribution":
            records = iptc_records(image)
            credits_ = b"".join(
                whole for section, number, whole, _ in records if (section, number) in _CREDITS
            )
            return Kept(_attribution(image), attribution(xmp_packet(image)), credits_, b"", density)
        case _:
            return Kept(density=density)


def photoshop(iptc: bytes) -> bytes:
    """IPTC records as the JPEG segment that holds them."""
    resource = b"8BIM" + struct.pack(">HHI", IPTC_RESOURCE, 0, len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
    body = b"Photoshop 3.0\0" + resource
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


_CREDITS = frozenset((2, number) for number in CREDITS)


def _exif(image: Image.Image) -> bytes:
    """All of the EXIF but its orientation, which the pixels have taken over, and its thumbnail."""
    exif = read_exif(image)
    if exif is None:
        return b""
    exif.pop(ORIENTATION, None)
    return _written(exif)


def _attribution(image: Image.Image) -> bytes:
    exif = read_exif(image)
    if exif is None:
        return b""
    named = Image.Exif()
    for tag in (ARTIST, COPYRIGHT):
        if isinstance(text := exif.get(tag), str) and text.strip("\0 "):
            named[tag] = text
    return _written(named) if len(named) else b""


def read_exif(image: Image.Image) -> Image.Exif | None:
    """What a camera wrote; None where there is nothing, or nothing that can be read."""
    if "exif" not in image.info:  # a TIFF's own tags are its structure, not a camera's words
        return None
    try:
        exif = Image.Exif()
        exif.load(image.info["exif"])
        for pointer in (0x8769, 0x8825, 0xA005):
            exif.get_ifd(pointer)
    except Exception:  # noqa: BLE001  broken EXIF raises nearly anything, and is not worth a picture
        return None
    return exif


def _written(exif: Image.Exif) -> bytes:
    try:
        data = exif.tobytes()
    except Exception:  # noqa: BLE001  tags of a kind that cannot be written back
        return b""
    return data if len(data) <= LARGEST_SEGMENT else b""


def xmp_packet(image: Image.Image) -> bytes:
    """The XMP, as it stands."""
    for key in ("xmp", "XML:com.adobe.xmp"):
        found = image.info.get(key)
        data = found.encode() if isinstance(found, str) else found
        if isinstance(data, bytes) and len(data) <= LARGEST_SEGMENT:
            return data
    return b""


def iptc_records(image: Image.Image) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Section, number, the record as written, and its value, of each IPTC record."""
    return _records_of(_iptc(image))


def _iptc(image: Image.Image) -> bytes:
    resources = image.info.get("photoshop")
    data = resources.get(IPTC_RESOURCE) if isinstance(resources, dict) else None
    return data if isinstance(data, bytes) and len(data) <= LARGEST_SEGMENT else b""


def _records_of(iptc: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    start = 0
    while start + 5 <= len(iptc) and iptc[start] == 0x1C:
        section, number, size = struct.unpack_from(">BBH", iptc, start + 1)
        stop = start + 5 + size
        if size & 0x8000 or stop > len(iptc):
            return
        yield section, number, iptc[start:stop], iptc[start + 5 : stop]
        start = stop


def _own_profile(image: Image.Image) -> bytes:
    """The profile of the pixels as they are stored."""
    profile = image.info.get("icc_profile")
    space = PROFILED_MODES.get(image.mode)
    return profile if isinstance(profile, bytes) and space and speaks_of(profile, space) else b""


def _density(image: Image.Image, output: Output) -> tuple[float, float] | None:
    asked: Any = output.finish.density
    if asked is None:
        return None
    if asked != AS_STORED:
        return float(asked), float(asked)
    found = image.info.get("dpi")
    try:
        across, down = (float(each) for each in found or ())
    except (TypeError, ValueError):
        return None
    return (across, down) if 1 <= across <= 65_535 and 1 <= down <= 65_535 else None
