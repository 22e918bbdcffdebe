import hashlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat, PngImagePlugin

from origin.render.errors import InvalidImage, RenderFailed, TooManyPixels, UnsupportedFormat
from origin.render.limits import RenderLimits
from origin.render.pillow.painting import Painted, paint
from origin.render.pillow.probing import probe
from origin.transform.plan import (
    Blur,
    Flip,
    Operation,
    Output,
    Pad,
    Plan,
    Resample,
    Rotate,
    RoundCorners,
    SourceFacts,
)
from tests.support.images import (
    ASTRONAUT,
    BRUSHES,
    DOGS,
    FIG_CMYK,
    PAN_GIF,
    corners_of,
    cut_short,
    oriented,
    quartered,
    saved,
    shown,
)

LIMITS = RenderLimits()


def filled(facts: SourceFacts, width: int, height: int) -> Resample:
    """What c_fill with centre gravity resolves to."""
    across, down = facts.shown
    scale = max(width / across, height / down)
    left, top = (across - width / scale) / 2, (down - height / scale) / 2
    return Resample((left, top, across - left, down - top), width, height)


def painted(
    source: Path, target: Path, *operations: Operation, output: Output | None = None, orient: bool = True
) -> Painted:
    output = output or Output(target.suffix[1:])
    plan = Plan(orient, operations, output, 0, 0)
    return paint(plan, str(source), probe(str(source), LIMITS), str(target), LIMITS)


def described(**texts: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    return info


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "avif", "gif"])
@pytest.mark.parametrize("photograph", [ASTRONAUT, DOGS, BRUSHES, FIG_CMYK, PAN_GIF])
def test_every_photograph_becomes_every_format(tmp_path: Path, photograph: Path, kind: str) -> None:
    """Right size, right look, and a sum that is the file's."""
    target = tmp_path / f"result.{kind}"
    cut = filled(probe(str(photograph), LIMITS), 160, 120)
    result = painted(photograph, target, cut, output=Output(kind, 90))
    assert (result.width, result.height, result.size) == (160, 120, target.stat().st_size)
    assert result.md5 == hashlib.md5(target.read_bytes(), usedforsecurity=False).hexdigest()
    reference = tmp_path / "reference.png"
    painted(photograph, reference, cut, output=Output("png", 100))
    difference = ImageChops.difference(shown(target).convert("L"), shown(reference).convert("L"))
    assert ImageStat.Stat(difference).mean[0] < 6  # luma: halved colour shows in figures, not to eyes


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once_and_dropped(tmp_path: Path, orientation: int) -> None:
    """A viewer that honours EXIF must not turn the result again."""
    source = oriented(tmp_path / "source.jpg", orientation, quartered(160, 120))
    target = tmp_path / "result.jpg"
    painted(source, target, Resample((0, 0, 160, 120), 40, 30))
    with Image.open(target) as image:
        assert (image.size, corners_of(image)) == ((40, 30), ["red", "green", "blue", "yellow"])
        assert not image.getexif()


def test_orientation_can_be_ignored(tmp_path: Path) -> None:
    """a_ignore leaves pixels as stored, and the plan's boxes are then of the stored picture."""
    source = oriented(tmp_path / "source.png", 6, quartered(64, 48))
    painted(source, tmp_path / "result.png", Resample((0, 0, 48, 64), 24, 32), orient=False)
    assert corners_of(shown(tmp_path / "result.png")) == ["green", "yellow", "red", "blue"]


def test_operations_run_in_order(tmp_path: Path) -> None:
    """Padding after a flip is on the right side, rounding after padding cuts the padding."""
    source = saved(quartered(64, 48), tmp_path / "source.png")
    target = tmp_path / "result.png"
    painted(
        source, target, Flip(True), Pad(128, 48, 0, 0, (0, 0, 0, 255)), RoundCorners((8, 8, 8, 8)), Blur(0.5)
    )
    image = shown(target)
    assert image.size == (128, 48)
    assert corners_of(image.crop((0, 0, 64, 48))) == ["green", "red", "yellow", "blue"]
    assert image.getpixel((100, 24))[3] > 250  # type: ignore[index]
    assert image.getpixel((127, 0))[3] < 30  # type: ignore[index]


