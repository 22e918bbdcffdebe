"""Metadata by ExifTool's names and in its words."""

import struct
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from origin.render.limits import RenderLimits
from origin.render.pillow.analysing import analyse
from origin.render.pillow.described import LONGEST, MOST_CHARACTERS, MOST_NAMES, described
from origin.render.pillow.metadata import photoshop
from tests.support.documents import TWO_HEIC
from tests.support.images import DOGS, FIG_CMYK, quartered

XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmp:CreatorTool="Paintbox 3"><dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>sky</rdf:li></rdf:Bag></dc:subject>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Waves</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF>
</x:xmpmeta>"""


def metadata(path: Path) -> dict[str, str]:
    with Image.open(path) as image:
        return described(image)["image_metadata"]


def test_a_photograph_from_a_camera() -> None:
    found = metadata(DOGS)
    assert found["Make"] == "Example"
    assert found["Orientation"] == "Rotate 90 CW"
    assert found["GPSLatitude"] == "43 deg 15' 0.00\" N"
    assert found["GPSLatitudeRef"] == "North"
    assert (found["Colorspace"], found["DPI"], found["JFIFVersion"]) == ("RGB", "72", "1.01")


def test_a_file_without_a_density_has_that_of_screens(tmp_path: Path) -> None:
    """upload-api.md §3.2: of images, `Colorspace` and `DPI` are always there."""
    path = tmp_path / "plain.png"
    Image.new("L", (2, 2)).save(path)
    assert metadata(path) == {"Colorspace": "Gray", "DPI": "72"}


def test_exif_alone_is_what_the_camera_wrote() -> None:
    with Image.open(DOGS) as image:
        assert "Make" in described(image)["exif"]
        assert "Colorspace" not in described(image)["exif"]


def test_inks() -> None:
    assert metadata(FIG_CMYK)["Colorspace"] == "CMYK"


@pytest.mark.parametrize(
    ("tag", "value", "name", "text"),
    [
        (0x829A, IFDRational(1, 250), "ExposureTime", "1/250"),
        (0x829A, IFDRational(5, 2), "ExposureTime", "2.5"),
        (0x829D, IFDRational(28, 10), "FNumber", "2.8"),
        (0x920A, IFDRational(50, 1), "FocalLength", "50.0 mm"),
        (0xA405, 75, "FocalLengthIn35mmFormat", "75 mm"),
        (0x8827, 400, "ISO", "400"),
        (0x9004, "2020:01:02 03:04:05", "CreateDate", "2020:01:02 03:04:05"),
        (0x8822, 3, "ExposureProgram", "Aperture-priority AE"),
        (0x9209, 16, "Flash", "Off, Did not fire"),
        (0x9209, 77, "Flash", "Unknown (77)"),
        (0xA001, 1, "ColorSpace", "sRGB"),
        (0x9101, b"\1\2\3\0", "ComponentsConfiguration", "Y, Cb, Cr, -"),
        (0x9286, b"ASCII\0\0\0so it was", "UserComment", "so it was"),
        (0xA300, b"\3", "FileSource", "Digital Camera"),
        (0x9000, b"0232", "ExifVersion", "0232"),
    ],
)
def test_a_cameras_words(tmp_path: Path, tag: int, value: object, name: str, text: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[tag] = value
    exif[0x0131] = "Paintbox"
    path = tmp_path / "taken.jpg"
    quartered().save(path, exif=exif)
    assert metadata(path)[name] == text
    assert metadata(path)["Software"] == "Paintbox"


def test_editors_words(tmp_path: Path) -> None:
    """IPTC in a JPEG's Photoshop segment, XMP in its own."""
    records = b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value
        for number, value in ((25, b"dog"), (25, b"beach"), (80, "Zoë".encode()), (120, b"Two dogs"))
    )
    plain, path = tmp_path / "plain.jpg", tmp_path / "told.jpg"
    quartered().save(plain, xmp=XMP)
    data = plain.read_bytes()
    path.write_bytes(data[:2] + photoshop(records) + data[2:])
    found = metadata(path)
    assert (found["Keywords"], found["By-line"], found["Caption-Abstract"]) == (
        "dog, beach",
        "Zoë",
        "Two dogs",
    )
    assert (found["Subject"], found["Title"], found["CreatorTool"]) == ("sea, sky", "Waves", "Paintbox 3")


def test_a_tiffs_tags_and_a_pngs_texts(tmp_path: Path) -> None:
    tiff, png, texts = tmp_path / "a.tiff", tmp_path / "a.png", PngInfo()
    quartered().save(tiff, tiffinfo={270: "Four fields", 315: "Zoe"}, compression="tiff_lzw")
    texts.add_text("Creation Time", "noon")
    quartered().save(png, pnginfo=texts)
    found = metadata(tiff)
    assert (found["ImageDescription"], found["Artist"], found["ImageHeight"]) == ("Four fields", "Zoe", "48")
    assert "StripOffsets" not in found
    assert metadata(png)["CreationTime"] == "noon"


@pytest.mark.skipif(find_spec("pi_heif") is None, reason="pixeledge[heif] is not installed")
def test_a_telephones_words() -> None:
    """HEIC is what most photographs come as."""
    found = analyse(str(TWO_HEIC), RenderLimits(), ["image_metadata"])["image_metadata"]
    assert found["Orientation"]


def test_a_file_that_says_too_much_is_cut_short(tmp_path: Path) -> None:
    """The row of an asset is read whenever it is listed."""
    fields = "".join(f"<dc:name{number}>{'x' * 500}</dc:name{number}>" for number in range(100))
    packet = XMP.replace(b"<dc:subject>", f"<dc:long>{'y' * 5000}</dc:long>{fields}<dc:subject>".encode())
    path = tmp_path / "much.png"
    quartered().save(path)
    with Image.open(path) as image:
        image.info["xmp"] = packet
        found = described(image)["image_metadata"]
    assert len(found) <= MOST_NAMES
    assert max(map(len, found.values())) <= LONGEST
    assert sum(map(len, found.values())) <= MOST_CHARACTERS


@given(exif=st.binary(max_size=300), xmp=st.binary(max_size=200), iptc=st.binary(max_size=100))
def test_rubbish_says_nothing_or_something_but_breaks_nothing(exif: bytes, xmp: bytes, iptc: bytes) -> None:
    image = Image.new("RGB", (2, 2))
    image.info |= {"exif": b"Exif\0\0" + exif, "xmp": xmp, "photoshop": {0x0404: iptc}, "dpi": (0, 0)}
    found = described(image)["image_metadata"]
    assert all(isinstance(text, str) for text in found.values())
