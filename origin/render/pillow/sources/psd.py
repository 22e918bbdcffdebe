"""PSD: the merged image, or its layers. Page 1 is the whole, layers follow from the bottom up (§7.3)."""

import mmap
from collections.abc import Iterable
from functools import partial

from attrs import frozen
from PIL import Image, ImageChops

from origin.render.errors import InvalidImage
from origin.render.limits import RenderLimits
from origin.render.pillow.colour import lab_to_srgb
from origin.render.pillow.sources import resources
from origin.render.pillow.sources.planes import Channel, plane
from origin.render.pillow.sources.psdfile import Layer, Psd, read_psd
from origin.render.pillow.sources.source import Late
from origin.transform.pages import is_composed, seen
from origin.transform.plan import Sheet, SourceFacts
from origin.transform.portion import Portion

MODES = {0: "L", 1: "L", 2: "P", 3: "RGB", 4: "CMYK", 8: "L", 9: "LAB"}
"""Photoshop's colour modes; multichannel (7) has no colours of its own."""


def is_psd(head: bytes) -> bool:
    """Whether a file that begins so claims to be PSD."""
    return head[:6] == b"8BPS\0\1"


def probe(path: str, size: int, limits: RenderLimits) -> SourceFacts:
    """The whole, its layers and its paths."""
    psd = _read(path)
    limits.admit_source(psd.width, psd.height)
    whole = Sheet(psd.width, psd.height, has_alpha=psd.is_transparent)
    layers = [_sheet(each) for each in psd.layers]
    outlines = [each.outline(psd.width, psd.height) for each in resources.paths(psd.resources)]
    return SourceFacts(
        width=psd.width,
        height=psd.height,
        format="psd",
        bytes=size,
        has_alpha=psd.is_transparent,
        pages=1 + len(layers),
        density=psd.density,
        sheets=(whole, *layers) if layers else (),
        outlines=outlines,
    )


def open_layers(path: str, facts: SourceFacts, portion: Portion, limits: RenderLimits) -> Late:
    """The merged image, one layer, or several laid on each other."""
    shown = seen(facts, portion)
    limits.admit_source(shown.width, shown.height)
    if is_composed(facts, portion):
        decode = partial(_composed, path, portion.pages)
    elif portion.page > 1:
        decode = partial(_layer, path, portion.page - 2)
    else:
        decode = partial(_merged, path, ignores_masks=portion.ignores_masks)
    return Late(shown, decode)


def paths_of(path: str) -> list[resources.Path]:
    """The clipping paths of a file."""
    return resources.paths(_read(path).resources)


def _read(path: str) -> Psd:
    with open(path, "rb") as file:
        return read_psd(file)


def _sheet(layer: Layer) -> Sheet:
    """A layer without pixels shows one, transparent."""
    return Sheet(max(1, layer.width), max(1, layer.height), layer.left, layer.top, layer.name, has_alpha=True)


def _merged(path: str, *, ignores_masks: bool) -> Image.Image:
    psd = _read(path)
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        is_transparent = psd.is_transparent and not ignores_masks
        return _painted(psd, psd.merged(data), data, (psd.width, psd.height), is_transparent)


def _layer(path: str, number: int) -> Image.Image:
    psd = _read(path)
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _picture(psd, psd.layers[number], data)


def _composed(path: str, pages: Iterable[int]) -> Image.Image:
    """Normal blending at each layer's opacity; a layer that is hidden was asked for all the same."""
    psd = _read(path)
    canvas = Image.new("RGBA", (psd.width, psd.height))
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for page in sorted(pages):
            if page == 1:
                picture, corner = (
                    _painted(psd, psd.merged(data), data, canvas.size, psd.is_transparent),
                    (0, 0),
                )
            else:
                layer = psd.layers[page - 2]
                picture, corner = _picture(psd, layer, data), (layer.left, layer.top)
            laid = Image.new("RGBA", canvas.size)
            laid.paste(_in_rgb(picture), corner)
            canvas.alpha_composite(laid)
    return canvas


def _in_rgb(picture: Image.Image) -> Image.Image:
    return picture.convert("RGBA")


def _picture(psd: Psd, layer: Layer, data: mmap.mmap) -> Image.Image:
    if layer.width * layer.height == 0:
        return Image.new("RGBA", (1, 1))
    image = _painted(psd, layer.channels, data, (layer.width, layer.height), is_transparent=True)
    if layer.opacity < 255:
        alpha = image.getchannel("A").point(lambda value: value * layer.opacity // 255)
        image.putalpha(alpha)
    return image


@frozen
class _Planes:
    colours: list[Image.Image]
    alpha: Image.Image | None


def _planes(psd: Psd, channels: Iterable[Channel], data: mmap.mmap, size: tuple[int, int]) -> _Planes:
    colours: dict[int, Image.Image] = {}
    alpha = None
    for channel in channels:
        if channel.number == -1:
            alpha = plane(data, channel, size, psd.depth)
        elif 0 <= channel.number < psd.colours:
            colours[channel.number] = plane(data, channel, size, psd.depth)
    missing = Image.new("L", size)
    return _Planes([colours.get(each, missing) for each in range(psd.colours)], alpha)


def _painted(
    psd: Psd, channels: Iterable[Channel], data: mmap.mmap, size: tuple[int, int], is_transparent: bool
) -> Image.Image:
    """Planes joined in a mode that can be worked on, profile attached where it still applies."""
    mode = MODES.get(psd.mode)
    if mode is None:
        raise InvalidImage("PSD colour mode multichannel is not supported", log=f"PSD mode {psd.mode}")
    planes = _planes(psd, channels, data, size)
    bands = planes.colours
    if mode == "P":
        image = bands[0]
        image.putpalette(psd.palette, "RGB;L")
        image = image.convert("RGB")
    elif mode == "CMYK":  # stored as if it were light, not ink
        image = Image.merge("CMYK", [ImageChops.invert(each) for each in bands])
    elif mode == "LAB":
        image = _from_lab(bands)
    else:
        image = bands[0] if mode == "L" else Image.merge(mode, bands)
    if psd.mode == 0:
        image = ImageChops.invert(image)  # a bitmap's ones are black
    if not is_transparent:
        if psd.profile and mode in ("L", "RGB", "CMYK"):
            image.info["icc_profile"] = psd.profile
        return image
    alpha = planes.alpha if planes.alpha is not None else Image.new("L", size, 255)
    if image.mode == "CMYK":
        image = image.convert("RGB")
    image = image.convert("RGBA")
    image.putalpha(alpha)
    if psd.profile and mode == "RGB":
        image.info["icc_profile"] = psd.profile
    return image


def _from_lab(bands: list[Image.Image]) -> Image.Image:
    """Photoshop's a and b are shifted by 128, as Pillow holds them."""
    return lab_to_srgb(Image.merge("LAB", bands))
