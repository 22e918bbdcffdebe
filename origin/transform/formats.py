"""What the formats we can write are able to hold. Names are canonical (`wire.public_ids.FORMATS`)."""

from fractions import Fraction

from origin.transform.values import half_up

PRODUCIBLE = frozenset(
    {"jpg", "png", "webp", "avif", "gif", "bmp", "tiff", "ico", "jp2", "pdf", "tga", "eps", "jxl"}
)
WITH_ALPHA = PRODUCIBLE - {"jpg", "bmp", "eps", "pdf"}
MOVING = frozenset({"gif", "webp", "png", "avif"})
"""What can be animated: a GIF always is, the others where a flag or `f_auto` says so."""

LOSSY = frozenset({"jpg", "webp", "avif", "jp2", "pdf", "jxl"})
"""What a quality means something to, beside PNG with its palettes and GIF with `fl_lossy`."""

INKED = frozenset({"jpg", "tiff", "pdf", "eps"})
"""What can hold cyan, magenta, yellow and black."""

PROFILED = frozenset({"jpg", "png", "webp", "avif", "tiff", "jxl"})
"""What can hold a colour profile."""

ICO_SIDE = 256
AUTOMATIC = ("avif", "webp", "jpg", "png")
"""What `f_auto` chooses from, best first for a photograph (transformations.md §7.1)."""


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """The size of a picture scaled down until no side is longer than that."""
    longest = max(width, height)
    if longest <= side:
        return width, height
    return max(1, half_up(Fraction(width * side, longest))), max(1, half_up(Fraction(height * side, longest)))
