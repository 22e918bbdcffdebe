"""`cinemagraph_analysis`: how likely an animation is a photograph in which little moves."""

from typing import Any

from PIL import Image, ImageChops

from origin.render.pillow.sources.source import Raster, Source

SIDE = 96  # of the copies compared
FRAMES = 16  # of an animation, evenly spread
_MOVED = 16  # levels


def cinemagraph_of(source: Source) -> dict[str, Any]:
    """The share of its pixels that never change, if any does; a picture at rest is no cinemagraph."""
    count = source.facts.frames
    score = _still(source, count) if count > 1 and isinstance(source, Raster) else 0.0
    return {"cinemagraph_analysis": {"cinemagraph_score": round(score, 3)}}


def _still(source: Raster, count: int) -> float:
    darkest: Image.Image | None = None
    lightest: Image.Image | None = None
    for number in sorted(
        {index * count // FRAMES for index in range(FRAMES)} if count > FRAMES else range(count)
    ):
        source.seek(number)
        frame = source.image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
        darkest = frame if darkest is None else ImageChops.darker(darkest, frame)
        lightest = frame if lightest is None else ImageChops.lighter(lightest, frame)
    source.seek(0)
    assert darkest is not None
    assert lightest is not None
    red, green, blue = ImageChops.subtract(lightest, darkest).split()
    levels = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    still = sum(levels[:_MOVED]) / sum(levels)
    return 0.0 if still == 1.0 else still
