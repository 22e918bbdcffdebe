"""How well a picture is taken and stored."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from origin.render.pillow.analyses.sharpness import focus, quality_of
from tests.support.images import ASTRONAUT, BRUSHES, DOGS, quartered


def quality(image: Image.Image) -> dict[str, float]:
    figures: dict[str, float] = quality_of(image.convert("RGB"), image)["quality_analysis"]
    return figures


@pytest.mark.parametrize("path", [ASTRONAUT, BRUSHES, DOGS])
def test_the_more_a_picture_is_blurred_the_less_it_is_in_focus(path: Path) -> None:
    grey = Image.open(path).convert("L").resize((800, 600))
    seen = [focus(grey.filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 2, 5)]
    assert seen[0] > 0.9
    assert seen[1] > seen[2] + 0.1
    assert seen[2] < 0.4


def test_every_figure_is_a_float_between_0_and_1() -> None:
    """`focus` of a sharp picture is 1.0 in JSON, not 1."""
    found = quality_of(Image.open(BRUSHES).convert("RGB"), Image.open(BRUSHES))
    figures = found["quality_analysis"]
    assert all(isinstance(each, float) and 0 <= each <= 1 for each in figures.values())
    assert {"focus", "noise", "contrast", "exposure", "saturation", "lighting", "resolution"} <= set(figures)
    assert {"pixel_score", "color_score", "jpeg_quality", "jpeg_chroma", "chroma_subsampling"} <= set(figures)
    assert 0.7 < found["quality_score"] <= 1


@pytest.mark.parametrize(("asked", "subsampling"), [(30, 0), (60, 1), (85, 2), (95, 2)])
def test_what_a_jpegs_own_tables_tell(asked: int, subsampling: int) -> None:
    buffer = BytesIO()
    Image.open(ASTRONAUT).save(buffer, "JPEG", quality=asked, subsampling=subsampling)
    figures = quality(Image.open(buffer))
    assert figures["jpeg_quality"] == pytest.approx(asked / 100, abs=0.03)
    assert figures["jpeg_chroma"] == pytest.approx(asked / 100, abs=0.03)
    assert figures["chroma_subsampling"] == {0: 1.0, 1: 0.5, 2: 0.25}[subsampling]


def test_noise_and_blocks_are_seen() -> None:
    image = Image.open(ASTRONAUT).convert("RGB")
    noisy = Image.blend(image, Image.effect_noise(image.size, 80).convert("RGB"), 0.3)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=5)
    assert quality(noisy)["noise"] < quality(image)["noise"] - 0.2
    assert quality(Image.open(buffer))["blockiness"] < quality(image)["blockiness"] - 0.2


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (9, 5)])
def test_pictures_with_hardly_a_pixel(size: tuple[int, int]) -> None:
    figures = quality(quartered(64, 48).resize(size))
    assert figures["resolution"] < 0.1
    assert "jpeg_quality" not in figures
