"""Where layer and base meet, pixel by pixel (transformations.md §11.3)."""

import pytest
from PIL import Image

from origin.render.pillow.compositing import compose
from origin.transform.composite import Blend, Composite, File

RED, BLUE = (200, 0, 0), (0, 0, 200)
HALF = (0, 0, 200, 128)


def picture(size: tuple[int, int], colour: tuple[int, ...]) -> Image.Image:
    return Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour)


def laid(
    base: Image.Image,
    layer: Image.Image,
    at: tuple[int, int] = (0, 0),
    size: tuple[int, int] | None = None,
    base_at: tuple[int, int] = (0, 0),
    blend: Blend = "over",
    below: bool = False,
    tiled: bool = False,
) -> Image.Image:
    width, height = size or base.size
    return compose(
        base, layer, Composite(File(0, 1, 1), (), width, height, *at, *base_at, blend, below, tiled)
    )


def test_an_opaque_layer_hides_what_it_covers_and_nothing_else() -> None:
    """The base itself is not painted on: frames of an animation share layers, not canvases."""
    base = picture((4, 4), RED)
    result = laid(base, picture((2, 2), BLUE), at=(1, 1))
    assert result.mode == "RGB"
    assert (result.getpixel((0, 0)), result.getpixel((1, 1)), result.getpixel((3, 3))) == (RED, BLUE, RED)
    assert base.getpixel((1, 1)) == RED


def test_a_translucent_layer_mixes_straight() -> None:
    """Porter-Duff over with straight alpha."""
    result = laid(picture((2, 2), RED), picture((2, 2), HALF))
    assert result.getpixel((0, 0)) == (100, 0, 100)


def test_over_nothing_a_layer_keeps_its_colour() -> None:
    """No dark fringe from colours under full transparency."""
    result = laid(picture((2, 2), (255, 255, 255, 0)), picture((2, 2), HALF))
    assert result.getpixel((0, 0)) == HALF


def test_a_layer_may_stick_out_on_any_side() -> None:
    """The canvas is the union; new area is clear."""
    result = laid(picture((4, 4), RED), picture((2, 2), BLUE), at=(0, 3), size=(6, 5), base_at=(2, 0))
    assert (result.size, result.mode) == ((6, 5), "RGBA")
    assert result.getpixel((2, 0)) == (*RED, 255)
    assert result.getpixel((1, 4)) == (*BLUE, 255)
    assert result.getpixel((0, 0)) == (0, 0, 0, 0)


@pytest.mark.parametrize("below", [False, True])
def test_what_sticks_out_of_a_canvas_that_must_not_grow_is_cut(below: bool) -> None:
    """fl_no_overflow."""
    base = picture((4, 4), (0, 0, 0, 0))
    result = laid(base, picture((3, 3), BLUE), at=(-2, -2), below=below)
    assert result.size == (4, 4)
    assert result.getpixel((0, 0)) == (*BLUE, 255)
    assert result.getpixel((1, 1)) == (0, 0, 0, 0)


def test_an_underlay_shows_where_the_base_does_not() -> None:
    """And the result is opaque where either is."""
    base = picture((2, 1), (0, 0, 0, 0))
    base.putpixel((0, 0), (*RED, 255))
    result = laid(base, picture((2, 1), BLUE), below=True)
    assert result.mode == "RGB"
    assert (result.getpixel((0, 0)), result.getpixel((1, 0))) == (RED, BLUE)


@pytest.mark.parametrize(
    ("blend", "colour"),
    [
        ("multiply", (50, 0, 94)),
        ("screen", (178, 100, 216)),
        ("overlay", (100, 0, 177)),
    ],
)
def test_a_blend_mixes_colours_where_both_are_opaque(blend: Blend, colour: tuple[int, int, int]) -> None:
    """The formulas of the sheet on (100, 0, 150) under (128, 100, 160)."""
    result = laid(picture((2, 2), (100, 0, 150)), picture((2, 2), (128, 100, 160)), blend=blend)
    pixel = result.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert all(abs(one - other) <= 1 for one, other in zip(pixel, colour, strict=True)), pixel


def test_a_blend_over_nothing_shows_the_layer() -> None:
    """There is no colour to mix with (W3C Compositing 1 §10)."""
    result = laid(picture((2, 2), (0, 0, 0, 0)), picture((2, 2), BLUE), blend="multiply")
    assert result.getpixel((0, 0)) == BLUE


def test_a_mask_shows_white_and_hides_black_and_everything_outside() -> None:
    """e_mask: luma of the layer, times its alpha."""
    mask = picture((2, 1), (255, 255, 255))
    mask.putpixel((1, 0), (0, 0, 0))
    result = laid(picture((3, 1), RED), mask, blend="mask")
    assert [result.getpixel((x, 0)) for x in range(3)] == [(*RED, 255), (*RED, 0), (*RED, 0)]


def test_a_cutter_keeps_its_shape_and_a_cut_out_the_rest() -> None:
    """fl_cutter and e_cut_out complete each other."""
    base, layer = picture((3, 1), RED), picture((1, 1), (0, 0, 0, 255))
    kept = laid(base, layer, at=(1, 0), blend="cutter")
    holed = laid(base, layer, at=(1, 0), blend="cut_out")
    alphas = [(kept.getpixel((x, 0))[3], holed.getpixel((x, 0))[3]) for x in range(3)]  # type: ignore[index]
    assert alphas == [(0, 255), (255, 0), (0, 255)]


def test_tiles_repeat_without_gaps_from_the_corner() -> None:
    """fl_tiled, whatever the sides divide by."""
    tile = picture((3, 2), RED)
    tile.putpixel((0, 0), BLUE)
    result = laid(picture((10, 7), (0, 0, 0)), tile, tiled=True)
    assert result.size == (10, 7)
    for x in range(10):
        for y in range(7):
            assert result.getpixel((x, y)) == (BLUE if x % 3 == 0 and y % 2 == 0 else RED)


def test_a_grey_base_takes_a_coloured_layer() -> None:
    """e_grayscale leaves one channel."""
    for mode in ("L", "LA"):
        result = laid(Image.new(mode, (2, 2)), picture((1, 1), BLUE))
        assert result.convert("RGB").getpixel((0, 0)) == BLUE
