"""Encoders of the formats that are saved or printed rather than shown in a page."""

from importlib import import_module
from itertools import pairwise
from typing import Any

from PIL import Image

from origin.render.errors import UnsupportedFormat
from origin.render.pillow.colour import inked
from origin.render.pillow.encoders import SUBSAMPLING, described
from origin.render.pillow.operations import has_alpha
from origin.render.pillow.quality import equal_quality
from origin.render.pillow.saving import Picture, Saving
from origin.transform.formats import ICO_SIDE, fitted

JP2_DECIBELS = (
    (1, 26.0),
    (47, 33.0),
    (59, 34.5),
    (71, 36.0),
    (80, 38.0),
    (86, 40.0),
    (92, 42.5),
    (100, 48.0),
)
"""The signal over the noise that a JPEG of each quality leaves on photographs; linear between."""

PDF_DENSITY = 72.0  # a pixel is a point
JXL_EXTRA = "jxl is not supported without pixeledge[jxl]"


def bmp(picture: Picture) -> list[Saving]:
    """No alpha."""
    return [Saving("BMP", _plain(picture), described(picture, "dpi"))]


def tga(picture: Picture) -> list[Saving]:
    """Run-length packed."""
    return [Saving("TGA", picture.canvas, {"compression": "tga_rle"})]


def tiff(picture: Picture) -> list[Saving]:
    """Packed by LZW; black and white by fax's group 4."""
    options: dict[str, Any] = described(picture, "exif", "icc_profile", "dpi")
    if picture.output.finish.group4:
        options.pop("exif", None)
        return [Saving("TIFF", picture.opaque.convert("1"), {"compression": "group4", **options})]
    canvas = picture.canvas
    if picture.request.ink is not None:
        canvas = inked(picture.opaque, picture.request.ink)
    # libtiff, which packs, takes no directories inside of EXIF; Pillow, which takes them, cannot pack.
    packing = {} if picture.output.finish.metadata == "all" else {"compression": "tiff_lzw"}
    return [Saving("TIFF", canvas, packing | options)]


def ico(picture: Picture) -> list[Saving]:
    """One icon, no larger than the format can hold."""
    canvas = picture.coloured
    size = fitted(*canvas.size, ICO_SIDE)
    if size != canvas.size:
        canvas = canvas.resize(size, Image.Resampling.LANCZOS)
    return [Saving("ICO", canvas, {"sizes": [size]})]


def jp2(picture: Picture) -> list[Saving]:
    """Lossless at 100, else with as little noise as a JPEG of that quality."""
    options: dict[str, Any] = {"mct": int(picture.canvas.mode in ("RGB", "RGBA"))}
    if picture.is_lossless:
        return [Saving("JPEG2000", picture.canvas, options | {"irreversible": False})]
    noise = {"quality_mode": "dB", "quality_layers": [_decibels(picture.choice.quality)]}
    return [Saving("JPEG2000", picture.canvas, options | {"irreversible": True} | noise)]


def _decibels(quality: int) -> float:
    for (below, least), (above, most) in pairwise(JP2_DECIBELS):
        if quality <= above:
            return least + (quality - below) / (above - below) * (most - least)
    return JP2_DECIBELS[-1][1]


def pdf(picture: Picture) -> list[Saving]:
    """The picture on a page of its size. Undated, or the same picture would give other bytes each second."""
    canvas = inked(picture.opaque, b"") if picture.request.is_inked else picture.opaque
    options = {
        "quality": picture.choice.quality,
        "subsampling": SUBSAMPLING["444" if picture.request.is_inked else picture.choice.subsampling],
        "optimize": True,
        "dpi": picture.request.kept.density or (PDF_DENSITY, PDF_DENSITY),
        "title": "",
        "creationDate": None,
        "modDate": None,
    }
    return [Saving("PDF", canvas, options)]


def eps(picture: Picture) -> list[Saving]:
    """Plain PostScript, one image."""
    canvas = inked(picture.opaque, b"") if picture.request.is_inked else _plain(picture)
    return [Saving("EPS", canvas)]


def jxl(picture: Picture) -> list[Saving]:
    """JPEG XL, where its extra is installed."""
    try:
        import_module("pillow_jxl")  # registers itself
    except ImportError:
        raise UnsupportedFormat(JXL_EXTRA) from None
    extra = described(picture, "exif", "xmp", "icc_profile")
    options = (
        {"lossless": True}
        if picture.is_lossless
        else {"quality": equal_quality(picture.choice.quality, "jxl")}
    )
    return [Saving("JXL", picture.coloured, options | {"effort": 3, "num_threads": 1} | extra)]


def _plain(picture: Picture) -> Image.Image:
    """L or RGB."""
    return picture.opaque if not has_alpha(picture.opaque) else picture.opaque.convert("RGB")
