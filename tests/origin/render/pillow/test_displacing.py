"""Pixels moved by another image's colours, or by chance."""

import pytest
from PIL import Image, ImageChops, ImageStat

from origin.render.pillow.displacing import displaced, jittered
from tests.support.images import ASTRONAUT, quartered

GREY = (128, 128, 128)


def photograph(side: int = 96) -> Image.Image:
    return Image.open(ASTRONAUT).convert("RGB").resize((side, side), Image.Resampling.BOX)


def apart(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def test_neutral_grey_moves_nothing() -> None:
    """And what is clear is neutral."""
    base = photograph()
    assert apart(displaced(base, Image.new("RGB", (10, 10), GREY), (50, 50)), base) == 0
    assert apart(displaced(base, Image.new("RGBA", (10, 10), (255, 255, 0, 0)), (50, 50)), base) == 0


@pytest.mark.parametrize(
    ("colour", "moves", "shift"),
    [
        ((255, 128, 0), (12, 40), (12, 0)),
        ((128, 255, 0), (40, 12), (0, 12)),
        ((255, 128, 0), (-12, 0), (-12, 0)),
    ],
)
def test_full_red_looks_so_far_to_the_right(
    colour: tuple[int, int, int], moves: tuple[int, int], shift: tuple[int, int]
) -> None:
    """p' = p + ((R−128)/127·x, (G−128)/127·y) (§12.3)."""
    base = photograph()
    result = displaced(base, Image.new("RGB", (10, 10), colour), moves)
    expected = ImageChops.offset(base, -shift[0], -shift[1])
    inner = (14, 14, 82, 82)
    assert apart(result.crop(inner), expected.crop(inner)) < 1


def test_beyond_the_edge_the_last_pixels_go_on() -> None:
    result = displaced(quartered(64, 64), Image.new("RGB", (2, 2), (255, 255, 128)), (999, 999))
    assert result.getcolors() == [(64 * 64, (220, 220, 20))]


def test_chance_repeats_itself() -> None:
    """A derived file can be made again; another seed gives another."""
    layer = photograph().convert("RGBA")
    assert jittered(layer, 50, 7).tobytes() == jittered(layer, 50, 7).tobytes()
    assert jittered(layer, 50, 8).tobytes() != jittered(layer, 50, 7).tobytes()
    assert 0 < apart(jittered(layer, 20, 7), layer) < apart(jittered(layer, 100, 7), layer)
