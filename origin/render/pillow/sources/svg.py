"""SVG: read into a harmless tree, drawn by resvg in a process apart. It is given no folder, no network, no script."""

import codecs
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from origin.render.errors import UnsupportedFormat
from origin.render.limits import RenderLimits
from origin.render.pillow.fonts import MONO, SANS, SERIF, installed
from origin.render.pillow.sources import svgtext
from origin.render.pillow.sources.apart import Outcome, apart
from origin.render.pillow.sources.drawing import Box, Drawing
from origin.render.pillow.sources.svgtree import Document
from origin.transform.pages import seen
from origin.transform.plan import SourceFacts
from origin.transform.portion import Portion

HEAD_BYTES = 4096
MOST_FONTS = 24  # files read for one drawing


def is_svg(head: bytes) -> bool:
    """Whether a file that begins so is XML with `<svg` near its start."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
    else:
        text = head.decode("utf-8", "replace").lstrip("\ufeff")
    text = text.lstrip()
    return (
        text.startswith("<")
        and not text[:14].lower().startswith(("<!doctype html", "<html"))
        and "<svg" in text
    )


def probe(path: str, size: int, limits: RenderLimits) -> SourceFacts:
    """The size in CSS pixels."""
    del limits
    _library()
    said = apart(partial(_measure, path), log="SVG").said
    return SourceFacts(width=said["width"], height=said["height"], format="svg", bytes=size, has_alpha=True)


def open_drawing(path: str, facts: SourceFacts, portion: Portion, limits: RenderLimits) -> Drawing:
    """The drawing at the portion's density."""
    _library()
    return Drawing(seen(facts, portion), partial(_draw, path), limits)


def _library() -> Any:
    try:
        import resvg_py
    except ImportError as error:
        raise UnsupportedFormat("SVG is not supported without pixeledge[svg]") from error
    return resvg_py


def _read(path: str) -> Document:
    with open(path, "rb") as file:
        return svgtext.read(file.read(svgtext.MOST_BYTES + 1))


def _measure(path: str) -> Outcome:
    document = _read(path)
    return Outcome({"width": max(1, round(document.width)), "height": max(1, round(document.height))})


def _draw(path: str, box: Box, width: int, height: int) -> Image.Image:
    pixels = apart(partial(_drawn, path, box, width, height), log="SVG").pixels
    return Image.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1)


def _drawn(path: str, box: Box, width: int, height: int) -> Outcome:
    document = _read(path)
    text = document.part(*box, (width, height))
    png = _library().svg_to_bytes(
        svg_string=text,
        skip_system_fonts=True,
        dpi=96.0,
        **(_fonts(text) if document.has_text else {}),
    )
    with Image.open(BytesIO(png), formats=("PNG",)) as image:
        return Outcome({}, image.convert("RGBA").resize((width, height), Image.Resampling.NEAREST).tobytes())


def _fonts(text: str) -> dict[str, Any]:
    """The files of the families that are named, and of those that stand in for the rest."""
    families = installed().families
    lowered = text.lower()
    generic = {
        "sans_serif_family": _first(SANS),
        "serif_family": _first(SERIF),
        "monospace_family": _first(MONO),
    }
    stand_ins = [name for name in generic.values() if name]
    named = [each for each in families if each in lowered]
    wanted = dict.fromkeys(each.lower() for each in (*stand_ins, *named))
    files: dict[Path, None] = {}
    for family in wanted:
        files |= dict.fromkeys(
            face.path for face in families.get(family, ()) if face.path and not face.is_narrow
        )
    chosen = {name: family for name, family in generic.items() if family}
    if "sans_serif_family" in chosen:
        chosen["font_family"] = chosen["sans_serif_family"]
    return {"font_files": [str(each) for each in list(files)[:MOST_FONTS]], **chosen}


def _first(names: tuple[str, ...]) -> str | None:
    families = installed().families
    return next((each for each in names if each.lower() in families), None)
