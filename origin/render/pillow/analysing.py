"""What an upload or a detail call wants to be told of a picture, all from one decoding (upload-api.md §3.2)."""

from collections.abc import Collection
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
from origin.render.pillow.sources.source import Source
from origin.transform.sight import Sight

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


def analyse(path: str, limits: RenderLimits, names: Collection[str]) -> dict[str, Any]:
    """The fields of an answer which those analyses come to, and what is told with any of them."""
    wanted = frozenset(names)
    with opened(path, limits) as source, reading(limits):
        moving = cinemagraph_of(source) if "cinemagraph_analysis" in wanted else {}
        if moving and source.facts.frames > 1:
            source.image.seek(0)
        label = source.label
        said = described(label) if wanted & {"image_metadata", "exif"} else {}
        canvas = loaded(source, is_whole="quality_analysis" in wanted)
        sight = sight_of(canvas, source.facts)
        copy = _copied(canvas, source, Resampling.NEAREST)  # what is counted must be there
        blended = _copied(canvas, source, Resampling.BOX) if "phash" in wanted else None
        quality = quality_of(canvas.convert("RGB"), label) if "quality_analysis" in wanted else {}
    found = {
        **moving,
        **{name: value for name, value in said.items() if name in wanted},
        **quality,
        **_seen(copy, wanted),
        **({"phash": phash(blended.on_white.convert("L"))} if blended else {}),
        **_faces(sight, wanted),
        "illustration_score": sight.illustration,
        "semi_transparent": _is_semi_transparent(canvas),
        "grayscale": _is_grey(copy.colours),
    }
    return found


def _seen(copy: _Copy, wanted: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "colors" in wanted:
        found |= colours_of(copy.colours, copy.alpha)
    if "accessibility_analysis" in wanted:
        found |= accessibility_of(copy.on_white)
    return found


def _faces(sight: Sight, wanted: frozenset[str]) -> dict[str, Any]:
    if "faces" not in wanted:
        return {}
    if sight.faces is None:
        raise MissingExtra("Finding faces", "faces")
    return {"faces": [list(face.box) for face in sight.faces]}


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
    spans = (ImageChops.difference(red, green), ImageChops.difference(green, blue))
    return all(most <= _GREY_LEVELS for _, most in (each.getextrema() for each in spans))  # type: ignore[misc]
