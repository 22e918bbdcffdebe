"""`phash`: what a picture looks like in 64 bits. Few of them change when it is scaled or compressed.

The usual DCT hash (Zauner 2010): the 8x8 lowest frequencies of a grey copy of 32x32, each above their median or not.
"""

import math
from statistics import median

from PIL import Image
from PIL.Image import Resampling

SIDE, KEPT = 32, 8
_DIGITS = 3  # of a coefficient: an even picture shall not be hashed by what floats leave of nothing

_WAVES = tuple(
    tuple(math.cos(math.pi * frequency * (2 * place + 1) / (2 * SIDE)) for place in range(SIDE))
    for frequency in range(KEPT)
)


def phash(grey: Image.Image) -> str:
    """16 hexadecimal digits of a picture in mode L."""
    levels = grey.resize((SIDE, SIDE), Resampling.LANCZOS).tobytes()
    rows = [levels[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE)]
    across = [[_along(wave, row) for wave in _WAVES] for row in rows]
    columns = list(zip(*across, strict=True))
    lowest = [round(_along(wave, column), _DIGITS) for wave in _WAVES for column in columns]
    middle = median(lowest)
    bits = "".join("1" if each > middle else "0" for each in lowest)
    return f"{int(bits, 2):016x}"


def _along(wave: tuple[float, ...], levels: bytes | tuple[float, ...]) -> float:
    return sum(height * level for height, level in zip(wave, levels, strict=True))
