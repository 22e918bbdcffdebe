import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from PIL.Image import Transpose

from origin.render.pillow.corners import round_corners
from tests.support.images import quartered


def alpha(
    size: tuple[int, int], radii: tuple[int, int, int, int] = (0,) * 4, *, ellipse: bool = False
) -> Image.Image:
    return round_corners(Image.new("RGB", size), radii, ellipse=ellipse).getchannel("A")


def opacity(mask: Image.Image) -> float:
    """How many pixels' worth of the mask is opaque."""
    return sum(level * count for level, count in enumerate(mask.histogram())) / 255


def test_radii_go_clockwise_from_the_top_left() -> None:
    """CSS order."""
    mask = alpha((100, 80), (40, 0, 20, 0))
    assert mask.getpixel((0, 0)) == 0
    assert mask.getpixel((99, 0)) == 255
    assert mask.getpixel((99, 79)) == 0
    assert mask.getpixel((0, 79)) == 255
    assert mask.getpixel((10, 10)) == 0
    assert mask.getpixel((90, 70)) == 255


def test_a_corner_cuts_the_area_geometry_says() -> None:
    """A quarter disc of radius r lacks (1 − π/4) r² of its square; edges are smooth."""
    mask = alpha((200, 200), (50, 50, 50, 50))
    assert opacity(mask) == pytest.approx(200 * 200 - 4 * (1 - math.pi / 4) * 50**2, rel=0.002)
    assert len(mask.getcolors() or []) > 10


def test_a_radius_is_at_most_half_the_shorter_side() -> None:
    """Larger ones would meet; this makes a pill."""
    assert alpha((100, 40), (500,) * 4).tobytes() == alpha((100, 40), (20,) * 4).tobytes()


@given(st.integers(1, 60), st.integers(1, 60))
@settings(max_examples=60)
def test_an_ellipse_is_inscribed_and_symmetric(width: int, height: int) -> None:
    """Odd sides too, where the quarters share their middle row."""
    mask = alpha((width, height), ellipse=True)
    for mirror in (Transpose.FLIP_LEFT_RIGHT, Transpose.FLIP_TOP_BOTTOM):
        assert ImageChops.difference(mask, mask.transpose(mirror)).getbbox() is None
    if min(width, height) > 10:
        assert opacity(mask) == pytest.approx(math.pi / 4 * width * height, rel=0.03)
        assert mask.getpixel((width // 2, height // 2)) == 255
        assert mask.getpixel((0, 0)) == 0


def test_transparency_that_was_there_stays() -> None:
    """The mask multiplies; it does not replace."""
    canvas = quartered().convert("RGBA")
    canvas.putalpha(100)
    assert round_corners(canvas, (10,) * 4).getpixel((32, 24)) == (220, 220, 20, 100)


def test_grey_stays_grey() -> None:
    """Half the bytes of a PNG."""
    assert round_corners(quartered().convert("L"), (5,) * 4).mode == "LA"
