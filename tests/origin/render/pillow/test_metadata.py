"""What of a source's metadata, profile and density is found in the result, read back from its bytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageChops, ImageFile, ImageStat
from PIL.IptcImagePlugin import getiptcinfo

from origin.render.limits import RenderLimits
from origin.render.pillow.metadata import photoshop
from origin.render.pillow.painting import paint
from origin.render.pillow.probing import probe
from origin.transform.parse import parse_chain
from origin.transform.resolve import plan
from tests.origin.render.pillow.test_xmp import PACKET
from tests.support.images import BRUSHES, DOGS, FIG_CMYK, quartered

GPS = ExifTags.IFD.GPSInfo
XMP = PACKET[PACKET.index(b"<x:") : PACKET.index(b"<?xpacket end")].strip()
CAPTION, BYLINE, NOTICE = (2, 120), (2, 80), (2, 116)
Render = Callable[..., Image.Image]


def record(of: tuple[int, int], text: bytes) -> bytes:
    return bytes((0x1C, *of)) + len(text).to_bytes(2, "big") + text


@pytest.fixture
def talkative(tmp_path: Path) -> Path:
    """A JPEG that tells all it can: where, who, with what, in which colours."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Model] = "Camera 1"
    exif[ExifTags.Base.Artist] = "Ann"
    exif[ExifTags.Base.Copyright] = "Ann, 2026"
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    records = record(CAPTION, b"At home") + record(BYLINE, b"Ann") + record(NOTICE, b"(c) Ann")
    with Image.open(BRUSHES) as brushes:
        profile = brushes.info["icc_profile"]
    path = tmp_path / "talkative.jpg"
    quartered(64, 48).save(
        path, quality=95, exif=exif, xmp=XMP, icc_profile=profile, extra=photoshop(records), dpi=(240, 240)
    )
    with Image.open(path) as image:
        assert image.getexif().get_ifd(GPS)
        assert getiptcinfo(image)
    return path


@pytest.fixture
def render(tmp_path: Path) -> Render:
    def rendered(source: Path, chain: str) -> Image.Image:
        facts = probe(str(source), RenderLimits())
        target = tmp_path / "result"
        target.unlink(missing_ok=True)
        paint(plan(parse_chain(chain), facts), str(source), facts, str(target), RenderLimits())
        image = Image.open(target)
        image.load()
        return image

    return rendered


def iptc_of(image: Image.Image) -> dict[Any, Any]:
    assert isinstance(image, ImageFile.ImageFile)
    return getiptcinfo(image) or {}


KEEPING = ("jpg", "png", "webp", "avif", "tiff")


@pytest.mark.parametrize("name", KEEPING)
def test_all_is_kept_where_the_format_can(talkative: Path, render: Render, name: str) -> None:
    """fl_keep_iptc; but the orientation was worked into the pixels, and must not turn them again."""
    image = render(talkative, f"w_32,fl_keep_iptc,f_{name},q_90")
    exif = image.getexif()
    assert image.size == (32, 43)
    assert exif[ExifTags.Base.Model] == "Camera 1"
    assert exif.get(ExifTags.Base.Orientation, 1) == 1
    assert exif.get_ifd(GPS)[4] == (13.0, 24.0, 0.0)
    assert image.info["icc_profile"]
    if name != "tiff":
        found = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
        assert (found.encode() if isinstance(found, str) else found) == XMP
    if name == "jpg":
        assert iptc_of(image)[CAPTION] == b"At home"


@pytest.mark.parametrize("name", [*KEEPING, "jxl", "jp2", "gif"])
@pytest.mark.parametrize(
    "flags", ["fl_keep_attribution", "fl_keep_attribution.keep_iptc", "fl_keep_attribution,q_auto"]
)
def test_attribution_is_who_and_never_where(talkative: Path, render: Render, name: str, flags: str) -> None:
    """Neither GPS tags nor the caption may travel with the photographer's name."""
    image = render(talkative, f"w_32,{flags},f_{name}")
    exif = image.getexif()
    assert not exif.get_ifd(GPS)
    assert ExifTags.Base.Model not in exif
    assert "At home" not in str(image.info.get("xmp", image.info.get("XML:com.adobe.xmp", "")))
    assert CAPTION not in iptc_of(image)
    if name in KEEPING:
        assert (exif[ExifTags.Base.Artist], exif[ExifTags.Base.Copyright]) == ("Ann", "Ann, 2026")
    if name in ("jpg", "png", "webp", "avif"):
        assert "(c) Ann" in str(image.info.get("xmp", image.info.get("XML:com.adobe.xmp")))
    if name == "jpg":
        assert (iptc_of(image)[BYLINE], iptc_of(image)[NOTICE]) == (b"Ann", b"(c) Ann")


