from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from origin.render.errors import InvalidImage, TooManyPixels
from origin.render.limits import RenderLimits
from origin.render.pillow.probing import probe
from origin.transform.plan import SourceFacts
from tests.support.images import (
    ASTRONAUT,
    BRUSHES,
    DOGS,
    FIG_CMYK,
    PAN_GIF,
    cut_short,
    oriented,
    png_bomb,
    quartered,
    saved,
)

FORMATS = ("jpg", "png", "webp", "avif", "gif", "bmp", "tiff")


def test_photographs_are_known_by_their_headers(limits: RenderLimits) -> None:
    """Width and height are the stored ones; who shows the picture turns it."""
    dogs = probe(str(DOGS), limits)
    assert dogs == SourceFacts(1600, 1065, "jpg", DOGS.stat().st_size, orientation=6, density=72.0)
    assert dogs.shown == (1065, 1600)
    assert probe(str(PAN_GIF), limits) == SourceFacts(400, 225, "gif", PAN_GIF.stat().st_size, frames=20)
    assert probe(str(FIG_CMYK), limits).format == "jpg"


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_we_accept_is_recognised(
    tmp_path: Path, kind: str, verify: bool, limits: RenderLimits
) -> None:
    """By content: the name says nothing."""
    path = saved(quartered(70, 50), tmp_path / f"picture.{kind}")
    disguised = path.rename(tmp_path / "picture.dat")
    facts = probe(str(disguised), limits, verify=verify)
    assert (facts.width, facts.height, facts.format, facts.frames) == (70, 50, kind, 1)
    assert facts.bytes == disguised.stat().st_size
    assert not facts.has_alpha


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "avif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_read_from_every_format_that_has_it(
    tmp_path: Path, kind: str, orientation: int, limits: RenderLimits
) -> None:
    """Telephones write JPEG, but what they wrote is converted."""
    path = oriented(tmp_path / f"picture.{kind}", orientation, quartered(64, 48))
    facts = probe(str(path), limits)
    assert facts.shown == (64, 48)
    assert facts.orientation == orientation


def test_broken_exif_is_no_broken_image(tmp_path: Path, limits: RenderLimits) -> None:
    """An orientation of 77, or rubbish in its place, shows the picture as stored."""
    exif = Image.Exif()
    exif[0x0112] = 77
    odd = saved(quartered(), tmp_path / "odd.jpg", exif=exif)
    rubbish = saved(quartered(), tmp_path / "rubbish.jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert probe(str(odd), limits).orientation == 1
    assert probe(str(rubbish), limits).orientation == 1


def test_a_telephones_jpeg_with_more_pictures_behind_is_a_jpeg(tmp_path: Path, limits: RenderLimits) -> None:
    """MPO: depth maps and previews follow the first; they are no frames of an animation."""
    path = saved(
        quartered(), tmp_path / "telephone.jpg", format="MPO", save_all=True, append_images=[quartered()]
    )
    facts = probe(str(path), limits, verify=True)
    assert (facts.format, facts.frames) == ("jpg", 1)


@pytest.mark.parametrize(
    ("mode", "options", "has_alpha"),
    [
        ("RGBA", {}, True),
        ("LA", {}, True),
        ("P", {"transparency": 3}, True),
        ("P", {}, False),
        ("L", {}, False),
    ],
)
def test_alpha_is_told_from_the_header(
    tmp_path: Path, mode: str, options: dict[str, Any], has_alpha: bool, limits: RenderLimits
) -> None:
    """A palette with tRNS counts, a palette alone does not."""
    path = saved(quartered().convert(mode), tmp_path / "picture.png", **options)
    assert probe(str(path), limits).has_alpha == has_alpha


@pytest.mark.parametrize("original", [ASTRONAUT, DOGS, BRUSHES, FIG_CMYK, PAN_GIF])
@pytest.mark.parametrize("share", [0.05, 0.6, 0.95])
def test_verification_finds_a_photograph_cut_short(
    tmp_path: Path, original: Path, share: float, limits: RenderLimits
) -> None:
    """The header is whole, so only decoding tells; a JPEG at an eighth of its size tells as well."""
    with pytest.raises(InvalidImage, match="while reading"):
        probe(str(cut_short(original, tmp_path / original.name, share)), limits, verify=True)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "avif", "gif"])
def test_verification_finds_every_format_cut_short(tmp_path: Path, kind: str, limits: RenderLimits) -> None:
    """Progressive JPEG included, whose first scan already shows the whole picture."""
    with Image.open(ASTRONAUT) as image:
        options: dict[str, Any] = {"progressive": True} if kind == "jpg" else {}
        whole = saved(image, tmp_path / f"whole.{kind}", **options)
    with pytest.raises(InvalidImage):
        probe(str(cut_short(whole, tmp_path / f"cut.{kind}", 0.9)), limits, verify=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"just a text\n" * 40,
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x04\0\0\0WEBP",
        b"GIF89a",
    ],
)
def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes, limits: RenderLimits) -> None:
    """A text file called .jpg, an empty one, a bare magic number; EPS would start Ghostscript."""
    path = tmp_path / "picture.jpg"
    path.write_bytes(content)
    with pytest.raises(InvalidImage) as refused:
        probe(str(path), limits)
    assert refused.value.public == "Invalid image file"
    assert refused.value.status == 400


def test_a_bomb_is_refused_by_its_header(tmp_path: Path, limits: RenderLimits) -> None:
    """400 megapixels in a few hundred KiB; decoding it would take seconds and a gigabyte."""
    path = png_bomb(tmp_path / "bomb.png")
    with pytest.raises(TooManyPixels) as refused:
        probe(str(path), limits, verify=True)
    assert refused.value.public == "Maximum image size is 25 Megapixels. Requested 400 Megapixels"


def test_a_picture_a_little_too_large_is_refused_with_its_size(tmp_path: Path, limits: RenderLimits) -> None:
    """Pillow only warns up to twice the limit; between, the refusal is ours."""
    path = png_bomb(tmp_path / "large.png", 6000, 5000)
    with pytest.raises(TooManyPixels, match="Requested 30 Megapixels"):
        probe(str(path), limits)


def test_frames_are_measured_together(tmp_path: Path) -> None:
    """Twenty frames of 400 × 225 are 1.8 megapixels."""
    with pytest.raises(TooManyPixels, match=r"frames/pages is 1 Megapixels\. Requested 1\.8 Meg"):
        probe(str(PAN_GIF), RenderLimits(frames_megapixels=1))


def test_a_missing_file_is_not_called_an_invalid_image(tmp_path: Path, limits: RenderLimits) -> None:
    """It is the node's mistake, not the viewer's."""
    with pytest.raises(FileNotFoundError):
        probe(str(tmp_path / "nothing.jpg"), limits)
