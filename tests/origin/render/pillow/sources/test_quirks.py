"""Every depth and kind of sample becomes the right pixel, told by arithmetic rather than by another decoder."""

from pathlib import Path

import pytest
from PIL import Image

from origin.render.limits import RenderLimits
from origin.render.pillow.decoding import decode
from origin.render.pillow.opening import opened
from tests.support.images import FIG_CMYK, as_bytes, quartered
from tests.support.odd_files import COLOURS, COLOURS_ALPHA, GREY, GREY_ALPHA, PALETTE, png, tiff

LIMITS = RenderLimits()
Pixel = float | tuple[int, ...] | None


def decoded(path: Path) -> Image.Image:
    """As the painter gets it, without a cut."""
    with opened(str(path), LIMITS) as source:
        image, first = source.ready(None)
        canvas = decode(image, source.facts.orientation, first)
        assert ("A" in canvas.getbands()) == source.facts.has_alpha
        return canvas


def pixels(path: Path) -> list[Pixel]:
    canvas = decoded(path)
    return [canvas.getpixel((x, 0)) for x in range(canvas.width)]


def near(found: Pixel, expected: Pixel) -> bool:
    mine, theirs = (each if isinstance(each, tuple) else (each or 0,) for each in (found, expected))
    return len(mine) == len(theirs) and all(abs(a - b) <= 1 for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize(
    ("kind", "depth", "samples", "transparency", "expected"),
    [
        (GREY, 16, [0, 65535, 32768, 256], b"", [0, 255, 128, 1]),
        (GREY, 16, [0, 65535, 32768], b"\x80\0", [(0, 255), (255, 255), (128, 0)]),
        (GREY_ALPHA, 16, [65535, 0, 0, 65535], b"", [(255, 255, 255, 0), (0, 0, 0, 255)]),
        (COLOURS, 16, [65535, 0, 32768] * 2, b"", [(255, 0, 128)] * 2),
        (COLOURS, 16, [65535, 0, 32768, 0, 0, 0], b"\xff\xff\0\0\x80\0", [(255, 0, 128, 0), (0, 0, 0, 255)]),
        (COLOURS_ALPHA, 16, [65535, 0, 32768, 16448], b"", [(255, 0, 128, 64)]),
        (GREY, 8, [0, 200, 7], b"\0\xc8", [(0, 255), (200, 0), (7, 255)]),
        (GREY, 4, [0, 15, 8], b"", [0, 255, 136]),
        (GREY, 4, [0, 15, 8], b"\0\x08", [(0, 255), (255, 255), (136, 0)]),
        (GREY, 2, [0, 3, 1], b"\0\x01", [(0, 255), (255, 255), (85, 0)]),
        (GREY, 1, [0, 1, 1], b"", [0, 255, 255]),
        (GREY, 1, [0, 1, 1], b"\0\1", [(0, 255), (255, 0), (255, 0)]),
        (COLOURS, 8, [1, 2, 3, 9, 9, 9], b"\0\x01\0\x02\0\x03", [(1, 2, 3, 0), (9, 9, 9, 255)]),
        (PALETTE, 8, [0, 1, 2], b"", [(255, 0, 0), (0, 255, 0), (0, 0, 255)]),
        (PALETTE, 2, [0, 1, 2], b"\x80\0", [(255, 0, 0, 128), (0, 255, 0, 0), (0, 0, 255, 255)]),
        (PALETTE, 4, [2, 1, 0], b"\xff\0", [(0, 0, 255, 255), (0, 255, 0, 0), (255, 0, 0, 255)]),
    ],
)
def test_every_png(
    tmp_path: Path, kind: int, depth: int, samples: list[int], transparency: bytes, expected: list[Pixel]
) -> None:
    palette = bytes((255, 0, 0, 0, 255, 0, 0, 0, 255)) if kind == PALETTE else b""
    path = png(
        tmp_path / "odd.png", [samples], kind=kind, depth=depth, transparency=transparency, palette=palette
    )
    found = pixels(path)
    assert len(found) == len(expected)
    assert all(map(near, found, expected)), found


@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize(
    ("bits", "photometric", "count", "samples", "expected"),
    [
        (16, 1, 1, [0, 65535, 32768], [0, 255, 128]),
        (16, 0, 1, [0, 65535, 16384], [255, 0, 191]),
        (8, 0, 1, [0, 255, 55], [255, 0, 200]),
        (1, 0, 1, [0, 1, 1], [255, 0, 0]),
        (1, 1, 1, [0, 1, 1], [0, 255, 255]),
        (4, 1, 1, [0, 15, 8], [0, 255, 136]),
        (16, 2, 3, [65535, 0, 32768], [(255, 0, 128)]),
        (8, 5, 4, [0, 255, 255, 0], [(255, 0, 0)]),
        (16, 5, 4, [0, 65535, 65535, 0], [(255, 0, 0)]),
    ],
)
def test_every_tiff(
    tmp_path: Path,
    byte_order: str,
    bits: int,
    photometric: int,
    count: int,
    samples: list[int],
    expected: list[Pixel],
) -> None:
    path = tiff(
        tmp_path / "odd.tiff",
        [samples],
        bits=bits,
        photometric=photometric,
        samples=count,
        byte_order=byte_order,
    )
    found = pixels(path)
    assert all(map(near, found, expected)), found


def test_twelve_bits_are_not_nearly_black(tmp_path: Path) -> None:
    """Scanners and microscopes."""
    path = tiff(tmp_path / "odd.tiff", [[0, 4095, 2048, 1024]], bits=12, photometric=1)
    assert all(map(near, pixels(path), (0, 255, 128, 64)))


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([0.0, 1.0, 0.5], [0, 255, 128]),
        ([0.0, 255.0, 128.0], [0, 255, 128]),
        ([0.0, 65535.0, 32768.0], [0, 255, 128]),
        ([-100.0, 100.0, 0.0], [0, 255, 127]),
    ],
)
def test_floats_are_brought_into_range(tmp_path: Path, samples: list[float], expected: list[Pixel]) -> None:
    """Shares, 8 bits, 16 bits, or whatever it is."""
    path = tiff(tmp_path / "odd.tiff", [samples], bits=32, photometric=1, is_float=True)
    assert all(map(near, pixels(path), expected))


def test_lab_becomes_srgb(tmp_path: Path) -> None:
    lab = Image.merge("LAB", [Image.new("L", (4, 4), value) for value in (136, 208, 195)])
    path = tmp_path / "lab.tiff"
    lab.save(path)
    assert near(decoded(path).getpixel((1, 1)), (250, 3, 11))


def test_adobes_cmyk_is_light_anybody_elses_is_ink(tmp_path: Path) -> None:
    """Photoshop stores how much light is left and says so in a marker of its own."""
    adobe = as_bytes(quartered().convert("CMYK"), "JPEG", quality=95)
    marker = adobe.index(b"\xff\xee")
    size = int.from_bytes(adobe[marker + 2 : marker + 4], "big")
    (tmp_path / "adobe.jpg").write_bytes(adobe)
    (tmp_path / "plain.jpg").write_bytes(adobe[:marker] + adobe[marker + 2 + size :])
    light, ink = decoded(tmp_path / "adobe.jpg"), decoded(tmp_path / "plain.jpg")
    assert light.mode == ink.mode == "RGB"
    for point in ((5, 5), (60, 40)):
        assert near(light.getpixel(point), quartered().getpixel(point))
    assert ink.getpixel((5, 5)) != light.getpixel((5, 5))
    assert decoded(FIG_CMYK).getpixel((2, 2)) != (0, 0, 0)
