import pytest
from PIL import Image, ImageFilter, ImageStat

from origin.render.errors import TooManyPixels
from origin.render.limits import RenderLimits
from origin.render.pillow.operations import OPERATIONS, apply, flatten
from origin.transform import plan
from origin.transform.composite import Composite
from origin.transform.plan import (
    Blur,
    Flatten,
    Flip,
    Grayscale,
    Operation,
    Pad,
    Resample,
    Rotate,
    RoundCorners,
    Sepia,
)
from tests.support.images import corners_of, quartered

LIMITS = RenderLimits()


def applied(canvas: Image.Image, *operations: Operation) -> Image.Image:
    for operation in operations:
        canvas = apply(canvas, operation, LIMITS)
    return canvas


def test_every_operation_a_plan_may_name_is_known() -> None:
    """The planner and the painter share one list; layers and providers are others' work."""
    assert {*OPERATIONS, plan.Provided, Composite} == set(plan.OPERATIONS.values())


def test_padding_is_white_around_opaque_and_clear_around_transparent_pictures() -> None:
    """The default of `b_`, which depends on pixels only we have."""
    padding = Pad(100, 100, 18, 26)
    opaque = applied(quartered(), padding)
    assert (opaque.mode, opaque.size, opaque.getpixel((0, 0))) == ("RGB", (100, 100), (255, 255, 255))
    assert opaque.getpixel((18, 26)) == (220, 20, 20)
    clear = applied(quartered().convert("RGBA"), padding)
    assert clear.getpixel((0, 0)) == (0, 0, 0, 0)
    assert applied(quartered().convert("L"), padding).getpixel((0, 0)) == 255
    assert applied(quartered().convert("LA"), padding).getpixel((99, 99)) == (0, 0)


def test_padding_takes_the_colour_asked_for() -> None:
    """Also a translucent one, and a colour around a grey picture."""
    assert applied(quartered(), Pad(80, 80, 0, 0, (1, 2, 3, 255))).getpixel((79, 79)) == (1, 2, 3)
    assert applied(quartered(), Pad(80, 80, 0, 0, (1, 2, 3, 9))).getpixel((79, 79)) == (1, 2, 3, 9)
    assert applied(quartered().convert("L"), Pad(80, 80, 0, 0, (1, 2, 3, 255))).mode == "RGB"


def test_padding_may_cut() -> None:
    """A negative offset, as when a picture is larger than its frame on one side."""
    assert applied(quartered(64, 48), Pad(32, 24, -32, -24)).getpixel((16, 12)) == (220, 220, 20)


@pytest.mark.parametrize(
    ("degrees", "size", "corners"),
    [
        (90, (48, 64), ["blue", "red", "yellow", "green"]),
        (180, (64, 48), ["yellow", "blue", "green", "red"]),
        (-90, (48, 64), ["green", "yellow", "red", "blue"]),
        (450, (48, 64), ["blue", "red", "yellow", "green"]),
        (360, (64, 48), ["red", "green", "blue", "yellow"]),
    ],
)
def test_quarter_turns_are_clockwise_and_exact(
    degrees: float, size: tuple[int, int], corners: list[str]
) -> None:
    """No resampling, no alpha."""
    turned = applied(quartered(), Rotate(degrees))
    assert (turned.mode, turned.size, corners_of(turned)) == ("RGB", size, corners)


@pytest.mark.parametrize(("degrees", "size"), [(45, (756, 755)), (20, (748, 621))])
def test_other_turns_grow_to_the_bounding_box(degrees: float, size: tuple[int, int]) -> None:
    """The sheet's figures for 640 × 427; new area is transparent, and edges have no dark halo."""
    white = Image.new("RGB", (640, 427), "white")
    turned = applied(white, Rotate(degrees))
    assert (turned.mode, turned.size) == ("RGBA", size)
    assert turned.getpixel((0, 0)) == (0, 0, 0, 0)
    over_white = flatten(turned, (255, 255, 255, 255))
    assert min(low for low, _ in over_white.getextrema()) >= 250  # type: ignore[misc]  # three bands


def test_a_flip_mirrors_its_axis() -> None:
    """`a_hflip` is left-right."""
    assert corners_of(applied(quartered(), Flip(True))) == ["green", "red", "yellow", "blue"]
    assert corners_of(applied(quartered(), Flip(False))) == ["blue", "yellow", "red", "green"]


