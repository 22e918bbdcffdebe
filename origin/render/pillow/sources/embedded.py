"""Files within a Photoshop file: what a smart object was made of, at its own size, turned upright."""

from collections.abc import Iterable
from io import BytesIO

from attrs import evolve
from PIL import Image

from origin.render.limits import RenderLimits
from origin.render.pillow.decoding import UPRIGHT
from origin.render.pillow.sources import raster
from origin.render.pillow.sources.placed import Placed
from origin.render.pillow.sources.psdfile import read_psd
from origin.render.pillow.sources.psdpixels import whole
from origin.transform.plan import Sheet
from origin.transform.portion import WHOLE

_PHOTOSHOP = b"8BPS"
_NONE = Sheet(0, 0)


def sheets(path: str, placed: Iterable[tuple[str, Placed | None]], limits: RenderLimits) -> list[Sheet]:
    """Their sizes as shown. One that is not here, or of a kind that cannot be read, has none: 0 by 0."""
    known: dict[Placed | None, Sheet] = {None: _NONE}
    found = []
    for name, each in placed:
        if each is not None and each not in known:
            known[each] = _measured(_content(path, each), limits)
        found.append(evolve(known[each], name=name))
    return found


def picture(path: str, placed: Placed, limits: RenderLimits) -> Image.Image:
    """Its pixels."""
    content = _content(path, placed)
    if content.startswith(_PHOTOSHOP):
        psd = read_psd(BytesIO(content))
        return whole(psd, content, is_transparent=psd.is_transparent)
    source = raster.open_raster(BytesIO(content), WHOLE, limits)
    image, _ = source.ready(None)
    return image.transpose(UPRIGHT[source.facts.orientation]) if source.facts.orientation > 1 else image


def _measured(content: bytes, limits: RenderLimits) -> Sheet:
    try:
        if content.startswith(_PHOTOSHOP):
            psd = read_psd(BytesIO(content))
            return Sheet(psd.width, psd.height, has_alpha=psd.is_transparent)
        facts = raster.probe(BytesIO(content), limits)
        return Sheet(*facts.shown, has_alpha=facts.has_alpha)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  Pillow raises nearly every exception there is; the rest of the file is good
        return _NONE


def _content(path: str, placed: Placed) -> bytes:
    with open(path, "rb") as file:
        file.seek(placed.start)
        return file.read(placed.stop - placed.start)
