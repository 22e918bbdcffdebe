from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from origin.render.errors import InvalidImage
from origin.render.pillow.webp import WebpHeader, is_webp, read_header
from tests.support.images import as_bytes, quartered

WITH_EXIF = Image.Exif()
WITH_EXIF[0x0112] = 6


@pytest.mark.parametrize(
    ("mode", "options", "has_alpha"),
    [
        ("RGB", {"quality": 80}, False),
        ("RGB", {"lossless": True}, False),
        ("RGBA", {"quality": 80}, True),
        ("RGBA", {"lossless": True}, True),
        ("RGB", {"exif": WITH_EXIF}, False),
    ],
)
def test_the_header_agrees_with_libwebp(mode: str, options: dict[str, Any], has_alpha: bool) -> None:
    """All three kinds of first chunk: VP8, VP8L and VP8X."""
    image = quartered(321, 123).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    header = read_header(BytesIO(as_bytes(image, "WEBP", **options)))
    assert (header.width, header.height, header.frames) == (321, 123, 1)
    assert header.has_alpha == has_alpha
    assert bool(header.exif) == ("exif" in options)


def test_frames_are_counted_by_their_chunks() -> None:
    """Without decoding one of them."""
    frames = [quartered(40 + 0 * n, 30).rotate(90 * n) for n in range(5)]
    data = as_bytes(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=80)
    assert read_header(BytesIO(data)) == WebpHeader(
        40, 30, frames=5, has_alpha=read_header(BytesIO(data)).has_alpha
    )


def test_a_file_shorter_than_it_declares_is_refused() -> None:
    """The RIFF size is in the first eight bytes: a cut upload shows before anything is decoded."""
    data = as_bytes(quartered(), "WEBP")
    with pytest.raises(InvalidImage):
        read_header(BytesIO(data[:-2]))


@given(st.binary(max_size=120))
def test_any_bytes_behind_the_name_are_a_header_or_refused(noise: bytes) -> None:
    """It parses what strangers upload."""
    data = b"RIFF" + (len(noise) + 4).to_bytes(4, "little") + b"WEBP" + noise
    assert is_webp(data)
    try:
        header = read_header(BytesIO(data))
    except InvalidImage:
        return
    assert 0 <= header.width <= 1 << 24
    assert header.frames >= 1
