"""Effects by numbers: what the sheet's definitions give for single pixels and plain shapes."""

from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw

from origin.render.pillow.borders import bordered
from origin.render.pillow.effects.backdrops import from_edges
from origin.render.pillow.effects.bands import alpha_of
from origin.render.pillow.effects.silhouettes import grown, shrunk
from origin.render.pillow.effects.table import filtered
from origin.render.pillow.effects.tones import opacity
from origin.transform.plan import Border, Filter


def one(colour: tuple[int, ...], name: str, *arguments: Any, size: tuple[int, int] = (4, 4)) -> Any:
    """The middle pixel of a plain canvas after an effect."""
    canvas = Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour)
    after = filtered(canvas, Filter(name, arguments, *size))
    return after.getpixel((size[0] // 2, size[1] // 2))


@pytest.mark.parametrize(
    ("name", "arguments", "before", "after"),
    [
        ("negate", (), (10, 20, 30), (245, 235, 225)),
        ("blackwhite", (50,), (127, 127, 127), 0),
        ("blackwhite", (50,), (128, 128, 128), 255),
        ("blackwhite", (70,), (128, 128, 128), 0),
        ("brightness", (50,), (100, 200, 10), (150, 255, 15)),
        ("brightness", (-99,), (100, 200, 50), (1, 2, 0)),
        ("brightness_hsb", (100,), (200, 100, 0), (255, 127, 0)),
        ("contrast", (200, "linear"), (100, 128, 160), (72, 128, 192)),
        ("contrast", (50, "sigmoidal"), (0, 255, 64), (0, 255, 44)),
        ("contrast", (-50, "sigmoidal"), (0, 255, 44), (0, 255, 64)),
        ("gamma", (100,), (64, 0, 255), (128, 0, 255)),
        ("red", (100,), (100, 50, 50), (200, 50, 50)),
        ("green", (-100,), (100, 50, 50), (100, 0, 50)),
        ("blue", (50,), (100, 50, 50), (100, 50, 75)),
        ("saturation", (-100,), (100, 200, 50), (153, 153, 153)),
        ("saturation", (100,), (120, 130, 110), (115, 135, 95)),
        ("hue", (100,), (200, 0, 0), (0, 199, 200)),
        ("colorize", (50, (255, 0, 0, 255)), (0, 100, 200), (127, 50, 100)),
        ("tint", (False, 100, (0.5, (255, 0, 0, 255))), (128, 128, 128), (255, 1, 1)),
        ("tint", (False, 100, (0.5, (255, 0, 0, 255))), (0, 0, 0), (0, 0, 0)),
        ("tint", (False, 100, (0.5, (255, 0, 0, 255))), (255, 255, 255), (255, 255, 255)),
        ("recolor", (0, 1, 0, 1, 0, 0, 0, 0, 1), (10, 20, 30), (20, 10, 30)),
        ("recolor", (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.5), (1, 2, 3, 200), (1, 2, 3, 100)),
        ("recolor", (0, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1), (1, 2, 3, 200), (100, 2, 3, 200)),
        ("simulate_colorblind", ("cone_monochromacy",), (100, 200, 50), 153),
        ("assist_colorblind", ("xray",), (0, 255, 0), (166, 191, 0)),
        ("auto_brightness", (100,), (64, 64, 64), (128, 128, 128)),
        ("auto_contrast", (100,), (64, 64, 64), (64, 64, 64)),
        ("opacity_threshold", (50,), (1, 2, 3, 127), (1, 2, 3, 0)),
        ("opacity_threshold", (50,), (1, 2, 3, 128), (1, 2, 3, 255)),
        ("ordered_dither", (0,), (127, 128, 200), (0, 0, 255)),
        ("blur_region", (3.0, 0, 0, 2, 2), (9, 8, 7), (9, 8, 7)),
        ("vignette", (100,), (100, 100, 100), (100, 100, 100)),
    ],
)  # fmt: skip
def test_a_plain_pixel_becomes(name: str, arguments: tuple[Any, ...], before: Any, after: Any) -> None:
    """Within one level of rounding."""
    found = one(before, name, *arguments)
    pairs = zip(found, after, strict=True) if isinstance(after, tuple) else [(found, after)]
    assert all(abs(this - that) <= 1 for this, that in pairs), found


def test_vibrance_spares_what_is_saturated() -> None:
    """Saturation by n · (1 − S)."""
    dull, vivid = one((120, 130, 110), "vibrance", 100), one((255, 20, 20), "vibrance", 100)
    assert dull[1] - dull[2] > 30
    assert 20 - vivid[1] <= 2


def test_fill_light_lifts_shadows_and_leaves_white() -> None:
    """More with a bias, none of it at the other end."""
    plain, more = one((40, 40, 40), "fill_light", 100, 0), one((40, 40, 40), "fill_light", 100, 100)
    assert 60 < plain[0] < more[0]
    assert one((255, 255, 255), "fill_light", 100, 100) == (255, 255, 255)
    assert abs(one((40, 40, 40), "fill_light", 100, -100)[0] - 40) <= 1


def test_a_missing_cone_makes_two_colours_one() -> None:
    """Red and green of equal effect on the cones that are left."""
    red, green = (one(colour, "simulate_colorblind", "protanopia") for colour in ((200, 80, 0), (90, 90, 0)))
    assert abs(red[0] - red[1]) <= 6
    assert abs(green[0] - green[1]) <= 2


def test_replacing_a_colour_leaves_the_others() -> None:
    """And keeps light and dark apart."""
    canvas = Image.new("RGB", (3, 1))
    canvas.putdata([(200, 30, 30), (120, 10, 10), (30, 60, 200)])
    after = filtered(canvas, Filter("replace_color", ((30, 200, 30, 255), 60, (180, 25, 25, 255)), 3, 1))
    light, dark, other = (after.getpixel((x, 0)) for x in range(3))
    assert isinstance(light, tuple)
    assert isinstance(dark, tuple)
    assert light[1] > dark[1] > max(light[0], 40)
    assert other == (30, 60, 200)


def test_auto_color_removes_a_cast() -> None:
    """Every band is stretched for itself."""
    canvas = Image.merge(
        "RGB", [Image.linear_gradient("L").point([v * k // 8 for v in range(256)]) for k in (8, 6, 4)]
    )
    after = filtered(canvas, Filter("auto_color", (100,), *canvas.size))
    assert all(low <= 2 and high >= 253 for low, high in after.getextrema())  # type: ignore[misc]


def test_a_vignette_is_dark_in_the_corners_only() -> None:
    """1 − n/100 in the corner, nothing in the inner half."""
    canvas = Image.new("RGB", (300, 100), (200, 200, 200))
    after = filtered(canvas, Filter("vignette", (80,), 300, 100))
    corner, inner = after.getpixel((0, 0)), after.getpixel((100, 50))
    assert isinstance(corner, tuple)
    assert corner[0] == pytest.approx(40, abs=4)
    assert inner == (200, 200, 200)


def test_a_fade_rises_from_its_edge() -> None:
    """From clear to whole over the depth; strength bends the ramp."""
    canvas = Image.new("RGB", (10, 100))
    even = filtered(canvas, Filter("gradient_fade", (20, 0, 50, 0, 0), 10, 100)).getchannel("A")
    hard = filtered(canvas, Filter("gradient_fade", (60, 0, 50, 0, 0), 10, 100)).getchannel("A")
    assert [even.getpixel((5, y)) for y in (0, 25, 50, 99)] == [3, 130, 255, 255]
    assert hard.getpixel((5, 25)) == pytest.approx(255 * 0.51**3, abs=1)


def test_pixelation_is_the_mean_of_squares_from_the_corner() -> None:
    """The last ones may be cut."""
    canvas = Image.linear_gradient("L").resize((10, 10), Image.Resampling.BOX)
    after = filtered(canvas, Filter("pixelate", (4,), 10, 10))
    assert len(set(after.tobytes())) == 3
    assert after.getpixel((0, 0)) == after.getpixel((3, 3)) != after.getpixel((3, 4))


def test_ordered_dither_keeps_the_mean() -> None:
    """Half grey gives half white, in every map that has a middle."""
    for kind in range(1, 19):
        after = filtered(
            Image.new("RGB", (240, 240), (128, 128, 128)), Filter("ordered_dither", (kind,), 240, 240)
        )
        assert sum(after.getchannel("R").tobytes()) / 240**2 == pytest.approx(128, abs=45), kind


def test_morphology_grows_by_its_kernel() -> None:
    """One white pixel shows the kernel's shape."""
    canvas = Image.new("L", (21, 21))
    canvas.putpixel((10, 10), 255)
    areas = {}
    for kernel in ("square", "diamond", "octagon", "disk", "plus", "cross", "ring"):
        after = filtered(canvas, Filter("morphology", ("dilate", 1, kernel, 3.0), 21, 21))
        areas[kernel] = after.getchannel("R").tobytes().count(255)
    assert areas == {
        "square": 49,
        "diamond": 25,
        "octagon": 37,
        "disk": 29,
        "plus": 13,
        "cross": 13,
        "ring": 16,
    }
    eroded = filtered(ImageChops.invert(canvas), Filter("morphology", ("erode", 2, "square", 1.0), 21, 21))
    assert eroded.getchannel("R").tobytes().count(0) == 25
    mean = filtered(canvas, Filter("morphology", ("convolve", 1, "square", 1.0), 21, 21))
    assert mean.getpixel((10, 10)) == pytest.approx((28, 28, 28), abs=3)


def test_only_what_touches_an_edge_is_backdrop() -> None:
    """A hole inside the shape stays, one that leaks does not."""
    mask = Image.new("L", (30, 30), 255)
    pen = ImageDraw.Draw(mask)
    pen.rectangle((5, 5, 24, 24), fill=0)
    pen.rectangle((10, 10, 14, 14), fill=255)
    backdrop = from_edges(mask)
    assert (backdrop.getpixel((0, 0)), backdrop.getpixel((12, 12))) == (255, 0)
    pen.line((12, 12, 12, 0), fill=255)
    assert from_edges(mask).getpixel((12, 12)) == 255


def test_a_screen_goes_by_its_hue_and_so_does_its_shine() -> None:
    """Green is gone, red stays, and what shone green is neutral."""
    canvas = Image.new("RGB", (3, 1))
    canvas.putdata([(10, 240, 20), (200, 30, 30), (100, 120, 100)])
    after = filtered(canvas, Filter("bgremoval", ("screen", (0, 255, 0, 255)), 3, 1))
    assert [after.getpixel((x, 0)) for x in (1, 2)] == [(200, 30, 30, 255), (100, 100, 100, 255)]
    assert alpha_of(after).getpixel((0, 0)) == 0


def test_a_shadow_lies_behind_and_beside() -> None:
    """Sigma 0 draws it sharp."""
    canvas = Image.new("RGB", (10, 10), (9, 9, 9))
    after = filtered(canvas, Filter("shadow", (0.0, (255, 0, 0, 255), 0, 2, 5, -2), 15, 12))
    assert after.getpixel((1, 11)) == (9, 9, 9, 255)
    assert after.getpixel((12, 1)) == (255, 0, 0, 255)
    assert alpha_of(after).getpixel((1, 0)) == 0


@pytest.mark.parametrize("steps", [1, 3, 8, 40])
def test_a_shape_grows_round_and_shrinks_back(steps: int) -> None:
    """By that many pixels to the sides, fewer across the corners than a square would."""
    shape = Image.new("L", (200, 200))
    shape.paste(255, (80, 80, 120, 120))
    larger = grown(shape, steps)
    box = larger.point([255 * (level > 127) for level in range(256)]).getbbox()
    assert box is not None
    assert all(
        abs(edge - wanted) <= 1
        for edge, wanted in zip(box, (80 - steps, 80 - steps, 120 + steps, 120 + steps), strict=True)
    )
    if steps > 1:
        assert larger.getpixel((80 - steps, 80 - steps)) == 0
    again = shrunk(larger, steps)
    assert sum(again.tobytes()) == pytest.approx(sum(shape.tobytes()), rel=0.06)


def test_a_warp_to_the_same_corners_is_the_image() -> None:
    """The identity, up to the softened edge."""
    canvas = Image.radial_gradient("L").convert("RGB").resize((40, 30))
    after = filtered(canvas, Filter("perspective", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0), 40, 30))
    inner = (1, 1, 39, 29)
    assert ImageChops.difference(after.convert("RGB").crop(inner), canvas.crop(inner)).getbbox() is None


def test_a_gentle_arc_leaves_the_middle_where_it_was() -> None:
    """Positive bends like a frown: the middle is high, the ends are low."""
    canvas = Image.new("RGB", (100, 20), (50, 60, 70))
    frown = alpha_of(filtered(canvas, Filter("arc", (60, 95.5), 106, 33)))
    smile = alpha_of(filtered(canvas, Filter("arc", (-60, 95.5), 106, 33)))
    assert (frown.getpixel((53, 2)), frown.getpixel((53, 31))) == (255, 0)
    assert (smile.getpixel((53, 2)), smile.getpixel((53, 31))) == (0, 255)


def test_opacity_scales_alpha_and_nothing_else() -> None:
    """Of opaque and of translucent images."""
    assert opacity(Image.new("RGB", (1, 1), (1, 2, 3)), 50).getpixel((0, 0)) == (1, 2, 3, 128)
    assert opacity(Image.new("RGBA", (1, 1), (1, 2, 3, 100)), 30).getpixel((0, 0)) == (1, 2, 3, 30)
    assert opacity(Image.new("L", (1, 1), 9), 0).getpixel((0, 0)) == (9, 0)


def test_a_border_frames_without_touching_the_image() -> None:
    """Translucent colours stay so."""
    canvas = Image.new("RGB", (10, 10), (1, 2, 3))
    plain = bordered(canvas, Border(2, (255, 0, 0, 255), 14, 14))
    assert (plain.mode, plain.getpixel((1, 7)), plain.getpixel((2, 2))) == ("RGB", (255, 0, 0), (1, 2, 3))
    glass = bordered(canvas, Border(2, (255, 0, 0, 99), 14, 14))
    assert (glass.getpixel((0, 0)), glass.getpixel((7, 7))) == ((255, 0, 0, 99), (1, 2, 3, 255))


def test_a_round_border_follows_the_corner() -> None:
    """Outside it is clear, between the edges the colour, and no gap shows where ring and image meet."""
    canvas = Image.new("RGB", (60, 60), (0, 0, 255))
    ring = bordered(canvas, Border(6, (255, 0, 0, 255), 72, 72, (20, 20, 20, 20)))
    assert alpha_of(ring).getpixel((1, 1)) == 0
    assert ring.getpixel((10, 10)) == (255, 0, 0, 255)
    assert min(alpha_of(ring).crop((12, 12, 60, 60)).tobytes()) >= 253


@pytest.mark.parametrize(
    ("mode", "palette", "corner"),
    [
        ("border", (), (10, 120, 30)),
        ("predominant", (), (200, 30, 30)),
        ("border_contrast", (), (255, 255, 255)),
        ("predominant", ((0, 0, 255, 255), (255, 60, 0, 255)), (255, 60, 0)),
    ],
)
def test_a_ground_is_found_in_the_image(
    mode: str, palette: tuple[Any, ...], corner: tuple[int, int, int]
) -> None:
    """On the border, or in the whole image; contrasting; or nearest of a palette."""
    canvas = Image.new("RGB", (100, 60), (10, 120, 30))
    canvas.paste((200, 30, 30), (5, 5, 95, 55))
    ground = Filter("automatic_ground", (0, 20, mode, 2, "horizontal", palette), 100, 100)
    assert filtered(canvas, ground).getpixel((0, 0)) == corner


def test_a_ground_fills_what_is_clear() -> None:
    """Colours that cannot be seen do not count."""
    canvas = Image.new("RGBA", (20, 20), (0, 255, 0, 0))
    canvas.paste((200, 30, 30, 255), (5, 5, 15, 15))
    ground = Filter("automatic_ground", (0, 0, "predominant", 2, "horizontal", ()), 20, 20)
    after = filtered(canvas, ground)
    assert (after.mode, after.getpixel((0, 0))) == ("RGB", (200, 30, 30))
