"""PSD and PSB: the merged image, its layers, or files in smart objects.

Page 1 is the whole, layers follow from the bottom up; smart objects are counted by themselves (§7.3).
"""

import mmap
from collections.abc import Iterable
from functools import partial

from PIL import Image

from origin.render.limits import RenderLimits
from origin.render.pillow.sources import embedded, resources
from origin.render.pillow.sources.psdfile import Layer, Psd, read_psd
from origin.render.pillow.sources.psdpixels import layer_of, whole
from origin.render.pillow.sources.source import Late
from origin.transform.pages import is_composed, seen
from origin.transform.plan import Sheet, SourceFacts
from origin.transform.portion import Portion


def is_psd(head: bytes) -> bool:
    """Whether a file that begins so claims to be one."""
    return head[:6] in (b"8BPS\0\1", b"8BPS\0\2")


def probe(path: str, size: int, limits: RenderLimits) -> SourceFacts:
    """The whole, its layers and its paths."""
    psd = _read(path)
    limits.admit_source(psd.width, psd.height)
    whole = Sheet(psd.width, psd.height, has_alpha=psd.is_transparent)
    layers = [_sheet(each) for each in psd.layers]
    inside = embedded.sheets(path, psd.placed, limits)
    outlines = [each.outline(psd.width, psd.height) for each in resources.paths(psd.resources)]
    return SourceFacts(
        width=psd.width,
        height=psd.height,
        format="psb" if psd.is_large else "psd",
        bytes=size,
        has_alpha=psd.is_transparent,
        pages=1 + len(layers),
        density=psd.density,
        sheets=(whole, *layers) if layers else (),
        outlines=outlines,
        embedded=inside,
    )


def open_layers(path: str, facts: SourceFacts, portion: Portion, limits: RenderLimits) -> Late:
    """The merged image, one layer, or several laid on each other."""
    shown = seen(facts, portion)
    limits.admit_source(shown.width, shown.height)
    if portion.embedded:
        decode = partial(_object, path, portion.page - 1, limits)
    elif is_composed(facts, portion):
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
        return whole(psd, data, is_transparent=psd.is_transparent and not ignores_masks)


def _object(path: str, number: int, limits: RenderLimits) -> Image.Image:
    _, placed = _read(path).placed[number]
    assert placed is not None  # it was measured
    return embedded.picture(path, placed, limits)


def _layer(path: str, number: int) -> Image.Image:
    psd = _read(path)
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return layer_of(psd, psd.layers[number], data)


def _composed(path: str, pages: Iterable[int]) -> Image.Image:
    """Normal blending at each layer's opacity; a layer that is hidden was asked for all the same."""
    psd = _read(path)
    canvas = Image.new("RGBA", (psd.width, psd.height))
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for page in sorted(pages):
            if page == 1:
                picture, corner = whole(psd, data, is_transparent=psd.is_transparent), (0, 0)
            else:
                layer = psd.layers[page - 2]
                picture, corner = layer_of(psd, layer, data), (layer.left, layer.top)
            laid = Image.new("RGBA", canvas.size)
            laid.paste(picture.convert("RGBA"), corner)
            canvas.alpha_composite(laid)
    return canvas
