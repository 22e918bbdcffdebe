from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from origin.render.pillow import palettes
from origin.render.pillow.adam7 import save_interlaced
from origin.render.pillow.encoding import encode
from origin.render.pillow.saving import Request
from origin.transform.params.finish import Finish
from origin.transform.plan import Output
from tests.support.images import quartered

ALL = ["1", "L", "LA", "P", "RGB", "RGBA"]


def coloured(width: int, height: int) -> Image.Image:
    """No two pixels nearby alike, and each as transparent as it is blue."""
    bands = [
        Image.radial_gradient("L").resize((width, height)),
        Image.linear_gradient("L").resize((width, height)),
    ]
    return Image.merge("RGBA", (*bands, bands[1].rotate(180), bands[0]))


def read_back(image: Image.Image, **options: Any) -> Image.Image:
    file = BytesIO()
    save_interlaced(image, file, options)
    file.seek(0)
    with Image.open(file) as read:
        assert read.info["interlace"] == 1
        read.load()
        return read.copy()


@given(st.sampled_from(ALL), st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_every_pixel_is_where_it_was(mode: str, width: int, height: int, level: int) -> None:
    """Of sizes that leave passes empty, too."""
    image = coloured(width, height).convert("RGB" if mode == "P" else "RGBA")
    image = image.quantize(13) if mode == "P" else image.convert(mode)
    read = read_back(image, compress_level=level)
    assert read.size == image.size
    assert read.convert("RGBA").tobytes() == image.convert("RGBA").tobytes()


def test_a_palette_keeps_its_transparency() -> None:
    image = palettes.paletted(coloured(60, 40))
    assert read_back(image).convert("RGBA").tobytes() == image.convert("RGBA").tobytes()


def test_metadata_comes_along() -> None:
    read = read_back(quartered(), icc_profile=b"a profile", dpi=(300, 300))
    assert read.info["icc_profile"] == b"a profile"
    assert round(read.info["dpi"][0]) == 300


@pytest.mark.parametrize(
    ("output", "interlaced"),
    [
        (Output("png", progressive=True), True),
        (Output("png", progressive=True, finish=Finish(png=8)), True),
        (Output("png"), False),
        (Output("png", progressive=True, others=("jpg",)), False),
    ],
)
def test_it_is_interlaced_where_the_chain_says_so(output: Output, interlaced: bool) -> None:
    """Not where it only stands beside a JPEG, which `q_auto` makes progressive by itself."""
    file = BytesIO()
    assert encode(coloured(80, 60), Request(output, is_photographic=False), file).format == "png"
    file.seek(0)
    with Image.open(file) as read:
        assert bool(read.info.get("interlace")) is interlaced
