from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageChops, ImageStat, JpegImagePlugin

from origin.render.errors import OutputTooLarge, UnsupportedFormat
from origin.render.pillow.encoding import ENCODERS, encode
from origin.render.pillow.saving import Request
from origin.transform.formats import PRODUCIBLE
from origin.transform.plan import Output
from tests.support.images import BRUSHES, DOGS, corners_of, quartered

KINDS = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "avif": "AVIF",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
    "ico": "ICO",
    "jp2": "JPEG2000",
    "tga": "TGA",
    "eps": "EPS",
    "jxl": "JXL",
}
UNREADABLE = {"pdf"}  # by Pillow
DRAWN_BY_GHOSTSCRIPT = {"eps"}
UPRIGHT = ["red", "green", "blue", "yellow"]


def encoded(canvas: Image.Image, output: Output, *, is_photographic: bool = True) -> bytes:
    file = BytesIO()
    encode(canvas, Request(output, is_photographic), file)
    return file.getvalue()


def decoded(canvas: Image.Image, output: Output, **options: Any) -> Image.Image:
    image = Image.open(BytesIO(encoded(canvas, output, **options)))
    if output.format not in DRAWN_BY_GHOSTSCRIPT:
        image.load()
    return image


def photograph(width: int = 400) -> Image.Image:
    with Image.open(DOGS) as image:
        return image.convert("RGB").resize((width, width * image.height // image.width))


def test_every_format_is_tested() -> None:
    """A new encoder joins the table below."""
    assert set(KINDS) | UNREADABLE == set(ENCODERS) == PRODUCIBLE


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("quality", [None, 1, 60, 100])
def test_every_format_takes_every_canvas(name: str, mode: str, quality: int | None) -> None:
    """Whatever the operations have left, at any quality."""
    image = decoded(quartered().convert(mode), Output(name, quality))
    assert (image.format, image.size) == (KINDS[name], (64, 48))
    if mode in ("RGB", "RGBA") and quality != 1 and name not in DRAWN_BY_GHOSTSCRIPT:
        assert corners_of(image) == UPRIGHT


@pytest.mark.parametrize("name", ["png", "webp", "avif", "tiff", "tga", "jp2", "jxl", "ico"])
def test_alpha_survives_where_it_can(name: str) -> None:
    """Soft edges included."""
    canvas = photograph(200).convert("RGBA")
    canvas.putalpha(Image.linear_gradient("L").resize(canvas.size))
    alpha = decoded(canvas, Output(name, 90)).convert("RGBA").getchannel("A")
    assert max(ImageStat.Stat(ImageChops.difference(alpha, canvas.getchannel("A"))).mean) < 3


def test_jpeg_shows_the_background_through() -> None:
    """White unless the chain says otherwise."""
    clear = Image.new("RGBA", (16, 16), (9, 9, 9, 0))
    assert decoded(clear, Output("jpg", 90)).getpixel((8, 8)) == (255, 255, 255)
    blue = decoded(clear, Output("jpg", 95, background=(0, 0, 200, 255))).getpixel((8, 8))
    assert isinstance(blue, tuple)
    assert abs(blue[2] - 200) < 5


def test_a_gif_is_cut_out_at_half_opacity() -> None:
    """One bit of alpha."""
    canvas = Image.new("RGBA", (20, 10), (200, 0, 0, 127))
    canvas.paste((0, 0, 200, 128), (10, 0, 20, 10))
    image = decoded(canvas, Output("gif")).convert("RGBA")
    assert image.getpixel((4, 5))[3] == 0  # type: ignore[index]
    assert image.getpixel((15, 5)) == (0, 0, 200, 255)


@pytest.mark.parametrize(
    ("output", "subsampling"),
    [
        (Output("jpg", 90), 2),
        (Output("jpg", 91), 0),
        (Output("jpg", 95, subsampling="420"), 2),
        (Output("jpg", 50, subsampling="444"), 0),
        (Output("jpg", None, "eco", subsampling="420"), 2),
        (Output("jpg", None, "eco", subsampling="444"), 0),
    ],
)
def test_chroma_follows_the_request_then_the_quality(output: Output, subsampling: int) -> None:
    """Transformations §7.2."""
    assert JpegImagePlugin.get_sampling(decoded(photograph(), output)) == subsampling


def test_progressive_is_only_when_asked() -> None:
    """It costs viewers' phones three times the decoding."""
    assert "progressive" not in decoded(photograph(), Output("jpg", 80)).info
    assert "progressive" in decoded(photograph(), Output("jpg", 80, progressive=True)).info


@pytest.mark.parametrize("name", ["jpg", "webp", "avif"])
def test_more_quality_costs_more_bytes(name: str) -> None:
    """Numbers, and the four levels of q_auto."""
    canvas = photograph()
    by_number = [len(encoded(canvas, Output(name, quality))) for quality in (20, 50, 80, 95)]
    assert by_number == sorted(by_number)
    by_level = [len(encoded(canvas, Output(name, None, level))) for level in ("low", "eco", "good", "best")]
    assert by_level == sorted(by_level)
    assert by_level[0] < by_level[-1]


def test_a_drawing_stays_lossless() -> None:
    """Letters and lines, for which lossy codecs were not made."""
    canvas = quartered(400, 300)
    for name in ("png", "webp"):
        assert decoded(canvas, Output(name)).convert("RGB").tobytes() == canvas.tobytes(), name


def test_webp_at_100_is_lossless() -> None:
    """Transformations §7.2."""
    canvas = photograph(120)
    assert decoded(canvas, Output("webp", 100)).tobytes() == canvas.tobytes()


def test_a_png_of_few_colours_is_paletted_and_a_photograph_is_not() -> None:
    """q_auto may pick PNG-8 where nobody can tell; q_100 never."""
    assert decoded(quartered(), Output("png")).mode == "P"
    assert decoded(quartered(), Output("png", 100)).mode == "RGB"
    assert decoded(photograph(), Output("png")).mode == "RGB"
    assert decoded(photograph(), Output("png", 100)).tobytes() == photograph().tobytes()


@pytest.mark.parametrize("name", KINDS)
def test_nothing_of_the_sources_metadata_leaves(name: str) -> None:
    """A home address in GPS tags must not travel; a profile must not be applied twice."""
    with Image.open(DOGS) as image:
        assert image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        canvas = image.resize((64, 48))
    with Image.open(BRUSHES) as brushes:
        profile = brushes.info["icc_profile"]
        canvas.info |= {"icc_profile": profile, "comment": b"secret", "xmp": b"<x/>"}
    output = decoded(canvas, Output(name, 80))
    assert not output.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert not output.getexif().get(ExifTags.Base.Model)
    assert not {"exif", "xmp"} & set(output.info)
    assert output.info.get("comment") != b"secret"
    assert output.info.get("icc_profile") != profile


def test_sides_beyond_a_formats_reach_are_refused_in_words() -> None:
    """Not with an encoder's stack trace."""
    with pytest.raises(OutputTooLarge, match="Maximum webp side is 16383 pixels"):
        encoded(Image.new("L", (16384, 1)), Output("webp"))


def test_an_unknown_format_is_refused_in_words() -> None:
    """Those we can read only."""
    with pytest.raises(UnsupportedFormat) as refused:
        encoded(quartered(), Output("psd"))
    assert refused.value.public == "Unsupported output format psd"


def test_the_same_canvas_gives_the_same_bytes() -> None:
    """ETags of a derived file rendered twice must agree."""
    for name in ENCODERS:
        assert encoded(photograph(), Output(name)) == encoded(photograph(), Output(name))
