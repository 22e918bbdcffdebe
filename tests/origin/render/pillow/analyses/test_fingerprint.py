"""A fingerprint stays what it is, nearly, while a picture stays what it shows."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from origin.render.pillow.analyses.fingerprint import phash
from tests.support.images import ASTRONAUT, BRUSHES, DOGS, FIG_CMYK

PHOTOGRAPHS = {
    path.stem: Image.open(path).convert("L").resize((480, 320))
    for path in (ASTRONAUT, BRUSHES, DOGS, FIG_CMYK)
}


def apart(one: str, other: str) -> int:
    """How many bits differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(sorted(PHOTOGRAPHS)),
    scale=st.floats(0.3, 2.0),
    quality=st.integers(30, 95),
    brighter=st.floats(0.8, 1.1),
)
def test_scaled_compressed_or_brightened_a_picture_keeps_its_fingerprint(
    name: str, scale: float, quality: int, brighter: float
) -> None:
    image = PHOTOGRAPHS[name]
    changed = image.resize((round(480 * scale), round(320 * scale))).point(lambda level: level * brighter)
    buffer = BytesIO()
    changed.save(buffer, "JPEG", quality=quality)
    assert apart(phash(image), phash(Image.open(buffer).convert("L"))) <= 6


def test_other_pictures_have_other_fingerprints() -> None:
    """About half of the bits differ between any two."""
    prints = [phash(each) for each in PHOTOGRAPHS.values()]
    assert all(len(each) == 16 for each in prints)
    assert min(apart(one, other) for one in prints for other in prints if one != other) > 16


@pytest.mark.parametrize("level", [0, 77, 255])
def test_an_even_picture_has_one_too(level: int) -> None:
    """All waves are nothing but the constant one: no chance may decide its bits."""
    assert phash(Image.new("L", (50, 40), level)) == ("8" if level else "0") + 15 * "0"
