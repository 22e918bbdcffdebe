from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from origin.render.pillow.quality import EQUAL, choose, chroma, equal_quality, is_graphic, sample, similarity
from tests.support.images import ASTRONAUT, BRUSHES, DOGS, FIG_CMYK, quartered

LEVELS = ("best", "good", "eco", "low")


@cache
def photograph(name: str, width: int = 480) -> Image.Image:
    paths = {"astronaut": ASTRONAUT, "brushes": BRUSHES, "dogs": DOGS, "fig": FIG_CMYK}
    with Image.open(paths[name]) as image:
        height = image.height * width // image.width
        return image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)


def noise() -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise((400, 300), 120)] * 3)


def logo() -> Image.Image:
    image = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(image).ellipse((50, 50, 250, 250), fill="navy", outline="red", width=5)
    return image


PICTURES = {
    "astronaut": lambda: photograph("astronaut"),
    "brushes": lambda: photograph("brushes"),
    "dogs": lambda: photograph("dogs"),
    "fig": lambda: photograph("fig"),
    "large": lambda: photograph("dogs", 1800),
    "noise": noise,
    "logo": logo,
    "flat": lambda: Image.new("RGB", (400, 300), "teal"),
    "grey": lambda: photograph("dogs").convert("L"),
    "tiny": lambda: Image.new("RGB", (3, 2), "red"),
    "point": lambda: Image.new("L", (1, 1)),
    "line": lambda: photograph("dogs").resize((2000, 1)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_better_levels_never_choose_less(name: str) -> None:
    """best ≥ good ≥ eco ≥ low, whatever the picture; and always something sensible."""
    chosen = [choose(PICTURES[name](), level).quality for level in LEVELS]
    assert chosen == sorted(chosen, reverse=True)
    assert all(38 <= quality <= 92 for quality in chosen)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("level", LEVELS)
def test_sensitive_is_a_little_more(name: str, level: str) -> None:
    """By four, for any picture."""
    plain, more = (choose(PICTURES[name](), level, sensitive=each).quality for each in (False, True))
    assert more == plain + 4


def test_the_choice_depends_on_the_picture() -> None:
    """Otherwise a table would do: what hides artefacts is given less."""
    chosen = {choose(PICTURES[name](), "good").quality for name in ("astronaut", "brushes", "dogs", "fig")}
    assert len(chosen) > 2


def test_the_choice_is_always_the_same() -> None:
    """Derived files are named by their chain; rendering one again must give the same bytes."""
    assert choose(photograph("fig"), "eco") == choose(photograph("fig").copy(), "eco")


def test_soft_pictures_need_less_than_sharp_ones() -> None:
    """What q_auto saves on."""
    sharp = photograph("dogs")
    soft = sharp.filter(ImageFilter.GaussianBlur(4))
    assert similarity(soft, "420") > similarity(sharp, "420")


def test_saturated_edges_keep_full_colour() -> None:
    """Red letters on blue bleed at half the chroma; a landscape does not. Small pictures never risk it."""
    checks = Image.new("RGB", (400, 400), "blue")
    for start in range(0, 400, 6):
        checks.paste((255, 0, 0), (start, 0, start + 3, 400))
    assert chroma(checks) == "444"
    assert chroma(photograph("dogs", 800).filter(ImageFilter.GaussianBlur(3))) == "420"
    assert chroma(photograph("dogs", 320)) == "444"
    assert chroma(photograph("dogs").convert("L")) == "420"


def test_drawings_are_told_from_photographs() -> None:
    """Few colours alone do not tell: a grey photograph has 256, a thumbnail fewer pixels than that."""
    assert is_graphic(logo())
    assert is_graphic(logo().convert("L"))
    assert is_graphic(quartered(200, 200))
    assert not is_graphic(photograph("dogs"))
    assert not is_graphic(photograph("dogs").convert("L"))
    assert not is_graphic(photograph("dogs", 50))
    assert not is_graphic(noise())


@given(st.integers(1, 99), st.sampled_from(sorted(EQUAL)))
def test_scales_map_without_a_step_back(quality: int, encoder: str) -> None:
    """More quality asked is never less given."""
    assert 1 <= equal_quality(quality, encoder) <= equal_quality(quality + 1, encoder) <= 100


def test_scales_meet_the_measured_points() -> None:
    """Image-pipeline §7.4."""
    assert [equal_quality(each, "webp") for each in (47, 59, 71, 80, 86, 92)] == [53, 64, 76, 81, 88, 94]
    assert [equal_quality(each, "avif") for each in (47, 59, 71, 80, 86, 92)] == [47, 52, 60, 66, 74, 85]
    assert equal_quality(100, "avif") == 100


@pytest.mark.parametrize("size", [(100, 100), (2000, 1500), (5000, 60), (60, 5000), (9000, 1), (1, 9000)])
def test_a_sample_is_bounded_and_never_larger_than_the_picture(size: tuple[int, int]) -> None:
    """Banners and columns included."""
    taken = sample(Image.new("L", size), 200_000)
    assert taken.width * taken.height <= max(200_000, 16 * 16 * 16)
    assert taken.width <= size[0]
    assert taken.height <= size[1]
