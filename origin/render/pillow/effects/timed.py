"""Effects that differ from frame to frame: `e_fade`, `e_zoompan`. Sheet: transformations.md §12.3."""

from collections.abc import Callable
from typing import Any

from attrs import frozen
from PIL import Image

from origin.render.pillow.effects.bands import apart, together

Box = tuple[float, float, float, float]


@frozen
class Moment:
    """Which frame it is, and when that is shown."""

    number: int = 0
    count: int = 1
    start: int = 0  # milliseconds from the first frame's
    total: int = 0  # milliseconds of all frames


STILL = Moment()


def fade(canvas: Image.Image, moment: Moment, _: tuple[int, int], milliseconds: int) -> Image.Image:
    """Out of black in the first milliseconds; into it in the last, for a negative number."""
    if moment.count == 1:
        return canvas
    left = moment.start if milliseconds > 0 else moment.total - moment.start
    share = min(1.0, max(0.0, left / abs(milliseconds)))
    colours, alpha = apart(canvas)
    return together(colours.point([round(level * share) for level in range(256)] * 3), alpha)


def zoompan(
    canvas: Image.Image, moment: Moment, size: tuple[int, int], _: int, __: int, start: Box, end: Box
) -> Image.Image:
    """The part of the canvas that is seen at that moment, on the way from one box to another."""
    share = moment.number / (moment.count - 1) if moment.count > 1 else 0.0
    left, top, right, bottom = (one + share * (other - one) for one, other in zip(start, end, strict=True))
    plain = canvas.convert("RGBA" if canvas.mode in ("LA", "RGBA") else "RGB")
    return plain.resize(size, Image.Resampling.BICUBIC, (left, top, right, bottom), reducing_gap=2.0)


TIMED: dict[str, Callable[..., Any]] = {"fade": fade, "zoompan": zoompan}
