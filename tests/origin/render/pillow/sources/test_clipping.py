from pathlib import Path

import pytest
from PIL import Image

from origin.render.errors import InvalidImage
from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened
from origin.render.pillow.probing import probe
from origin.render.pillow.sources.clipping import inside
from origin.render.pillow.sources.resources import Path as ClippingPath
from origin.render.pillow.sources.resources import blocks
from origin.transform.plan import Outline
from origin.transform.portion import Portion
from tests.support.images import as_bytes, quartered
from tests.support.photoshop import PathOf, jpeg_with, path_resources, psd, resource

LIMITS = RenderLimits()
OUTER = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
INNER = ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))
RESOURCES = path_resources(PathOf("hull"), PathOf("corner", ((0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5))))


def files(folder: Path) -> list[str]:
    """The same picture with the same paths, in every format that carries them."""
    (folder / "picture.jpg").write_bytes(jpeg_with(as_bytes(quartered(), "JPEG", quality=95), RESOURCES))
    (folder / "picture.psd").write_bytes(psd(quartered(), resources=RESOURCES))
    quartered().save(folder / "picture.tiff", tiffinfo={34377: RESOURCES})
    return [str(folder / f"picture.{each}") for each in ("jpg", "psd", "tiff")]


def test_paths_are_facts_wherever_they_are_carried(tmp_path: Path) -> None:
    """The one chosen for clipping comes first."""
    for path in files(tmp_path):
        assert probe(path, LIMITS).outlines == (
            Outline("corner", 0, 0, 32, 24),
            Outline("hull", 16, 12, 32, 24),
        )


@pytest.mark.parametrize(("outline", "within", "without"), [(0, (5, 5), (40, 30)), (1, (40, 30), (5, 5))])
def test_what_lies_outside_the_path_is_transparent(
    tmp_path: Path, outline: int, within: tuple[int, int], without: tuple[int, int]
) -> None:
    for path in files(tmp_path):
        with opened(path, LIMITS, Portion(clip="nonzero", outline=outline)) as source:
            assert source.facts.has_alpha
            alpha = source.image.getchannel("A")
            assert (alpha.getpixel(within), alpha.getpixel(without)) == (255, 0)


@pytest.mark.parametrize(
    ("lines", "nonzero", "evenodd"),
    [((OUTER, INNER), 255, 0), ((OUTER, INNER[::-1]), 0, 0), ((OUTER,), 255, 255)],
)
def test_the_two_rules_differ_where_lines_turn_the_same_way(
    lines: tuple[tuple[tuple[float, float], ...], ...], nonzero: int, evenodd: int
) -> None:
    """A hole must turn against its surroundings to be one under the nonzero rule."""
    path = ClippingPath("", lines)
    for is_evenodd, middle in ((False, nonzero), (True, evenodd)):
        mask = inside(path, (100, 300), is_evenodd=is_evenodd)
        assert mask.getpixel((50, 150)) == middle
        assert mask.getpixel((20, 60)) == 255
        assert mask.getpixel((2, 2)) == 0


def test_a_path_of_very_many_lines_is_refused(tmp_path: Path) -> None:
    """Each is drawn by itself, on every band of the picture."""
    triangle = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    single = path_resources(PathOf("hull", triangle))
    records = next(content for number, _, content in blocks(single) if number == 2000)
    for count, is_refused in ((500, False), (501, True)):
        lines = resource(2000, records * count, "hull")
        path = tmp_path / f"{count}.tiff"
        quartered().save(path, tiffinfo={34377: lines})
        if is_refused:
            with pytest.raises(InvalidImage, match=r"lines of a clipping path is 500\. Found 501"):
                probe(str(path), LIMITS)
        else:
            assert [each.name for each in probe(str(path), LIMITS).outlines] == ["hull"]


def test_edges_are_smooth() -> None:
    """A slanted line leaves pixels that are partly covered."""
    mask = inside(ClippingPath("", (((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)),)), (40, 40), is_evenodd=False)
    assert isinstance(mask, Image.Image)
    assert len(set(mask.tobytes())) > 3
