from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from origin.render.pillow.decoding import decode, draft, plain, stored_box
from origin.transform.plan import Resample
from tests.support.images import ASTRONAUT, corners_of, oriented, quartered, saved

UPRIGHT = ["red", "green", "blue", "yellow"]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures, in levels."""
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_ends_upright(tmp_path: Path, orientation: int) -> None:
    """With and without a first cut; the classic bugs are applying it twice and swapping 6 with 8."""
    path = oriented(tmp_path / "picture.png", orientation, quartered(64, 48))
    with Image.open(path) as image:
        whole = decode(image, orientation, None)
    assert (whole.size, corners_of(whole)) == ((64, 48), UPRIGHT)
    with Image.open(path) as image:
        small = decode(image, orientation, Resample((0, 0, 64, 48), 32, 24))
    assert (small.size, corners_of(small)) == ((32, 24), UPRIGHT)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_means_the_shown_picture(tmp_path: Path, orientation: int) -> None:
    """The planner thinks upright; where the pixels lie in the file is ours to know."""
    path = oriented(tmp_path / "picture.png", orientation, quartered(64, 48))
    with Image.open(path) as image:
        top_right = decode(image, orientation, Resample((34, 2, 62, 22), 28, 20))
    assert top_right.size == (28, 20)
    assert corners_of(top_right) == ["green"] * 4


@given(st.integers(1, 8), st.integers(2, 90), st.integers(2, 90), st.data())
def test_mapping_a_box_keeps_it_inside_and_its_area(
    orientation: int, width: int, height: int, data: st.DataObject
) -> None:
    """For each orientation, a box of the shown picture is a box of the stored one."""
    across, down = (height, width) if orientation >= 5 else (width, height)
    left, top = data.draw(st.integers(0, across - 1)), data.draw(st.integers(0, down - 1))
    right, bottom = data.draw(st.integers(left + 1, across)), data.draw(st.integers(top + 1, down))
    box = stored_box((left, top, right, bottom), orientation, width, height)
    assert 0 <= box[0] < box[2] <= width
    assert 0 <= box[1] < box[3] <= height
    assert (box[2] - box[0]) * (box[3] - box[1]) == (right - left) * (bottom - top)


@pytest.mark.parametrize(("side", "divisor"), [(512, 1), (300, 1), (192, 2), (96, 4), (48, 8), (5, 8)])
def test_a_jpeg_is_decoded_with_a_third_to_spare(side: int, divisor: int) -> None:
    """Less, and the decoder's own scaling would show; more, and time is wasted."""
    with Image.open(ASTRONAUT) as image:
        assert draft(image, (0, 0, 512, 512), (side, side)) == divisor
        assert image.size == (512 // divisor, 512 // divisor)


@pytest.mark.parametrize("size", [(500, 333), (1001, 777), (333, 1), (9, 1000)])
def test_a_drafted_cut_shows_the_same_place_as_a_full_one(tmp_path: Path, size: tuple[int, int]) -> None:
    """The scaled size is rounded up, so boxes must be divided by N, not by the ratio of the sizes."""
    gradient = Image.linear_gradient("L").resize(size).convert("RGB")
    path = saved(gradient, tmp_path / "gradient.jpg", quality=95, subsampling=0)
    width, height = size
    box = (width * 0.2, 0.0, width * 0.9, float(height))
    target = (max(1, width // 16), max(1, height // 16))
    with Image.open(path) as image:
        fast = decode(image, 1, Resample(box, *target))
    with Image.open(path) as image:
        slow = image.convert("RGB").resize(target, Image.Resampling.LANCZOS, box=box)
    assert difference(fast, slow) < 1.5


def test_a_cut_without_scaling_keeps_every_pixel(tmp_path: Path) -> None:
    """c_crop of a lossless picture is lossless."""
    noise = Image.effect_noise((60, 40), 90)
    with Image.open(saved(noise, tmp_path / "noise.png")) as image:
        cut = decode(image, 1, Resample((7, 5, 27, 25), 20, 20))
    assert cut.tobytes() == noise.crop((7, 5, 27, 25)).tobytes()


def palette_with_transparency() -> Image.Image:
    image = quartered().quantize(4)
    image.info["transparency"] = 0
    return image


def rgb_with_transparent_colour() -> Image.Image:
    image = quartered()
    image.info["transparency"] = (220, 20, 20)
    return image


@pytest.mark.parametrize("make", [palette_with_transparency, rgb_with_transparent_colour])
def test_trns_becomes_alpha_before_anything_is_resampled(
    tmp_path: Path, make: Callable[[], Image.Image]
) -> None:
    """Otherwise a palette is scaled by nearest neighbour and the transparent colour smears."""
    image = make()
    path = saved(image, tmp_path / "picture.png", transparency=image.info["transparency"])
    with Image.open(path) as opened:
        canvas = decode(opened, 1, Resample((0, 0, 64, 48), 32, 24))
    assert canvas.mode == "RGBA"
    assert canvas.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize(
    ("mode", "becomes"),
    [
        ("1", "L"),
        ("L", "L"),
        ("LA", "LA"),
        ("P", "RGB"),
        ("PA", "RGBA"),
        ("RGBX", "RGB"),
        ("YCbCr", "RGB"),
        ("HSV", "RGB"),
        ("La", "LA"),
        ("RGBa", "RGBA"),
        ("CMYK", "CMYK"),
    ],
)
def test_every_mode_has_one_to_be_resampled_in(mode: str, becomes: str) -> None:
    """Grey stays grey; CMYK waits for its profile."""
    image = quartered()
    for step in {"La": ("LA", "La"), "RGBa": ("RGBA", "RGBa"), "PA": ("P", "PA")}.get(mode, (mode,)):
        image = image.convert(step)
    assert plain(image).mode == becomes
