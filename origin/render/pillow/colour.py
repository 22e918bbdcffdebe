"""A source's colour profile is honoured once, on the small image; what leaves is sRGB, or CMYK if asked to be."""

from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image

CACHED_TRANSFORMS = 16  # building one costs 4 ms; cameras and scanners use few
_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
DATE = slice(24, 36)  # of an ICC profile's making


def to_srgb(canvas: Image.Image, profile: bytes | None) -> Image.Image:
    """The canvas as L, LA, RGB or RGBA in sRGB. A profile that is broken or of another space is ignored."""
    alpha = canvas.getchannel("A") if canvas.mode in ("LA", "RGBA") else None
    colours = canvas if alpha is None else canvas.convert(canvas.mode[:-1])
    transform = _transform(profile, colours.mode) if profile else None
    if transform is not None:
        is_grey = colours.mode == "L"
        colours = transform.apply(colours)
        colours = colours.convert("L") if is_grey else colours
    elif colours.mode == "CMYK":
        colours = colours.convert("RGB")
    elif alpha is not None:
        return canvas
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def lab_to_srgb(canvas: Image.Image) -> Image.Image:
    """CIE L*a*b* as RGB; Pillow's own `convert` has no way there."""
    converted: Image.Image = _lab_transform().apply(canvas)
    return converted


@lru_cache(1)
def _lab_transform() -> Any:
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)


@lru_cache(CACHED_TRANSFORMS)
def _transform(profile: bytes, mode: str) -> Any:
    from PIL import ImageCms  # half of all pictures have no profile

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if ImageCms.getProfileDescription(source).startswith("sRGB"):
            return None
        return ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (OSError, ImageCms.PyCMSError):
        return None


def inked(canvas: Image.Image, profile: bytes) -> Image.Image:
    """An opaque sRGB canvas as CMYK, or as grey: as its profile has it, else by the plain complement."""
    colours = canvas.convert("RGB")
    transform = _press(profile) if profile else None
    printed: Image.Image = colours.convert("CMYK") if transform is None else transform.apply(colours)
    return printed


def speaks_of(profile: bytes, space: str) -> bool:
    """Whether a profile is sound, and of that colour space: `RGB `, `GRAY`, `CMYK`."""
    from PIL import ImageCms

    try:
        return str(ImageCms.ImageCmsProfile(BytesIO(profile)).profile.xcolor_space) == space
    except (OSError, ImageCms.PyCMSError):
        return False


@lru_cache(1)
def srgb() -> bytes:
    """The profile of sRGB, some 600 bytes; undated, so that equal pictures stay equal files."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[DATE] = bytes.fromhex("07ea00010001000000000000")
    return bytes(profile)


def _press(profile: bytes) -> Any:
    from PIL import ImageCms

    try:
        return from_srgb(profile) if speaks_of(profile, "CMYK") or speaks_of(profile, "GRAY") else None
    except (OSError, ImageCms.PyCMSError):
        return None


@lru_cache(CACHED_TRANSFORMS)
def from_srgb(profile: bytes) -> Any:
    """The way into a profile's colours; OSError or `PyCMSError` where it tells none."""
    from PIL import ImageCms

    target = ImageCms.ImageCmsProfile(BytesIO(profile))
    return ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"),
        target,
        "RGB",
        _MODES[target.profile.xcolor_space],
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
