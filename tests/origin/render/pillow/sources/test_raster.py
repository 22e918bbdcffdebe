import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from origin.render.errors import InvalidImage
from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened
from origin.render.pillow.probing import probe
from origin.transform.plan import Sheet
from origin.transform.portion import Portion
from tests.support.documents import many_pages
from tests.support.images import BLUE, GREEN, PAN_GIF, RED, corners_of, quartered, saved

LIMITS = RenderLimits()


def flat(size: tuple[int, int], colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", size, colour)


def test_the_pages_of_a_tiff(tmp_path: Path) -> None:
    pictures = [flat((10, 20), RED), flat((30, 20), GREEN), flat((10, 20), BLUE)]
    path = str(many_pages(tmp_path / "scan.tiff", pictures))
    facts = probe(path, LIMITS, verify=True)
    assert (facts.width, facts.height, facts.frames, facts.pages) == (10, 20, 1, 3)
    assert [(each.width, each.height) for each in facts.sheets] == [(10, 20), (30, 20), (10, 20)]
    for page, colour in enumerate((RED, GREEN, BLUE), 1):
        with opened(path, LIMITS, Portion(pages=(page,))) as source:
            assert source.image.size == (source.facts.width, source.facts.height)
            assert source.image.getpixel((3, 3)) == colour


def test_the_sizes_of_an_icon_largest_first(tmp_path: Path) -> None:
    path = str(saved(quartered(64, 64), tmp_path / "icon.ico", sizes=[(16, 16), (64, 64), (32, 32)]))
    facts = probe(path, LIMITS, verify=True)
    assert facts.sheets == (Sheet(64, 64), Sheet(32, 32), Sheet(16, 16))
    with opened(path, LIMITS, Portion(pages=(3,))) as source:
        source.image.load()
        assert source.image.size == (16, 16)


def test_frames_of_an_animation_are_pages() -> None:
    with opened(str(PAN_GIF), LIMITS, Portion(pages=(3,))) as source:
        assert source.facts.frames == 1
        third = source.image.convert("RGB").tobytes()
    with Image.open(PAN_GIF) as whole:
        whole.seek(2)
        assert whole.convert("RGB").tobytes() == third


@pytest.mark.parametrize("name", ["picture.jp2", "picture.tga"])
def test_rare_formats_are_read(tmp_path: Path, name: str) -> None:
    path = str(saved(quartered(), tmp_path / name))
    facts = probe(path, LIMITS, verify=True)
    assert (facts.width, facts.height, facts.format) == (64, 48, name[-3:])
    with opened(path, LIMITS) as source:
        assert corners_of(source.image) == ["red", "green", "blue", "yellow"]


def test_an_old_tga_is_told_by_a_header_that_fits_to_the_byte(tmp_path: Path) -> None:
    """The first version has no mark at either end; one byte more, and it is no picture of ours."""
    head = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 5, 3, 24, 0x20)
    path = tmp_path / "old.tga"
    path.write_bytes(head + bytes((0, 0, 200)) * 15)
    assert probe(str(path), LIMITS, verify=True).format == "tga"
    path.write_bytes(head + bytes((0, 0, 200)) * 15 + b"x")
    with pytest.raises(InvalidImage):
        probe(str(path), LIMITS)


@pytest.mark.parametrize(("kind", "options"), [("jpg", {"dpi": (300, 300)}), ("png", {"dpi": (96, 96)})])
def test_density_is_a_fact(tmp_path: Path, kind: str, options: dict[str, Any]) -> None:
    path = saved(quartered(), tmp_path / f"picture.{kind}", **options)
    assert round(probe(str(path), LIMITS).density) == options["dpi"][0]
    assert probe(str(saved(quartered(), tmp_path / "plain.webp")), LIMITS).density == 0


def test_masks_of_a_tiff_can_be_ignored(tmp_path: Path) -> None:
    picture = quartered().convert("RGBA")
    picture.putalpha(0)
    path = str(saved(picture, tmp_path / "masked.tiff"))
    assert probe(path, LIMITS).has_alpha
    with opened(path, LIMITS, Portion(ignores_masks=True)) as source:
        image, _ = source.ready(None)
        assert not source.facts.has_alpha
        assert image.mode == "RGB"
        assert corners_of(image) == ["red", "green", "blue", "yellow"]


def test_a_tiff_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    path = many_pages(tmp_path / "scan.tiff", [Image.new("1", (1, 1))] * 501)
    with pytest.raises(InvalidImage) as refused:
        probe(str(path), LIMITS)
    assert refused.value.public == "Maximum number of TIFF pages is 500. Found 501"
