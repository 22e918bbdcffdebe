"""Pixels of a Photoshop file: planes joined in a mode that can be worked on."""

from collections.abc import Iterable

from attrs import frozen
from PIL import Image, ImageChops

from origin.render.errors import InvalidImage
from origin.render.pillow.colour import lab_to_srgb
from origin.render.pillow.sources.planes import Channel, Data, plane
from origin.render.pillow.sources.psdfile import Layer, Psd

MODES = {0: "L", 1: "L", 2: "P", 3: "RGB", 4: "CMYK", 8: "L", 9: "LAB"}
"""Photoshop's colour modes; multichannel (7) has no colours of its own."""


def whole(psd: Psd, data: Data, *, is_transparent: bool) -> Image.Image:
    """The merged image."""
    return _painted(psd, psd.merged(data), data, (psd.width, psd.height), is_transparent)


def layer_of(psd: Psd, layer: Layer, data: Data) -> Image.Image:
    """One layer at its opacity; one without pixels shows one, transparent."""
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


def _planes(psd: Psd, channels: Iterable[Channel], data: Data, size: tuple[int, int]) -> _Planes:
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
    psd: Psd, channels: Iterable[Channel], data: Data, size: tuple[int, int], is_transparent: bool
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
