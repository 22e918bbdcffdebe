from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageChops, ImageStat, JpegImagePlugin

from origin.render.errors import OutputTooLarge, UnsupportedFormat
from origin.render.pillow.encoding import ENCODERS, encode
from origin.render.pillow.quality import ssim
from origin.render.pillow.saving import Request
from origin.transform.formats import PRODUCIBLE
from origin.transform.params.finish import Finish
from origin.transform.plan import Output
from tests.support.images import (
    ASTRONAUT,
    BRUSHES,
    DOGS,
    FIG_CMYK,
    corners_of,
    logo,
    quartered,
    screenshot,
)

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


def likeness(one: Image.Image, other: Image.Image) -> float:
    """Mean SSIM of luma, in blocks of 8 by 8 at half the size."""
    width, height = (side // 16 * 8 for side in one.size)
    return ssim(*(each.convert("L").reduce(2).crop((0, 0, width, height)) for each in (one, other)))


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean square of luma's error, which grows steadily where SSIM has moods in the dark."""
    return ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).rms[0]


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


LEVELS = ("low", "eco", "good", "best")


@pytest.mark.parametrize("name", ["jpg", "webp", "avif", "jp2", "jxl"])
@pytest.mark.parametrize("picture", [ASTRONAUT, BRUSHES, DOGS, FIG_CMYK])
def test_a_better_level_of_q_auto_looks_better(name: str, picture: Path) -> None:
    """In every encoder, measured on what it wrote; and sensitive never worse than plain."""
    with Image.open(picture) as image:
        canvas = image.convert("RGB").resize((330, 330 * image.height // image.width))
    errors, sizes = [], []
    for level in LEVELS:
        for sensitive in (False, True):
            data = encoded(canvas, Output(name, None, level, sensitive=sensitive))
            with Image.open(BytesIO(data)) as image:
                errors.append(-distance(canvas, image.convert("RGB")))
                assert likeness(canvas, image.convert("RGB")) > {"low": 0.93, "eco": 0.94, "good": 0.96}.get(
                    level, 0.97
                )
            sizes.append(len(data))
    for values in (errors, sizes):
        assert values[::2] == sorted(values[::2])
        assert all(plain <= more for plain, more in zip(values[::2], values[1::2], strict=True))


@pytest.mark.parametrize("subsampling", ["420", "444"])
@pytest.mark.parametrize("quality", [None, 70])
def test_avif_keeps_the_colour_it_is_told_to(subsampling: str, quality: int | None) -> None:
    """q_auto:444 and q_70:420, as the AV1 configuration in the file says it."""
    data = encoded(photograph(), Output("avif", quality, subsampling=subsampling))
    across, down = (bool(data[data.index(b"av1C") + 6] & bit) for bit in (0x08, 0x04))
    assert across == down == (subsampling == "420")


def test_avif_at_100_is_all_but_lossless() -> None:
    """Only the way to YUV and back rounds (§7.2: where possible)."""
    canvas = photograph(120)
    apart = ImageChops.difference(decoded(canvas, Output("avif", 100)), canvas).getextrema()
    assert max(most for _, most in apart) <= 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("bits", "mode", "alpha"),
    [(8, "P", True), (24, "RGB", False), (32, "RGBA", True)],
)
@pytest.mark.parametrize("quality", [None, 50, 100])
def test_a_png_of_the_kind_that_was_asked_for(bits: int, mode: str, alpha: bool, quality: int | None) -> None:
    """fl_png8, fl_png24, fl_png32: whatever the quality, and whatever the canvas."""
    for canvas in (photograph(100), logo(100), photograph(100).convert("L"), logo(100).convert("LA")):
        image = decoded(canvas, Output("png", quality, finish=Finish(png=bits)))
        assert image.mode == mode
        has_hole = image.convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]
        assert has_hole == (alpha and canvas.mode in ("RGBA", "LA"))


def test_the_best_png_has_a_palette_only_where_any_format_will_do() -> None:
    """fl_any_format; good and below may take one anyway."""
    assert decoded(screenshot(), Output("png", None, "best")).mode == "RGB"
    assert decoded(screenshot(), Output("png", None, "best", finish=Finish(any_format=True))).mode == "P"
    assert decoded(photograph(), Output("png", None, "best", finish=Finish(any_format=True))).mode == "RGB"


def test_a_gif_is_interlaced_only_when_asked() -> None:
    """The bit in its image descriptor; Pillow's default is to set it."""
    for progressive in (False, True):
        data = encoded(quartered(), Output("gif", progressive=progressive))
        start = 13 + (3 << (data[10] & 7) + 1)
        start += 8 if data[start] == 0x21 else 0
        assert data[start] == 0x2C
        assert bool(data[start + 9] & 0x40) == progressive


def test_a_large_gif_takes_its_palette_from_its_tiles() -> None:
    """So that a worker has the time for it; it looks the same from afar."""
    canvas = photograph(2200)
    image = decoded(canvas, Output("gif")).convert("RGB")
    apart = ImageChops.difference(image.reduce(8), canvas.reduce(8))
    assert max(ImageStat.Stat(apart).mean) < 4


def test_a_lossy_gif_has_fewer_colours() -> None:
    """fl_lossy: by quality, 80 if none was given."""

    def colours(quality: int | None, auto: str = "good") -> int:
        image = decoded(photograph(100), Output("gif", quality, auto, finish=Finish(lossy=True)))
        return len(image.convert("RGB").getcolors(256) or ())

    assert colours(None) == colours(80)
    assert colours(20) < colours(None, "low") < colours(80) < colours(100)


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
        assert encoded(photograph(200), Output(name)) == encoded(photograph(200), Output(name))
