"""A picture cut out along a path that its file carries (`fl_clip`, `fl_clip_evenodd`)."""

from functools import cached_property

from attrs import define
from PIL import Image, ImageChops, ImageDraw

from origin.render.pillow.colour import to_srgb
from origin.render.pillow.decoding import plain
from origin.render.pillow.sources.resources import Path, Point
from origin.render.pillow.sources.source import Source
from origin.transform.plan import Resample, SourceFacts

FINER = 4  # the path is drawn so many times larger, for smooth edges
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
    lines = [[(x * width * FINER, y * height * FINER) for x, y in line] for line in path.lines]
    for top in range(0, height, BAND):
        rows = min(BAND, height - top)
        moved = [[(x, y - top * FINER) for x, y in line] for line in lines]
        band = _band(moved, (width * FINER, rows * FINER), is_evenodd=is_evenodd)
        mask.paste(band.reduce(FINER), (0, top))
    return mask


def _band(lines: list[list[Point]], size: tuple[int, int], *, is_evenodd: bool) -> Image.Image:
    """Even-odd: what an odd number of lines surround. Nonzero: where turns left and right do not cancel."""
    if is_evenodd:
        odd = Image.new("1", size)
        for line in lines:
            odd = ImageChops.logical_xor(odd, _filled(line, size).convert("1"))
        return odd.convert("L")
    turns = {True: Image.new("L", size), False: Image.new("L", size)}
    for line in lines:
        is_right = _area(line) >= 0
        turns[is_right] = ImageChops.add(turns[is_right], _filled(line, size, ink=1))
    return ImageChops.difference(turns[True], turns[False]).point(lambda found: 255 if found else 0)


def _filled(line: list[Point], size: tuple[int, int], ink: int = 255) -> Image.Image:
    drawn = Image.new("L", size)
    ImageDraw.Draw(drawn).polygon(line, fill=ink)
    return drawn


def _area(line: list[Point]) -> float:
    """Twice the area, negative if the line turns left."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(line, line[1:] + line[:1], strict=True))
