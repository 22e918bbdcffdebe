"""Who opens which file, told by its first bytes. The table is all there is: what no row claims, Pillow tries."""

from collections.abc import Callable
from typing import BinaryIO

from attrs import frozen

from origin.render.limits import RenderLimits
from origin.render.pillow.sources import heif, pdf, psd, svg
from origin.render.pillow.sources.source import Source
from origin.transform.plan import SourceFacts
from origin.transform.portion import Portion

HEAD_BYTES = 4096


@frozen
class Family:
    """Formats of one library. Its facts are of the whole file, its sources of what a portion shows."""

    claims: Callable[[bytes], bool]
    probe: Callable[[str, int, RenderLimits], SourceFacts]
    open: Callable[[str, SourceFacts, Portion, RenderLimits], Source]


FAMILIES = {
    "pdf": Family(pdf.is_pdf, pdf.probe, pdf.open_page),
    "psd": Family(psd.is_psd, psd.probe, psd.open_layers),
    "heic": Family(heif.is_heif, heif.probe, heif.open_picture),
    "svg": Family(svg.is_svg, svg.probe, svg.open_drawing),
}


def family_of(file: BinaryIO) -> Family | None:
    """The family that claims a file; None leaves it to Pillow."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    return next((each for each in FAMILIES.values() if each.claims(head)), None)
