"""Colours: all of few, the most frequent of many, and what they are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from origin.render.pillow.analyses.palette import MOST_COLOURS, colours_of, hexadecimal, name_of, palette
from origin.transform.plan import Rgba
from tests.support.images import BRUSHES, quartered


def test_few_colours_are_told_as_they_are() -> None:
    found = colours_of(quartered(), None)
    assert sorted(found["colors"]) == [
        ["#1414DC", 25.0],
        ["#14C814", 25.0],
        ["#DC1414", 25.0],
        ["#DCDC14", 25.0],
    ]
    for which in ("google", "cloudinary"):
        assert dict(found["predominant"][which]) == {"red": 25.0, "green": 25.0, "blue": 25.0, "yellow": 25.0}


def test_a_photograph_has_at_most_so_many() -> None:
    """The most frequent first, and together the whole."""
    with Image.open(BRUSHES) as image:
        shares = palette(image.convert("RGB").resize((200, 157)), None)
    assert 20 < len(shares) <= MOST_COLOURS
    assert [share for _, share in shares] == sorted((share for _, share in shares), reverse=True)
    assert sum(share for _, share in shares) == pytest.approx(100, abs=2)


def test_what_cannot_be_seen_is_one_colour_and_has_no_name() -> None:
    """Whatever a painting program left under it; and then all colours have eight digits."""
    alpha = Image.new("L", (64, 48), 255)
    alpha.paste(0, (0, 0, 32, 48))
    alpha.paste(128, (32, 0, 64, 24))
    found = colours_of(quartered(), alpha)
    assert found["colors"] == [["#00000000", 50.0], ["#14C81480", 25.0], ["#DCDC14FF", 25.0]]
    assert dict(found["predominant"]["google"]) == {"green": 25.0, "yellow": 25.0}


def test_many_colours_with_alpha() -> None:
    gradient = Image.linear_gradient("L")
    colours = Image.merge("RGB", (gradient, gradient.rotate(90), gradient.rotate(180)))
    found = colours_of(colours, gradient)
    assert 1 < len(found["colors"]) <= MOST_COLOURS
    assert all(len(name) == 9 for name, _ in found["colors"])


@pytest.mark.parametrize(
    ("colour", "google", "cloudinary"),
    [
        ((0, 0, 0, 255), "black", "black"),
        ((255, 255, 255, 255), "white", "white"),
        ((128, 128, 128, 255), "gray", "gray"),
        ((255, 0, 0, 255), "red", "red"),
        ((255, 165, 0, 255), "orange", "orange"),
        ((139, 69, 19, 255), "brown", "brown"),
        ((255, 255, 0, 255), "yellow", "yellow"),
        ((128, 128, 0, 255), "brown", "olive"),
        ((0, 128, 0, 255), "green", "green"),
        ((0, 255, 255, 255), "teal", "cyan"),
        ((0, 128, 128, 255), "teal", "teal"),
        ((0, 0, 255, 255), "blue", "blue"),
        ((173, 216, 230, 255), "teal", "cyan"),
        ((128, 0, 128, 255), "pink", "purple"),
        ((255, 105, 180, 255), "pink", "pink"),
    ],
)
def test_names(colour: Rgba, google: str, cloudinary: str) -> None:
    assert name_of(colour) == (google, cloudinary)


@given(st.tuples(*[st.integers(0, 255)] * 4))
def test_every_colour_has_a_name_in_both_palettes(colour: Rgba) -> None:
    assert all(name_of(colour))
    assert bytes.fromhex(hexadecimal(colour, True)[1:]) == bytes(colour)
