"""A picture cut out along a path that its file carries (`fl_clip`, `fl_clip_evenodd`)."""

import math
from collections.abc import Callable
from functools import cached_property

from attrs import define
from PIL import Image, ImageChops, ImageDraw

from origin.render.errors import InvalidImage
from origin.render.pillow.colour import to_srgb
from origin.render.pillow.decoding import plain
from origin.render.pillow.sources.resources import Path, Point
from origin.render.pillow.sources.source import Source
from origin.transform.plan import Resample, SourceFacts

FINER = 4  # the path is drawn so many times larger, for smooth edges
MOST_DRAWN = 1_000_000_000  # pixels, about as many as a worker draws in five seconds
BAND = 128  # rows of the image drawn at a time


@define(eq=False, slots=False)
class Clipped:
    """Another source, transparent outside its path. Its pixels are in sRGB."""

    source: Source
    path: Path
    is_evenodd: bool

    @property
    def facts(self) -> SourceFacts:
        return self.source.facts

    @property
    def label(self) -> Image.Image:
        return self.source.label

    @cached_property
    def image(self) -> Image.Image:
        whole, _ = self.source.ready(None)
        canvas = to_srgb(plain(whole), whole.info.get("icc_profile")).convert("RGBA")
        mask = inside(self.path, canvas.size, is_evenodd=self.is_evenodd)
        canvas.putalpha(ImageChops.multiply(canvas.getchannel("A"), mask))
        return canvas

    def ready(self, first: Resample | None) -> tuple[Image.Image, Resample | None]:
        return self.image, first

    def verify(self) -> None:
        self.source.verify()

    def close(self) -> None:
        self.source.close()


def inside(path: Path, size: tuple[int, int], *, is_evenodd: bool) -> Image.Image:
    """How much of each pixel lies within the path, 0..255."""
    width, height = size
    mask = Image.new("L", size)
    finer = _fineness(path, size)
    lines = [[(x * width * finer, y * height * finer) for x, y in line] for line in path.lines]
    for top in range(0, height, BAND):
        rows = min(BAND, height - top)
        moved = [[(x, y - top * finer) for x, y in line] for line in lines]
        band = _band(moved, (width * finer, rows * finer), is_evenodd=is_evenodd)
        mask.paste(band.reduce(finer), (0, top))
    return mask


def _fineness(path: Path, size: tuple[int, int]) -> int:
    """How many times larger to draw: less where many lines surround much, and not at all beyond reason."""
    surrounded = sum(
        (right - left) * (bottom - top)
        for left, top, right, bottom in (
            _box([(x * size[0], y * size[1]) for x, y in line], size) for line in path.lines
        )
    )
    for finer in (FINER, FINER // 2, 1):
        if surrounded * finer * finer <= MOST_DRAWN:
            return finer
    raise InvalidImage("The clipping path has too many large lines", log=f"they surround {surrounded} pixels")


def _band(lines: list[list[Point]], size: tuple[int, int], *, is_evenodd: bool) -> Image.Image:
    """Even-odd: what an odd number of lines surround. Nonzero: where turns left and right do not cancel."""
    if is_evenodd:
        odd = Image.new("L", size)
        for line in lines:
            _draw(odd, line, 255, ImageChops.difference)
        return odd
    turns = {True: Image.new("L", size), False: Image.new("L", size)}
    for line in lines:
        _draw(turns[_area(line) >= 0], line, 1, ImageChops.add)
    return ImageChops.difference(turns[True], turns[False]).point(lambda found: 255 if found else 0)


def _draw(
    canvas: Image.Image,
    line: list[Point],
    ink: int,
    join: Callable[[Image.Image, Image.Image], Image.Image],
) -> None:
    """Join what a line surrounds with the canvas, where it lies and nowhere else."""
    left, top, right, bottom = box = _box(line, canvas.size)
    if left >= right or top >= bottom:
        return
    drawn = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(drawn).polygon([(x - left, y - top) for x, y in line], fill=ink)
    canvas.paste(join(canvas.crop(box), drawn), box)


def _box(line: list[Point], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The whole pixels a line touches, of a canvas of that size; none: a box of no width or no height."""
    across, down = [x for x, _ in line], [y for _, y in line]
    left, top = max(0, math.floor(min(across))), max(0, math.floor(min(down)))
    right, bottom = (
        math.floor(max(across)) + 2,
        math.floor(max(down)) + 2,
    )  # polygons are drawn edges included
    return left, top, max(left, min(size[0], right)), max(top, min(size[1], bottom))


def _area(line: list[Point]) -> float:
    """Twice the area, negative if the line turns left."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(line, line[1:] + line[:1], strict=True))