@pytest.mark.parametrize("chain", ["w_32", "w_32,fl_keep_iptc,q_auto", "w_32,fl_force_strip.keep_iptc"])
@pytest.mark.parametrize("name", KEEPING)
def test_nothing_is_kept_otherwise(talkative: Path, render: Render, name: str, chain: str) -> None:
    """Nor with q_auto (§13)."""
    image = render(talkative, f"{chain},f_{name}")
    assert not image.getexif().get_ifd(GPS)
    assert ExifTags.Base.Artist not in image.getexif()
    assert not {"xmp", "icc_profile", "photoshop", "XML:com.adobe.xmp"} & set(image.info)


def test_a_kept_profile_still_tells_the_colours(render: Render) -> None:
    """Pixels that keep their profile are not converted by it: both look alike, and only once converted."""
    kept, converted = (render(BRUSHES, f"w_200,f_png,q_100{flags}") for flags in (",fl_keep_iptc", ""))
    stripped = render(BRUSHES, "w_200,f_png,q_100,fl_keep_iptc.strip_profile")
    with Image.open(BRUSHES) as brushes:
        assert kept.info["icc_profile"] == brushes.info["icc_profile"]
    assert "icc_profile" not in converted.info
    assert stripped.tobytes() == converted.tobytes()
    assert max(ImageStat.Stat(ImageChops.difference(kept, converted)).mean) > 3


@pytest.mark.parametrize("setting", ["fl_force_icc", "cs_tinysrgb"])
@pytest.mark.parametrize("name", KEEPING)
def test_a_profile_of_srgb_on_demand(talkative: Path, render: Render, setting: str, name: str) -> None:
    """Small, and the same every day."""
    first, second = (render(talkative, f"w_32,f_{name},{setting}").info["icc_profile"] for _ in range(2))
    assert first == second
    assert 200 < len(first) < 1000


@pytest.mark.parametrize("name", ["jpg", "png", "tiff", "bmp"])
def test_density_is_written(talkative: Path, render: Render, name: str) -> None:
    """dn_; dn_idn is the original's own; q_auto and silence leave none."""

    def density(chain: str) -> float | None:
        found = render(talkative, f"w_32,f_{name},{chain}").info.get("dpi")
        return None if found is None else round(float(found[0]))

    assert density("dn_300") == 300
    assert density("dn_idn") == 240
    if name in ("jpg", "png"):
        assert density("q_auto,dn_300") is None
        assert density("q_90") is None


def test_ink_that_came_in_may_leave_as_it_came(render: Render) -> None:
    """cs_keep_cmyk of a CMYK original, through its own profile; of another, nothing happens."""
    printed = render(FIG_CMYK, "w_200,cs_keep_cmyk,q_95")
    assert printed.mode == "CMYK"
    shown = render(FIG_CMYK, "w_200,q_95")
    assert shown.mode == "RGB"
    with Image.open(FIG_CMYK) as fig:
        assert printed.info.get("icc_profile") == fig.info.get("icc_profile")
    assert render(DOGS, "w_200,cs_keep_cmyk").mode == "RGB"
    assert render(DOGS, "w_200,cs_cmyk").mode == "CMYK"


def test_ink_does_not_bear_a_profile_of_light(render: Render) -> None:
    """fl_keep_iptc keeps the metadata; what tells of red, green and blue would tell wrong."""
    printed = render(BRUSHES, "w_200,cs_cmyk,fl_keep_iptc,q_95")
    assert (printed.mode, "icc_profile" in printed.info) == ("CMYK", False)
    from_srgb = render(BRUSHES, "w_200,cs_cmyk,q_95")
    assert printed.tobytes() == from_srgb.tobytes()


def test_true_colour_is_neither_grey_nor_in_a_palette(render: Render) -> None:
    """cs_srgb:truecolor."""
    assert render(DOGS, "w_100,e_grayscale").mode == "L"
    assert render(DOGS, "w_100,e_grayscale,cs_srgb:truecolor").mode == "RGB"
    assert render(DOGS, "w_100,e_grayscale,f_png,cs_srgb:truecolor").mode == "RGB"


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x82\x98",
        b"rubbish",
    ],
)
@pytest.mark.parametrize("flag", ["keep_iptc", "keep_attribution"])
def test_broken_metadata_costs_no_picture(tmp_path: Path, render: Render, block: bytes, flag: str) -> None:
    """It is left behind."""
    path = tmp_path / "broken.png"
    quartered().save(path, exif=block)
    image = render(path, f"w_32,f_jpg,fl_{flag}")
    assert not image.getexif().get(ExifTags.Base.Copyright)


def test_broken_records_end_the_reading(tmp_path: Path, render: Render) -> None:
    """A length beyond the end, an extended length, something else altogether."""
    for tail in (b"\x1c\x02\x74\xff\xff", b"\x1c\x02\x74\x00\x09short", b"\x1c", b"nonsense"):
        path = tmp_path / "broken.jpg"
        quartered().save(path, extra=photoshop(record(BYLINE, b"Ann") + tail))
        assert iptc_of(render(path, "w_32,fl_keep_attribution")) == {BYLINE: b"Ann"}
