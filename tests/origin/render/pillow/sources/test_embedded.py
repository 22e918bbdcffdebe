"""Smart objects, and the large documents that many of them are."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened
from origin.render.pillow.probing import probe
from origin.transform.plan import Sheet
from origin.transform.portion import Portion
from tests.support.images import corners_of, quartered
from tests.support.photoshop import LayerOf, ObjectOf, Packing, psd

LIMITS = RenderLimits()
BLANK = Image.new("RGB", (40, 30), "white")
DOT = Image.new("RGBA", (4, 4), "red")


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    with BytesIO() as file:
        image.save(file, kind, **options)
        return file.getvalue()


def turned(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif.tobytes())


def written(folder: Path, *objects: ObjectOf, large: bool = False) -> str:
    layers = [LayerOf(DOT, name=f"of {each.id}", placed=each.id) for each in objects]
    path = folder / "design.psd"
    path.write_bytes(psd(BLANK, [LayerOf(DOT), *layers], objects=objects, large=large))
    return str(path)


def inside(path: str, number: int) -> Image.Image:
    with opened(path, LIMITS, Portion(pages=(number,), embedded=True)) as source:
        assert source.image.size == (source.facts.width, source.facts.height)
        return source.image.convert("RGB")


CONTENTS = {
    "png": encoded(quartered(), "PNG"),
    "jpeg": encoded(quartered(), "JPEG", quality=95),
    "turned": turned(quartered()),
    "psd": psd(quartered()),
    "psb": psd(quartered(), [LayerOf(DOT)], large=True),
}


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("described", [False, True])
def test_what_is_in_a_smart_object_is_shown(tmp_path: Path, described: bool, large: bool) -> None:
    """At its own size, whatever of these it is, and upright."""
    objects = [ObjectOf(name, data, described=described) for name, data in CONTENTS.items()]
    path = written(tmp_path, *objects, large=large)
    facts = probe(path, LIMITS, verify=True)
    assert facts.embedded == tuple(Sheet(64, 48, name=f"of {name}", has_alpha=False) for name in CONTENTS)
    for number in range(1, 1 + len(CONTENTS)):
        assert corners_of(inside(path, number)) == ["red", "green", "blue", "yellow"], number


def test_a_layer_whose_object_is_not_there_has_none(tmp_path: Path) -> None:
    """Linked files lie elsewhere, drawings and damaged files are not read: the rest of the file is good."""
    objects = (
        ObjectOf("elsewhere", CONTENTS["png"], kind=b"liFE"),
        ObjectOf("drawing", b"%!PS-Adobe-3.0"),
        ObjectOf("cut", CONTENTS["png"][:20]),
        ObjectOf("good", CONTENTS["png"]),
    )
    facts = probe(written(tmp_path, *objects), LIMITS)
    assert [each.width for each in facts.embedded] == [0, 0, 0, 64]


def test_two_layers_may_show_one_object(tmp_path: Path) -> None:
    layers = [LayerOf(DOT, name=name, placed="one") for name in ("left", "right")]
    path = tmp_path / "design.psd"
    path.write_bytes(psd(BLANK, layers, objects=[ObjectOf("one", CONTENTS["png"])]))
    assert [each.name for each in probe(str(path), LIMITS).embedded] == ["left", "right"]


def test_wherever_it_is_cut_the_file_is_read_or_refused(tmp_path: Path) -> None:
    """What is behind the layers may be missing: it was never needed for the picture."""
    whole = psd(BLANK, [LayerOf(DOT, placed="one")], objects=[ObjectOf("one", CONTENTS["png"])])
    start, path = whole.index(b"8BIMlnk2"), tmp_path / "cut.psd"
    for at in range(start, start + 120):
        path.write_bytes(whole[:at])
        assert probe(str(path), LIMITS).embedded in ((Sheet(0, 0, name="layer"),),)
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        assert len(probe(str(path), LIMITS).embedded) == 1


@pytest.mark.parametrize("packing", ["raw", "packed", "zipped"])
def test_a_large_document_is_read_as_any(tmp_path: Path, packing: Packing) -> None:
    path = tmp_path / "large.psb"
    layers = [LayerOf(quartered().convert("RGBA"), name="ground")]
    path.write_bytes(psd(quartered(), layers, packing=packing, large=True))
    assert probe(str(path), LIMITS, verify=True).format == "psb"
    for pages in ((), (2,), (1, 2)):
        with opened(str(path), LIMITS, Portion(pages=pages)) as source:
            assert corners_of(source.image) == ["red", "green", "blue", "yellow"]