def test_grayscale_is_luma_and_keeps_alpha() -> None:
    """0.299 R + 0.587 G + 0.114 B."""
    assert applied(Image.new("RGB", (2, 2), (100, 200, 50)), Grayscale()).getpixel((0, 0)) == 153
    assert applied(Image.new("RGBA", (2, 2), (100, 200, 50, 7)), Grayscale()).getpixel((0, 0)) == (153, 7)


def test_sepia_blends_towards_its_matrix() -> None:
    """At 100 the matrix alone, at 50 half way."""
    grey = Image.new("RGB", (1, 1), (100, 100, 100))
    assert applied(grey, Sepia(100)).getpixel((0, 0)) == (135, 120, 94)
    assert applied(grey, Sepia(50)).getpixel((0, 0)) == (118, 110, 97)
    assert applied(Image.new("LA", (1, 1), (100, 9)), Sepia(100)).getpixel((0, 0)) == (135, 120, 94, 9)


@pytest.mark.parametrize("sigma", [2.5, 12.0, 40.0])
def test_a_blur_on_a_reduced_copy_looks_like_a_whole_one(sigma: float) -> None:
    """Wide blurs are done small; the difference must stay invisible."""
    canvas = quartered(301, 217)
    fast = applied(canvas, Blur(sigma))
    slow = canvas.filter(ImageFilter.GaussianBlur(sigma))
    assert fast.size == canvas.size
    inner = (20, 20, 281, 197)
    difference = [
        abs(a - b) for a, b in zip(fast.crop(inner).tobytes(), slow.crop(inner).tobytes(), strict=True)
    ]
    assert sum(difference) / len(difference) < 1.5


def test_a_blur_does_not_drag_hidden_colours_into_sight() -> None:
    """Under full transparency there may be any colour; blurred straight, it would glow at the edge."""
    canvas = Image.new("RGBA", (60, 60), (0, 255, 0, 0))
    canvas.paste((255, 0, 0, 255), (20, 20, 40, 40))
    edge = applied(canvas, Blur(3)).getpixel((20, 30))
    assert isinstance(edge, tuple)
    assert edge[0] > 240
    assert edge[1] < 15


def test_flattening_leaves_no_transparency_behind() -> None:
    """Unless the colour itself is translucent; an opaque picture is not touched."""
    half = Image.new("RGBA", (1, 1), (200, 0, 0, 128))
    assert applied(half, Flatten((0, 0, 200, 255))).getpixel((0, 0)) == (100, 0, 100)
    assert applied(half, Flatten((0, 0, 200, 128))).mode == "RGBA"
    assert (
        applied(Image.new("LA", (1, 1), (0, 0)), Flatten((255, 255, 255, 255))).getpixel((0, 0)) == (255,) * 3
    )
    opaque = quartered()
    assert applied(opaque, Flatten((1, 2, 3, 255))) is opaque


def test_a_second_cut_works_on_the_picture_as_it_is_by_then() -> None:
    """Chains: each component sees the result of the one before."""
    canvas = applied(quartered(), Flip(True), Resample((4, 4, 28, 20), 48, 32))
    assert corners_of(canvas) == ["green"] * 4
    assert ImageStat.Stat(canvas).stddev == [0, 0, 0]


@pytest.mark.parametrize(
    "operation", [Resample((0, 0, 64, 48), 9000, 9000), Pad(9000, 9000, 0, 0), Rotate(45)]
)
def test_a_canvas_is_refused_before_it_is_allocated(operation: Operation) -> None:
    """Intermediate steps too: a small result may come from a huge one."""
    limits = RenderLimits(output_megapixels=0.003)
    with pytest.raises(TooManyPixels):
        apply(quartered(64, 46), operation, limits)


def test_alpha_is_kept_by_what_does_not_speak_of_it() -> None:
    """Every operation but those that flatten."""
    canvas = quartered().convert("RGBA")
    canvas.putalpha(100)
    for operation in (
        Sepia(80),
        Blur(2),
        Flip(True),
        Rotate(90),
        Grayscale(),
        Resample((0, 0, 64, 48), 32, 24),
    ):
        assert applied(canvas, operation).getchannel("A").getextrema() == (100, 100), operation
    rounded = applied(canvas, RoundCorners((10, 10, 10, 10))).getchannel("A")
    assert rounded.getextrema() == (0, 100)
