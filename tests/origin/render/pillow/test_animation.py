from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageSequence, ImageStat

from origin.render.errors import TooManyPixels
from origin.render.limits import RenderLimits
from origin.render.pillow import avifs
from origin.render.pillow.animation import ticks
from origin.render.pillow.painting import Painted, paint
from origin.render.pillow.probing import probe
from origin.transform.params.finish import Finish
from origin.transform.plan import Flip, Operation, Output, Plan, Resample, RoundCorners
from tests.support.containers import FOREVER, Told, dates_of, told
from tests.support.golden import on_grey
from tests.support.images import PAN_GIF, corners_of, quartered

MOVING = ("gif", "webp", "png", "avif")
WHOLE = Resample((0, 0, 64, 48), 32, 24)
TURNS = [
    ["red", "green", "blue", "yellow"],
    ["green", "red", "yellow", "blue"],
    ["blue", "yellow", "red", "green"],
]


def moving(path: Path, *, rounds: int = FOREVER, alpha: bool = False) -> Path:
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
    return animated(path, frames, [50, 70, 90], rounds)


def animated(path: Path, frames: list[Image.Image], milliseconds: list[int], rounds: int) -> Path:
    """A file of these frames, as any other program might have written it."""
    kind = path.suffix[1:]
    faithful = {
        "gif": ("disposal", 2),
        "webp": ("lossless", True),
        "avif": ("quality", 95),
        "png": ("blend", 0),
    }
    options: dict[str, Any] = dict([faithful[kind]])
    if kind != "gif":
        options |= {"loop": rounds}
    elif rounds != 1:
        options |= {"loop": max(0, rounds - 1)}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=milliseconds, **options)
    if kind == "avif":
        path.write_bytes(avifs.told(path.read_bytes(), rounds))
    return path


def walking(path: Path) -> Path:
    """A disc with soft edges that walks over nothing."""
    frames = []
    for step in range(5):
        frame = Image.new("RGBA", (128, 96), (0, 0, 0, 0))
        ImageDraw.Draw(frame).ellipse((step * 16, 10, step * 16 + 50, 80), (200, 40 * step, 40, 255))
        frames.append(frame.reduce(2))
    return animated(path, frames, [50] * 5, FOREVER)


def timeline(path: Path) -> list[Image.Image]:
    with Image.open(path) as image:
        return [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]


def cut_out_hard(frame: Image.Image) -> Image.Image:
    frame = frame.copy()
    frame.putalpha(frame.getchannel("A").point(lambda alpha: 255 if alpha >= 128 else 0))
    return frame


def painted(
    source: Path,
    target: Path,
    *operations: Operation,
    limits: RenderLimits | None = None,
    quality: int | None = 95,
    **output: Any,
) -> Painted:
    limits = limits or RenderLimits()
    plan = Plan(True, operations, Output(target.suffix[1:], quality, **output), 32, 24)
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
@pytest.mark.parametrize("to", MOVING)
@pytest.mark.parametrize("source", MOVING)
def test_an_animation_keeps_its_frames_and_their_times(
    tmp_path: Path, source: str, to: str, alpha: bool
) -> None:
    """From and to every format that moves; the file's own blocks say what its decoder does."""
    target = tmp_path / f"result.{to}"
    result = painted(moving(tmp_path / f"source.{source}", alpha=alpha), target, WHOLE, animated=True)
    assert (result.width, result.height) == (32, 24)
    assert frames_of(target) == (TURNS, [50, 70, 90])
    assert told(target.read_bytes()) == Told((50, 70, 90), FOREVER)


@pytest.mark.parametrize("to", MOVING)
@pytest.mark.parametrize("source", MOVING)
def test_every_frame_looks_as_it_did(tmp_path: Path, source: str, to: str) -> None:
    """A shape that moves over nothing: what it leaves behind must be cleared, half-transparent edges kept."""
    before, after = tmp_path / f"source.{source}", tmp_path / f"result.{to}"
    walking(before)
    painted(before, after, animated=True, quality=100)
    for one, other in zip(timeline(before), timeline(after), strict=True):
        shown, expected = on_grey(other), on_grey(cut_out_hard(one) if to == "gif" else one)
        assert max(ImageStat.Stat(ImageChops.difference(shown, expected)).mean) < 2


def test_times_that_hundredths_cannot_tell_add_up(tmp_path: Path) -> None:
    """30 frames a second stay one second long in a GIF."""
    assert ticks([33, 33, 34] * 10) == [30, 40, 30] * 10
    assert sum(ticks([16, 17, 17] * 20)) == 1000
    assert ticks([1, 2, 900_000]) == [10, 10, 655_350]
    assert ticks([50, 70, 90]) == [50, 70, 90]


