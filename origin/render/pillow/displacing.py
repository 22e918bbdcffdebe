"""Pixels moved by what another image says, or by chance: `e_displace`, `e_anti_removal`. Sheet: §11.3, §12.3.

Drawn as a mesh: between the corners of small cells, movement is interpolated.
"""

import math
from collections.abc import Callable, Iterator
from random import Random

from PIL import Image, ImageFilter
from PIL.Image import Resampling, Transform

Point = tuple[float, float]

NEUTRAL = 128
MOST_CELLS = 40_000
SMALLEST_CELL = 2  # pixels
JITTER_CELL = 12
JITTER_STEPS = 25  # a level of 25 moves by up to a pixel


def displaced(base: Image.Image, layer: Image.Image, moves: tuple[int, int]) -> Image.Image:
    """The base, each pixel taken from where the layer's red and green point; grey points nowhere."""
    cell = max(SMALLEST_CELL, math.ceil(math.sqrt(base.width * base.height / MOST_CELLS)))
    ground = Image.new("RGBA", base.size, (NEUTRAL, NEUTRAL, NEUTRAL, 255))
    ground.alpha_composite(layer.convert("RGBA").resize(base.size, Resampling.BILINEAR))
    red, green, _ = ground.convert("RGB").filter(ImageFilter.BoxBlur(cell // 2)).split()
    shifts = [_looked_up(band, move) for band, move in zip((red, green), moves, strict=True)]

    def source(x: int, y: int) -> Point:
        at = (min(x, base.width - 1), min(y, base.height - 1))
        return x + shifts[0](at), y + shifts[1](at)

    return _meshed(base, cell, source)


def jittered(layer: Image.Image, level: int, seed: int) -> Image.Image:
    """The layer, every corner of a grid moved by up to `level` 25ths of a pixel."""
    chance = Random(seed)  # noqa: S311  the same layer must come out the same
    reach = level / JITTER_STEPS
    moved: dict[Point, Point] = {}

    def source(x: int, y: int) -> Point:
        if (x, y) not in moved:
            moved[x, y] = (x + chance.uniform(-reach, reach), y + chance.uniform(-reach, reach))
        return moved[x, y]

    return _meshed(layer, JITTER_CELL, source)


def _looked_up(band: Image.Image, move: int) -> Callable[[tuple[int, int]], float]:
    pixels = band.load()
    assert pixels is not None
    table = [(level - NEUTRAL) / (NEUTRAL - 1) * move for level in range(256)]

    def shift(at: tuple[int, int]) -> float:
        level = pixels[at]
        assert isinstance(level, int)
        return table[level]

    return shift


def _meshed(image: Image.Image, cell: int, source: Callable[[int, int], Point]) -> Image.Image:
    """The image redrawn cell by cell; beyond its edges its outermost pixels go on."""
    width, height = image.size

    def corner(x: int, y: int) -> Point:
        across, down = source(x, y)
        return min(max(across, 0), width) + 1, min(max(down, 0), height) + 1

    def cells() -> Iterator[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
        for top in range(0, height, cell):
            bottom = min(top + cell, height)
            for left in range(0, width, cell):
                right = min(left + cell, width)
                corners = ((left, top), (left, bottom), (right, bottom), (right, top))
                yield (left, top, right, bottom), tuple(part for at in corners for part in corner(*at))

    return _edged(image).transform(image.size, Transform.MESH, list(cells()), Resampling.BILINEAR)


def _edged(image: Image.Image) -> Image.Image:
    """The image with its outermost pixels repeated once, so that none is looked for outside."""
    plain = image.convert("RGBA" if image.mode in ("LA", "RGBA") else "RGB")
    width, height = plain.size
    edged = Image.new(plain.mode, (width + 2, height + 2))
    for left in (0, width + 1):
        edged.paste(plain.crop((min(left, width - 1), 0, min(left, width - 1) + 1, height)), (left, 1))
    edged.paste(plain, (1, 1))
    for top, row in ((0, 1), (height + 1, height)):
        edged.paste(edged.crop((0, row, width + 2, row + 1)), (0, top))
    return edged
