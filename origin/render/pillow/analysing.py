"""What an upload or a detail call wants to be told of a picture, all from one decoding (upload-api.md §3.2)."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from attrs import frozen
from PIL import Image, ImageChops
from PIL.Image import Resampling

from origin.render.errors import MissingExtra
from origin.render.limits import RenderLimits
from origin.render.pillow.analyses.eyesight import accessibility_of
from origin.render.pillow.analyses.fingerprint import phash
from origin.render.pillow.analyses.palette import SIDE, colours_of
from origin.render.pillow.analyses.sharpness import quality_of
from origin.render.pillow.analyses.stillness import cinemagraph_of
from origin.render.pillow.colour import to_srgb
from origin.render.pillow.described import described
from origin.render.pillow.opening import opened, reading
from origin.render.pillow.seeing import loaded, sight_of, upright
from origin.render.pillow.sources.recordings import recording
from origin.render.pillow.sources.source import Source
from origin.render.pillow.sources.texts import text_of
from origin.transform.sight import Sight

Findings = dict[str, Any]

_READERS: dict[str, Callable[[str], Findings]] = {"recording": recording, "document_text": text_of}

ENOUGH = 1024  # pixels along the longer side
_SEMI = slice(1, 255)  # levels of alpha that are neither clear nor solid
_GREY_LEVELS = 8  # between the bands of a picture that is called grey


@frozen
class _Copy:
    """A picture as analyses look at it: small, upright, sRGB."""

    colours: Image.Image  # RGB
    alpha: Image.Image | None

    @property
    def on_white(self) -> Image.Image:
        if self.alpha is None:
            return self.colours
        white = Image.new("RGB", self.colours.size, (255, 255, 255))
        return Image.composite(self.colours, white, self.alpha)


def told(path: str, limits: RenderLimits, names: Sequence[str]) -> Findings:
    """What is wanted of a file: analyses of a picture, or one of the things told of other files."""
    reader = _READERS.get(names[0])
    return analyse(path, limits, names) if reader is None else reader(path)


def analyse(path: str, limits: RenderLimits, names: Collection[str]) -> Findings:
    """The fields of an answer which those analyses come to, and what is told with any of them."""
    wanted = frozenset(names)
    with opened(path, limits) as source:
        with reading(limits):
            moving = cinemagraph_of(source) if "cinemagraph_analysis" in wanted else {}
            said = described(source.label) if wanted & {"image_metadata", "exif"} else {}
            canvas = loaded(source, is_whole="quality_analysis" in wanted)
        return {
            **moving,
            **{name: texts for name, texts in said.items() if name in wanted},
            **_of_pixels(canvas, source, wanted),
        }


def _of_pixels(canvas: Image.Image, source: Source, wanted: frozenset[str]) -> Findings:
    found: Findings = {}
    less = _reduced(canvas)
    sight = sight_of(less, source.facts)
    counted = _copied(canvas, source, Resampling.NEAREST)  # no colour that is not there
    if "quality_analysis" in wanted:
        found |= quality_of(canvas if canvas.mode == "RGB" else canvas.convert("RGB"), source.label)
    if "colors" in wanted:
        found |= colours_of(counted.colours, counted.alpha)
    if "phash" in wanted:
        found["phash"] = phash(_copied(less, source, Resampling.BOX).on_white.convert("L"))
    if "accessibility_analysis" in wanted:
        found |= accessibility_of(counted.on_white)
    return {
        **found,
        **_faces(sight, wanted),
        "illustration_score": sight.illustration,
        "semi_transparent": _is_semi_transparent(canvas),
        "grayscale": _is_grey(counted.colours),
    }


def _faces(sight: Sight, wanted: frozenset[str]) -> Findings:
    if "faces" not in wanted:
        return {}
    if sight.faces is None:
        raise MissingExtra("Finding faces", "faces")
    return {"faces": [list(face.box) for face in sight.faces]}


def _reduced(canvas: Image.Image) -> Image.Image:
    """Pixels enough for a look: of a large picture at full size each step would cost as much as decoding it."""
    factor = max(canvas.size) // ENOUGH
    return canvas.reduce(factor) if factor > 1 and min(canvas.size) > factor else canvas


def _copied(canvas: Image.Image, source: Source, kernel: Resampling) -> _Copy:
    size, turned = _small(canvas.size), source.facts.orientation
    alpha = canvas.getchannel("A") if _has_alpha(canvas) else None
    colours = canvas if alpha is None else canvas.convert(canvas.mode[:-1])
    colours = to_srgb(colours.resize(size, kernel), source.label.info.get("icc_profile")).convert("RGB")
    return _Copy(
        upright(colours, turned), None if alpha is None else upright(alpha.resize(size, kernel), turned)
    )


def _has_alpha(canvas: Image.Image) -> bool:
    return canvas.mode in ("LA", "RGBA")


def _small(size: tuple[int, int]) -> tuple[int, int]:
    factor = min(1.0, SIDE / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _is_semi_transparent(canvas: Image.Image) -> bool:
    return _has_alpha(canvas) and any(canvas.getchannel("A").histogram()[_SEMI])


def _is_grey(colours: Image.Image) -> bool:
    red, green, blue = colours.split()
    spans = ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(green, blue))
    return not any(spans.histogram()[_GREY_LEVELS + 1 :])
