from io import BytesIO
from pathlib import Path
from typing import cast

import pytest
from PIL import Image, PsdImagePlugin

from origin.render.errors import InvalidImage
from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened
from origin.render.pillow.probing import probe
from origin.transform.plan import Outline, Sheet
from origin.transform.portion import Portion
from tests.support.images import corners_of, quartered
from tests.support.photoshop import LayerOf, Packing, PathOf, path_resources, psd, resource

LIMITS = RenderLimits()
LOGO = Image.new("RGBA", (20, 10), (250, 10, 200, 255))
LAYERS = (LayerOf(quartered().convert("RGBA"), name="ground"), LayerOf(LOGO, 30, 4, "Løgo", opacity=128))


def written(folder: Path, data: bytes) -> str:
    path = folder / "picture.psd"
    path.write_bytes(data)
    return str(path)


def shown(path: str, *pages: int) -> Image.Image:
    with opened(path, LIMITS, Portion(pages=pages)) as source:
        assert source.image.size == (source.facts.width, source.facts.height)
        return source.image.copy()


def test_the_facts_of_a_layered_file(tmp_path: Path) -> None:
    """The whole is the first page; layers follow from the bottom up, each with its place and name."""
    resources = path_resources(PathOf("hull")) + resource(1005, (300 << 16).to_bytes(4, "big") + bytes(12))
    path = written(tmp_path, psd(quartered(), LAYERS, resources=resources))
    facts = probe(path, LIMITS, verify=True)
    assert (facts.width, facts.height, facts.format, facts.pages, facts.density) == (64, 48, "psd", 3, 300)
    assert not facts.has_alpha
    assert facts.sheets == (
        Sheet(64, 48, has_alpha=False),
        Sheet(64, 48, name="ground", has_alpha=True),
        Sheet(20, 10, 30, 4, "Løgo", has_alpha=True),
    )
    assert facts.outlines == (Outline("hull", 16, 12, 32, 24),)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("packing", ["raw", "packed", "zipped", "predicted"])
def test_every_packing_gives_the_same_pixels(tmp_path: Path, packing: Packing, depth: int) -> None:
    """Old files are packed line by line, those of 16 bits are zipped."""
    path = written(tmp_path, psd(quartered(), LAYERS, packing=packing, depth=depth))
    assert corners_of(shown(path)) == ["red", "green", "blue", "yellow"]
    assert corners_of(shown(path, 2)) == ["red", "green", "blue", "yellow"]
    logo = shown(path, 3)
    assert logo.size == (20, 10)
    assert logo.getpixel((5, 5)) == (250, 10, 200, 128)


def test_pillow_reads_the_same_from_what_we_wrote(tmp_path: Path) -> None:
    """A second decoder, as far as it goes."""
    data = psd(quartered(), LAYERS)
    with PsdImagePlugin.PsdImageFile(BytesIO(data)) as other:
        assert other.convert("RGB").tobytes() == shown(written(tmp_path, data)).tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
def test_every_colour_mode(tmp_path: Path, mode: str) -> None:
    """As Pillow would convert the same picture; a bitmap's bits may be dithered, so it is compared as it is."""
    picture = quartered().convert(mode)
    if mode == "RGBA":
        picture.putalpha(77)
    got = shown(written(tmp_path, psd(picture, depth=1 if mode == "1" else 8)))
    expected = picture.convert("RGBA" if mode == "RGBA" else "RGB")
    assert got.convert(expected.mode).tobytes() == expected.tobytes()


def test_lab_is_brought_to_srgb(tmp_path: Path) -> None:
    """L* of 53 with strong a and b is the red of sRGB."""
    bands = [Image.new("L", (8, 8), value) for value in (136, 208, 195)]
    red = shown(written(tmp_path, psd(Image.merge("LAB", bands)))).getpixel((4, 4))
    assert all(abs(a - b) < 16 for a, b in zip(cast(tuple[int, ...], red), (255, 0, 0), strict=True))


def test_layers_chosen_together_are_laid_on_each_other(tmp_path: Path) -> None:
    """From the bottom up, on a canvas of the whole, in whatever order they were asked for."""
    path = written(tmp_path, psd(Image.new("RGB", (64, 48), "white"), LAYERS))
    both = shown(path, 3, 2)
    assert both.size == (64, 48)
    assert corners_of(both)[2:] == ["blue", "yellow"]
    mixed = cast(tuple[int, ...], both.getpixel((35, 6)))
    assert mixed != quartered().convert("RGBA").getpixel((35, 6))
    assert mixed[3] == 255


def test_a_layer_that_sticks_out_keeps_its_size(tmp_path: Path) -> None:
    path = written(tmp_path, psd(quartered(), [LayerOf(LOGO, -5, 44)]))
    assert probe(path, LIMITS).sheets[1] == Sheet(20, 10, -5, 44, "layer", has_alpha=True)
    assert shown(path, 2).size == (20, 10)
    assert shown(path, 1, 2).size == (64, 48)


def test_extra_channels_can_be_ignored(tmp_path: Path) -> None:
    """`fl_ignore_mask_channels`: a saved selection is no transparency."""
    picture = quartered().convert("RGBA")
    picture.putalpha(0)
    path = written(tmp_path, psd(picture))
    assert probe(path, LIMITS).has_alpha
    with opened(path, LIMITS, Portion(ignores_masks=True)) as source:
        assert not source.facts.has_alpha
        assert source.image.mode == "RGB"


@pytest.mark.parametrize(
    ("at", "value", "sentence"),
    [(22, 32, "PSD with 32 bits a channel is not supported"), (24, 7, "multichannel is not supported")],
)
def test_what_is_not_supported_is_said(tmp_path: Path, at: int, value: int, sentence: str) -> None:
    data = bytearray(psd(quartered()))
    data[at : at + 2] = value.to_bytes(2, "big")
    with pytest.raises(InvalidImage) as refused:
        probe(written(tmp_path, bytes(data)), LIMITS, verify=True)
    assert sentence in refused.value.public
