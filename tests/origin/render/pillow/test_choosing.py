"""Which of the formats a plan leaves open is delivered: what the pixels need, then what is smallest."""

from functools import cache
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from origin.render.errors import OutOfMemory
from origin.render.pillow.encoding import contenders, encode
from origin.render.pillow.saving import Picture, Request
from origin.transform.plan import Output
from tests.support.golden import on_grey
from tests.support.images import ASTRONAUT, logo, screenshot


@cache
def photograph(side: int = 300) -> Image.Image:
    with Image.open(ASTRONAUT) as image:
        return image.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)


def with_alpha(canvas: Image.Image, alpha: Image.Image | int) -> Image.Image:
    canvas = canvas.convert("RGBA")
    canvas.putalpha(alpha)
    return canvas


def delivered(
    canvas: Image.Image, *formats: str, smallest: bool = True, quality: int | None = None, auto: str = "good"
) -> tuple[str, bytes]:
    output = Output(formats[0], quality, auto, others=formats[1:], smallest=smallest)
    file = BytesIO()
    encoded = encode(canvas, Request(output, is_photographic=False), file)
    with Image.open(BytesIO(file.getvalue())) as image:
        assert image.format == {"jpg": "JPEG", "jp2": "JPEG2000"}.get(encoded.format, encoded.format.upper())
        assert image.size == (encoded.width, encoded.height) == canvas.size
    return encoded.format, file.getvalue()


@pytest.mark.parametrize(
    ("canvas", "formats", "chosen"),
    [
        (photograph(), ("avif", "webp", "png"), "avif"),
        (photograph(), ("webp", "png"), "webp"),
        (photograph(), ("jpg", "png"), "jpg"),
        (with_alpha(photograph(), 255), ("png", "jpg"), "jpg"),
        (with_alpha(photograph(), 254), ("png", "jpg"), "png"),
        (with_alpha(photograph(), 254), ("avif", "webp", "png"), "avif"),
        (screenshot(), ("jpg", "png"), "png"),
        (screenshot(), ("webp", "png"), "webp"),
        (screenshot(), ("avif", "png"), "png"),
        (logo(), ("png", "jpg"), "png"),
        (logo(), ("avif", "webp", "png"), "webp"),
        (with_alpha(logo(), 255), ("png", "jpg"), "png"),
    ],
)
@pytest.mark.parametrize("quality", [None, 80])
def test_the_content_decides(
    canvas: Image.Image, formats: tuple[str, ...], chosen: str, quality: int | None
) -> None:
    """Photographs take the best lossy format; drawings stay sharp; alpha that hides nothing counts as none."""
    assert delivered(canvas, *formats, quality=quality)[0] == chosen


@pytest.mark.parametrize(
    "canvas", [screenshot(), logo(), photograph(40), photograph(1), with_alpha(photograph(24), 99)]
)
@pytest.mark.parametrize(
    "formats", [("webp", "jpg", "png"), ("jpg", "png"), ("webp", "png"), ("avif", "webp", "png")]
)
def test_nothing_allowed_would_have_been_smaller(canvas: Image.Image, formats: tuple[str, ...]) -> None:
    """For drawings and tiny pictures every format is tried; a JPEG of a drawing is never considered."""
    has_alpha = canvas.mode == "RGBA"
    is_tiny = min(canvas.size) < 64
    able = [each for each in formats if each != "jpg" or (is_tiny and not has_alpha)]
    _, data = delivered(canvas, *formats)
    assert len(data) == min(len(delivered(canvas, each)[1]) for each in able)


def test_a_large_drawing_is_not_tried_in_every_way() -> None:
    """A worker has seconds: the lossless format that is likely the smallest is taken at once."""
    large = screenshot(2500, 1700)
    for others, chosen in ((("webp", "png"), "webp"), (("png",), "png")):
        request = Request(Output("avif", others=others, smallest=True), is_photographic=False)
        assert contenders(Picture(large, request)) == [chosen]
        assert len(contenders(Picture(large.reduce(2), request))) == 1 + len(others)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("WEBP", ValueError("encoding error 1")),
        ("AVIF", RuntimeError("Failed to encode image: Encoding of color planes failed")),
        ("AVIF", RuntimeError("Out of memory")),
        ("JPEG2000", OSError("broken data stream when writing image file")),
    ],
)
def test_an_encoder_that_starves_says_so(
    monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
) -> None:
    """In words of its own; the answer is the sheet's 400, not our mistake."""

    def starving(*_: object) -> None:
        raise error

    kind = {"JPEG2000": "jp2"}.get(name, name.lower())
    delivered(photograph(8), kind)
    monkeypatch.setitem(Image.SAVE, name, starving)
    with pytest.raises(OutOfMemory):
        delivered(photograph(8), kind)
    monkeypatch.setitem(Image.SAVE, name, lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        delivered(photograph(8), kind)


def test_a_drawing_looks_as_it_did() -> None:
    """Whatever was chosen, and down to the pixels where the best is asked for."""
    for canvas in (screenshot(), logo()):
        for formats in (("png", "jpg"), ("webp", "png"), ("avif", "webp", "png")):
            with Image.open(BytesIO(delivered(canvas, *formats)[1])) as image:
                apart = ImageChops.difference(on_grey(image), on_grey(canvas))
            assert max(ImageStat.Stat(apart).mean) < 2
            with Image.open(BytesIO(delivered(canvas, *formats[-2:], auto="best")[1])) as image:
                assert ImageChops.difference(on_grey(image), on_grey(canvas)).getbbox() is None


def test_a_lossy_png_becomes_a_jpeg_only_without_alpha() -> None:
    """fl_lossy, for drawings as well (§13)."""
    assert delivered(screenshot(), "jpg", smallest=False)[0] == "jpg"
    assert delivered(with_alpha(screenshot(), 255), "png", "jpg", smallest=False)[0] == "jpg"
    assert delivered(logo(), "png", "jpg", smallest=False)[0] == "png"


def test_ink_decides_where_it_is_wanted() -> None:
    """cs_keep_cmyk of a picture that came in CMYK."""
    request = Request(Output("avif", others=("jpg",)), is_photographic=True, ink=b"")
    file = BytesIO()
    assert encode(photograph(), request, file).format == "jpg"
    assert Image.open(file).mode == "CMYK"
    assert encode(photograph(), Request(request.output, is_photographic=True), BytesIO()).format == "avif"


def test_the_choice_is_always_the_same() -> None:
    """A derived file rendered twice must be one file."""
    for canvas in (screenshot(), photograph(50)):
        assert delivered(canvas, "webp", "jpg", "png") == delivered(canvas.copy(), "webp", "jpg", "png")
