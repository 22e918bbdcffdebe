from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from origin.render.errors import TooManyPixels
from origin.render.limits import RenderLimits
from origin.render.pillow.painting import Painted, paint
from origin.render.pillow.probing import probe
from origin.transform.plan import Flip, Operation, Output, Plan, Resample, RoundCorners
from tests.support.images import PAN_GIF, corners_of, quartered

WHOLE = Resample((0, 0, 64, 48), 32, 24)
TURNS = [
    ["red", "green", "blue", "yellow"],
    ["green", "red", "yellow", "blue"],
    ["blue", "yellow", "red", "green"],
]


def moving(path: Path, *, loop: int | None = 0, alpha: bool = False) -> Path:
    """Three frames one can tell apart, shown for 50, 70 and 90 ms."""
    picture = quartered(64, 48)
    frames = [
        picture,
        picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    ]
    if alpha:
        frames = [frame.convert("RGBA") for frame in frames]
        for frame in frames:
            frame.paste((0, 0, 0, 0), (28, 20, 36, 28))
    options: dict[str, Any] = {} if loop is None else {"loop": loop}
    lossless: dict[str, Any] = (
        {"lossless": True} if path.suffix == ".webp" else {"disposal": 2} if alpha else {}
    )
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=[50, 70, 90], **options, **lossless
    )
    return path


def painted(
    source: Path,
    target: Path,
    *operations: Operation,
    animated: bool = False,
    limits: RenderLimits | None = None,
) -> Painted:
    limits = limits or RenderLimits()
    plan = Plan(True, operations, Output(target.suffix[1:], 95, animated=animated), 32, 24)
    return paint(plan, str(source), probe(str(source), RenderLimits()), str(target), limits)


def frames_of(path: Path) -> tuple[list[list[str]], list[int]]:
    with Image.open(path) as image:
        seen, times = [], []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()
            seen.append(corners_of(image))
            times.append(int(image.info.get("duration", 0)))
        return seen, times


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("to", ["gif", "webp"])
@pytest.mark.parametrize("source", ["gif", "webp"])
def test_an_animation_keeps_its_frames_and_their_times(
    tmp_path: Path, source: str, to: str, alpha: bool
) -> None:
    """From and to both formats that move."""
    target = tmp_path / f"result.{to}"
    result = painted(moving(tmp_path / f"source.{source}", alpha=alpha), target, WHOLE, animated=True)
    assert (result.width, result.height) == (32, 24)
    assert frames_of(target) == (TURNS, [50, 70, 90])


def test_every_operation_is_done_to_every_frame(tmp_path: Path) -> None:
    """A flip of the first frame alone would flicker; transparent corners stay so in each."""
    target = tmp_path / "result.gif"
    painted(moving(tmp_path / "source.gif"), target, Flip(True), RoundCorners((12, 12, 12, 12)))
    assert frames_of(target)[0] == [TURNS[1], TURNS[0], ["yellow", "blue", "green", "red"]]
    with Image.open(target) as image:
        for number in range(3):
            image.seek(number)
            corner = image.convert("RGBA").getpixel((0, 0))
            assert isinstance(corner, tuple)
            assert corner[3] == 0


@pytest.mark.parametrize("to", ["jpg", "png", "webp", "avif"])
def test_other_formats_take_the_first_frame(tmp_path: Path, to: str) -> None:
    """WebP too, unless animation was asked for (fl_awebp)."""
    target = tmp_path / f"result.{to}"
    painted(moving(tmp_path / "source.gif"), target, WHOLE)
    assert frames_of(target)[0] == TURNS[:1]


@pytest.mark.parametrize(("loop", "expected"), [(0, 0), (3, 3), (None, None)])
def test_a_gif_loops_as_often_as_before(tmp_path: Path, loop: int | None, expected: int | None) -> None:
    """0 is for ever; a GIF that does not say plays once."""
    target = tmp_path / "result.gif"
    painted(moving(tmp_path / "source.gif", loop=loop), target, WHOLE)
    with Image.open(target) as image:
        assert image.info.get("loop") == expected


def test_a_still_gif_stays_still(tmp_path: Path) -> None:
    """One frame is no animation."""
    quartered(64, 48).save(tmp_path / "source.gif")
    target = tmp_path / "result.gif"
    painted(tmp_path / "source.gif", target, WHOLE)
    assert frames_of(target)[0] == TURNS[:1]


def test_a_photographic_animation_keeps_all_its_frames(tmp_path: Path) -> None:
    """Real frames: palettes per frame, partial updates."""
    target = tmp_path / "result.webp"
    painted(PAN_GIF, target, Resample((50, 0, 350, 225), 200, 150), animated=True)
    with Image.open(target) as image:
        assert (image.size, image.n_frames, image.info["loop"]) == ((200, 150), 20, 0)  # type: ignore[attr-defined]
    assert target.stat().st_size < PAN_GIF.stat().st_size / 2


def test_an_animation_is_measured_as_a_whole_before_it_is_painted(tmp_path: Path) -> None:
    """Three frames of nine megapixels are 27."""
    limits = RenderLimits(frames_megapixels=20)
    with pytest.raises(TooManyPixels, match=r"all frames/pages is 20 Megapixels\. Requested 27 Megapixels"):
        painted(
            moving(tmp_path / "source.gif"),
            tmp_path / "r.gif",
            Resample((0, 0, 64, 48), 3000, 3000),
            limits=limits,
        )
