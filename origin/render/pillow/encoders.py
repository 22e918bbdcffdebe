"""One encoder a format for the web: picture → the ways to save it, of which the smallest is delivered."""

from typing import Any

from attrs import evolve
from PIL import Image, PngImagePlugin

from origin.render.pillow import palettes, quality
from origin.render.pillow.colour import inked, srgb
from origin.render.pillow.metadata import photoshop
from origin.render.pillow.operations import flatten, has_alpha
from origin.render.pillow.saving import Picture, Saving

SUBSAMPLING = {"420": "4:2:0", "444": "4:4:4"}
CAREFUL_PIXELS = 250_000  # up to this size the slower methods of WebP and PNG cost little
PNG_RLE = 3  # zlib strategy: four times faster on photographs, at the same size
LOSSLESS_WEBP: dict[str, Any] = {"lossless": True, "quality": 50, "method": 2}
LOSSY_GIF = 80  # its quality, if none was asked for (transformations §13)


def described(picture: Picture, *names: str) -> dict[str, Any]:
    """The options of `save` that carry metadata, of those the format knows."""
    kept = picture.request.kept
    profile = kept.profile or (srgb() if picture.output.finish.force_profile else b"")
    found = {"exif": kept.exif, "xmp": kept.xmp, "icc_profile": profile, "dpi": kept.density}
    return {name: value for name, value in found.items() if value and name in names}


def jpeg(picture: Picture) -> list[Saving]:
    """Opaque; CMYK if the chain wants to print."""
    choice = picture.choice
    full = picture.request.is_inked  # its second and third plane are no chroma: halved, the picture blurs
    options = {
        "quality": choice.quality,
        "subsampling": SUBSAMPLING["444" if full else choice.subsampling],
        "optimize": True,
        "progressive": picture.output.progressive,
        **described(picture, "exif", "xmp", "icc_profile", "dpi"),
    }
    if picture.request.kept.iptc:
        options["extra"] = photoshop(picture.request.kept.iptc)
    return [Saving("JPEG", _printed(picture), options)]


def _printed(picture: Picture) -> Image.Image:
    if picture.request.ink is not None:
        return inked(picture.opaque, picture.request.ink)
    return picture.opaque


def webp(picture: Picture) -> list[Saving]:
    """Lossless at 100; a drawing lossless or lossy."""
    extra = described(picture, "exif", "xmp", "icc_profile")
    if picture.is_lossless:
        return [Saving("WEBP", picture.canvas, LOSSLESS_WEBP | extra)]
    is_small = picture.canvas.width * picture.canvas.height <= CAREFUL_PIXELS
    options = {
        "quality": quality.equal_quality(picture.choice.quality, "webp"),
        "method": 4 if is_small else 2,
    }
    lossy = Saving("WEBP", picture.coloured, options | extra)
    may_choose = picture.output.quality is None or picture.output.smallest
    if not (may_choose and picture.is_graphic):
        return [lossy]
    if not picture.is_worth_trying:
        return [Saving("WEBP", picture.canvas, LOSSLESS_WEBP | extra)]
    drawing = picture.canvas if picture.reduced is None else picture.reduced.convert(picture.canvas.mode)
    return [Saving("WEBP", drawing, LOSSLESS_WEBP | extra), lossy]


def avif(picture: Picture) -> list[Saving]:
    """At 100, and for drawings, with full colour: as near to lossless as the encoder's YUV comes."""
    choice = picture.choice
    subsampling = "444" if picture.is_lossless and not picture.output.subsampling else choice.subsampling
    options = {
        "quality": quality.equal_quality(choice.quality, "avif"),
        "subsampling": SUBSAMPLING[subsampling],
        "speed": 9,
        "max_threads": 1,
        **described(picture, "exif", "xmp", "icc_profile"),
    }
    return [Saving("AVIF", picture.coloured, options)]


def png(picture: Picture) -> list[Saving]:
    """In a palette where nobody could tell and less may be had, or where one was asked for.

    Interlaced where it is what was asked for: beside a JPEG it is the smaller one that is wanted.
    """
    interlaced = picture.output.progressive and "jpg" not in picture.output.formats
    return [evolve(saving, interlaced=interlaced) for saving in _png(picture)]


def _png(picture: Picture) -> list[Saving]:
    output, canvas = picture.output, picture.canvas
    options: dict[str, Any] = {"compress_level": 4, **described(picture, "exif", "icc_profile", "dpi")}
    if picture.request.kept.xmp:
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", picture.request.kept.xmp.decode("utf-8", "replace"))
        options["pnginfo"] = text
    kind = output.finish.png
    if kind == 8:
        return [Saving("PNG", palettes.paletted(canvas), options)]
    if kind == 24:
        canvas = flatten(canvas, (*output.background[:3], 255)).convert("RGB")
    elif kind == 32:
        canvas = canvas.convert("RGBA")
    elif not output.finish.truecolour and picture.reduced is not None:
        is_small = canvas.width * canvas.height <= CAREFUL_PIXELS
        return [Saving("PNG", picture.reduced, options | {"compress_level": 9 if is_small else 4})]
    strategy = {"compress_type": PNG_RLE} if picture.request.is_photographic else {}
    return [Saving("PNG", canvas, options | strategy)]


def gif(picture: Picture) -> list[Saving]:
    """One bit of alpha; with `fl_lossy` as many colours as the quality affords."""
    reduced = palettes.for_gif(picture.canvas, gif_colours(picture))
    options: dict[str, Any] = {"interlace": picture.output.progressive, "optimize": True}
    if has_alpha(picture.canvas):
        options |= {"transparency": palettes.TRANSPARENT, "optimize": False}
    return [Saving("GIF", reduced, options)]


def gif_colours(picture: Picture) -> int:
    """256, or with `fl_lossy` a share of them that follows the quality."""
    if not picture.output.finish.lossy:
        return palettes.COLOURS
    return max(8, palettes.COLOURS * gif_quality(picture) // 100)


def gif_quality(picture: Picture) -> int:
    """The quality of a lossy GIF."""
    output = picture.output
    if output.quality is not None:
        return output.quality
    return {"best": 90, "good": LOSSY_GIF, "eco": 65, "low": 50}[output.auto or "good"]