@pytest.mark.parametrize("rounds", [FOREVER, 1, 2, 7])
@pytest.mark.parametrize("to", MOVING)
@pytest.mark.parametrize("source", MOVING)
def test_an_animation_plays_as_often_as_before(tmp_path: Path, source: str, to: str, rounds: int) -> None:
    """GIF counts the rounds after the first, PNG and WebP all of them, AVIF by the length of its track."""
    before, after = tmp_path / f"source.{source}", tmp_path / f"result.{to}"
    moving(before, rounds=rounds)
    assert told(before.read_bytes()).rounds == rounds
    painted(before, after, WHOLE, animated=True)
    assert told(after.read_bytes()).rounds == rounds


@pytest.mark.parametrize("to", MOVING)
def test_the_chain_may_set_the_times_and_the_rounds(tmp_path: Path, to: str) -> None:
    """dl_ and e_loop."""
    target = tmp_path / f"result.{to}"
    painted(moving(tmp_path / "source.gif"), target, WHOLE, animated=True, loop=3, finish=Finish(delay=120))
    assert told(target.read_bytes()) == Told((120, 120, 120), 3)


def test_frames_alike_are_shown_as_long(tmp_path: Path) -> None:
    """They may be stored as one, as long as all of them."""
    source = tmp_path / "source.png"
    frames = [quartered(64, 48)] * 3 + [quartered(64, 48).transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=[50, 60, 70, 80])
    for to in MOVING:
        target = tmp_path / f"result.{to}"
        painted(source, target, WHOLE, animated=True)
        seen, times = frames_of(target)
        assert (seen[0], seen[-1], sum(times), times[-1]) == (TURNS[0], TURNS[1], 260, 80)


def test_an_avif_is_undated(tmp_path: Path) -> None:
    """The same animation a second later must be the same file."""
    painted(moving(tmp_path / "source.gif"), tmp_path / "result.avif", WHOLE, animated=True)
    assert dates_of((tmp_path / "result.avif").read_bytes()) == {0}


def test_a_drawing_that_moves_stays_sharp_in_webp(tmp_path: Path) -> None:
    """Lossless is then the smaller way; with a number for quality it is not asked for."""
    source = moving(tmp_path / "source.gif")
    painted(source, tmp_path / "result.webp", animated=True, quality=None)
    painted(source, tmp_path / "lossy.webp", animated=True, quality=80)
    data = (tmp_path / "result.webp").read_bytes()
    assert b"VP8L" in data
    assert b"VP8 " in (tmp_path / "lossy.webp").read_bytes()
    for one, other in zip(timeline(source), timeline(tmp_path / "result.webp"), strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_lossy_gif_is_smaller_the_more_it_loses(tmp_path: Path) -> None:
    """fl_lossy, 80 if no number says otherwise; it stays recognisable."""
    sizes = []
    for quality in (100, None, 60, 20):
        target = tmp_path / f"{quality}.gif"
        painted(
            PAN_GIF,
            target,
            Resample((0, 0, 400, 225), 160, 90),
            quality=quality,
            finish=Finish(lossy=quality != 100),
        )
        sizes.append(target.stat().st_size)
        assert told(target.read_bytes()) == Told((80,) * 20, FOREVER)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0] * 0.7
    for one, other in zip(timeline(tmp_path / "100.gif"), timeline(tmp_path / "60.gif"), strict=True):
        assert max(ImageStat.Stat(ImageChops.difference(on_grey(one), on_grey(other))).mean) < 8


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


@pytest.mark.parametrize(
    ("finish", "times", "turns"),
    [
        (Finish(sampling="vs_2"), [105, 105], [0, 1]),
        (Finish(sampling="fps_8"), [125, 85], [0, 2]),
        (Finish(sampling="vs_2", delay=40), [40, 40], [0, 1]),
        (Finish(sampling="fps_60"), [50, 70, 90], [0, 1, 2]),
    ],
)
def test_frames_are_left_out(tmp_path: Path, finish: Finish, times: list[int], turns: list[int]) -> None:
    source, target = moving(tmp_path / "source.png"), tmp_path / "target.png"
    output = Output("png", 100, None, animated=True, finish=finish)
    plan = Plan(True, (WHOLE,), output, 32, 24)
    paint(plan, str(source), probe(str(source), RenderLimits()), str(target), RenderLimits())
    assert [corners_of(frame.convert("RGB")) for frame in timeline(target)] == [TURNS[at] for at in turns]
    with Image.open(target) as image:
        assert [frame.info["duration"] for frame in ImageSequence.Iterator(image)] == times


@pytest.mark.parametrize("to", MOVING)
def test_more_rounds_than_can_be_counted_are_no_end_of_them(tmp_path: Path, to: str) -> None:
    """`e_loop:65535` is one round more than GIF and WebP can hold, and APNG's own count holds far more."""
    source = moving(tmp_path / "source.png", rounds=100_000)
    for name, loop, rounds in (("own", None, FOREVER), ("more", 65_536, FOREVER), ("most", 65_535, 65_535)):
        target = tmp_path / f"{name}.{to}"
        painted(source, target, WHOLE, animated=True, loop=loop)
        assert told(target.read_bytes()).rounds == rounds, name