def test_a_plan_without_operations_converts(tmp_path: Path) -> None:
    """An extension alone: photo.jpg asked for as photo.webp."""
    result = painted(DOGS, tmp_path / "result.webp", output=Output("webp", 50))
    assert (result.width, result.height) == (1065, 1600)


def test_a_turned_result_tells_its_real_size(tmp_path: Path) -> None:
    """Rounding of a bounding box is the painter's; what is stored must be the truth."""
    source = saved(Image.new("RGB", (640, 427)), tmp_path / "source.png")
    result = painted(source, tmp_path / "result.png", Rotate(20))
    assert (result.width, result.height) == (748, 621) == shown(tmp_path / "result.png").size


@pytest.mark.parametrize("kind", ["jpg", "png", "gif"])
def test_a_source_cut_short_is_refused_and_leaves_no_file(tmp_path: Path, kind: str) -> None:
    """Half a picture, grey below, must never be cached as if it were one."""
    with Image.open(ASTRONAUT) as image:
        whole = saved(image, tmp_path / f"whole.{kind}")
    source = cut_short(whole, tmp_path / f"cut.{kind}")
    with pytest.raises(InvalidImage) as refused:
        painted(source, tmp_path / "result.webp", Resample((0, 0, 512, 512), 50, 50))
    assert refused.value.public == "Invalid image file"
    assert not (tmp_path / "result.webp").exists()


def test_a_huge_result_is_refused_before_it_is_painted(tmp_path: Path) -> None:
    """From a small source, an enlargement of 400 megapixels."""
    with pytest.raises(TooManyPixels, match="Requested 81 Megapixels"):
        painted(ASTRONAUT, tmp_path / "result.jpg", Resample((0, 0, 512, 512), 9000, 9000))
    with pytest.raises(TooManyPixels):
        painted(ASTRONAUT, tmp_path / "result.jpg", Flip(True), Resample((0, 0, 512, 512), 9000, 9000))
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_refused_before_decoding(tmp_path: Path) -> None:
    """The cheapest check first; and no empty file stays."""
    with pytest.raises(UnsupportedFormat):
        painted(ASTRONAUT, tmp_path / "result.psd")
    assert not list(tmp_path.iterdir())


def test_a_plan_for_another_picture_is_our_own_mistake(tmp_path: Path) -> None:
    """Facts and file disagree: better no picture than a wrong cut."""
    plan = Plan(True, (Resample((0, 0, 99, 99), 9, 9),), Output("png"), 9, 9)
    with pytest.raises(RenderFailed, match="planned for"):
        paint(plan, str(ASTRONAUT), SourceFacts(99, 99, "jpg"), str(tmp_path / "result.png"), LIMITS)


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    """Result names are unique; if one is not, somebody may be reading it."""
    target = tmp_path / "result.png"
    target.write_text("somebody's")
    with pytest.raises(FileExistsError):
        painted(ASTRONAUT, target)
    assert target.read_text() == "somebody's"


@pytest.mark.parametrize(
    ("others", "options", "is_kept"),
    [
        (("jpg",), {"optimize": True}, True),
        (("jpg",), {"compress_level": 0}, False),
        (("jpg",), {"optimize": True, "pnginfo": described(Author="Ann")}, False),
    ],
)
def test_nothing_is_written_anew_to_become_larger(
    tmp_path: Path, others: tuple[str, ...], options: dict[str, Any], is_kept: bool
) -> None:
    """Unless there is metadata to strip."""
    image = quartered(300, 200).convert("RGBA")
    image.putpixel((0, 0), (0, 0, 0, 0))
    if is_kept:
        image = image.quantize(8)
    source = saved(image, tmp_path / "source.png", **options)
    facts, target = probe(str(source), LIMITS), tmp_path / "target"
    plan = Plan(True, (), Output("png", 100, None, others=others), 300, 200, keeps_smaller=True)
    result = paint(plan, str(source), facts, str(target), LIMITS)
    assert (target.read_bytes() == source.read_bytes()) is is_kept
    assert (result.format, result.width, result.height) == ("png", 300, 200)
    assert result.size == target.stat().st_size
    assert result.md5 == hashlib.md5(target.read_bytes(), usedforsecurity=False).hexdigest()
