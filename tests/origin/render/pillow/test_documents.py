"""Formats that are saved or printed: decoded again by their own rules."""

import re
import struct
import sys
from io import BytesIO
from typing import Any

import pytest
from PIL import EpsImagePlugin, Image, ImageChops, ImageStat

from origin.render.errors import UnsupportedFormat
from origin.render.pillow.encoding import encode
from origin.render.pillow.saving import Request
from origin.transform.params.finish import Finish
from origin.transform.plan import Output
from tests.support.images import ASTRONAUT, corners_of, logo, quartered

UPRIGHT = ["red", "green", "blue", "yellow"]


def encoded(canvas: Image.Image, output: Output, **more: Any) -> bytes:
    file = BytesIO()
    encode(canvas, Request(output, is_photographic=True, **more), file)
    return file.getvalue()


def photograph() -> Image.Image:
    with Image.open(ASTRONAUT) as image:
        return image.convert("RGB").resize((200, 200))


def test_a_pdf_is_one_page_of_the_pictures_size() -> None:
    """With the picture as the JPEG it would be, and no date in it."""
    data = encoded(quartered(320, 200), Output("pdf", 90))
    assert data.startswith(b"%PDF-1.")
    assert data.rstrip().endswith(b"%%EOF")
    assert data.count(b"/Type /Page\n") == 1
    assert re.search(rb"/MediaBox \[ 0 0 320.0 200.0 \]", data)
    start, stop = data.index(b"\xff\xd8"), data.rindex(b"\xff\xd9") + 2
    with Image.open(BytesIO(data[start:stop])) as image:
        assert (image.format, image.size) == ("JPEG", (320, 200))
        assert corners_of(image) == UPRIGHT
    assert b"Date" not in data


def test_a_dense_pdf_is_a_smaller_page() -> None:
    """dn_: dots an inch; a point is a 72nd of one."""
    kept = Request(Output("pdf"), is_photographic=True).kept
    data = encoded(
        quartered(300, 150), Output("pdf", finish=Finish(density=300)), kept=type(kept)(density=(300, 300))
    )
    assert re.search(rb"/MediaBox \[ 0 0 72.0 36.0 \]", data)


def test_what_has_no_alpha_shows_the_background() -> None:
    """A page is white."""
    for name in ("bmp", "pdf", "eps"):
        assert encoded(logo(64), Output(name)) == encoded(
            Image.alpha_composite(Image.new("RGBA", (64, 64), "white"), logo(64)).convert("RGB"), Output(name)
        )


def test_an_eps_is_a_picture_of_the_right_size() -> None:
    """Hexadecimal samples between PostScript's lines."""
    data = encoded(quartered(20, 10), Output("eps"))
    with Image.open(BytesIO(data)) as image:
        assert isinstance(image, EpsImagePlugin.EpsImageFile)
        assert image.size == (20, 10)
    assert b"%%BoundingBox: 0 0 20 10" in data
    assert b"".join(data.split()).count(b"dc1414") >= 50  # a quarter of the pixels is red


@pytest.mark.parametrize(
    ("size", "expected"), [((800, 400), (256, 128)), ((40, 30), (40, 30)), ((9, 2000), (1, 256))]
)
def test_an_icon_fits(size: tuple[int, int], expected: tuple[int, int]) -> None:
    """One entry, its size in the directory as in the picture; 0 there means 256."""
    data = encoded(quartered(*size), Output("ico"))
    count, width, height = struct.unpack_from("<4xHBB", data)
    assert (count, width or 256, height or 256) == (1, *expected)
    with Image.open(BytesIO(data)) as image:
        assert image.size == expected


def test_a_tiff_loses_nothing() -> None:
    """LZW, tag 259."""
    with Image.open(BytesIO(encoded(photograph(), Output("tiff", 30)))) as image:
        assert image.tag_v2[259] == 5  # type: ignore[attr-defined]
        assert image.tobytes() == photograph().tobytes()


def test_a_fax_is_black_and_white() -> None:
    """fl_group4."""
    data = encoded(photograph(), Output("tiff", finish=Finish(group4=True)))
    with Image.open(BytesIO(data)) as image:
        assert (image.mode, image.tag_v2[259]) == ("1", 4)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["jp2", "jxl"])
def test_quality_buys_likeness(name: str) -> None:
    """And at 100 nothing is lost."""
    sizes, errors = [], []
    for quality in (10, 50, 80, 95, 100):
        data = encoded(photograph(), Output(name, quality))
        sizes.append(len(data))
        with Image.open(BytesIO(data)) as image:
            errors.append(sum(ImageStat.Stat(ImageChops.difference(image.convert("RGB"), photograph())).mean))
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == 0


def test_jpeg_xl_without_its_extra_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is no dependency of ours."""
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    with pytest.raises(UnsupportedFormat) as refused:
        encoded(quartered(), Output("jxl"))
    assert refused.value.public == "jxl is not supported without pixeledge[jxl]"


def test_ink_is_as_sharp_as_light() -> None:
    """Magenta and yellow carry the drawing: they must not be halved like chroma."""
    with Image.open(BytesIO(encoded(photograph(), Output("jpg", 90), ink=b""))) as image:
        inked = ImageChops.difference(image.convert("RGB"), photograph())
    with Image.open(BytesIO(encoded(photograph(), Output("jpg", 90)))) as image:
        light = ImageChops.difference(image.convert("RGB"), photograph())
    assert sum(ImageStat.Stat(inked).rms) < 1.5 * sum(ImageStat.Stat(light).rms)


def test_ink_for_print() -> None:
    """cs_cmyk, in each format that can hold it."""
    for name in ("jpg", "tiff"):
        with Image.open(BytesIO(encoded(quartered(), Output(name, 95), ink=b""))) as image:
            assert image.mode == "CMYK"
            assert corners_of(image) == UPRIGHT
    assert b"/DeviceCMYK" in encoded(quartered(), Output("pdf"), ink=b"")
    assert b"false 4 colorimage" in encoded(quartered(), Output("eps"), ink=b"")
