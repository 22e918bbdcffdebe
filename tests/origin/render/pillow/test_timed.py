"""Effects that differ from frame to frame, from chain to file."""

from pathlib import Path

import pytest
from PIL import Image, ImageStat

from origin.render.limits import RenderLimits
from origin.render.pillow.painting import paint
from origin.render.pillow.probing import probe
from origin.transform.parse import parse_chain
from origin.transform.resolve import plan
from tests.support.golden import assert_golden
from tests.support.images import ASTRONAUT, PAN_GIF

LIMITS = RenderLimits()


def rendered(chain: str, source: Path, target: Path) -> Path:
    facts = probe(str(source), LIMITS)
    made = plan(parse_chain(chain), facts, extension=target.suffix[1:])
    paint(made, str(source), facts, str(target), LIMITS)
    return target


def frames_of(path: Path) -> list[Image.Image]:
    frames = []
    with Image.open(path) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(image.convert("RGB"))
    return frames


def light(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L")).mean[0]


@pytest.mark.parametrize(("chain", "dark", "bright"), [("e_fade:800", 0, -1), ("e_fade:-800", -1, 0)])
def test_an_animation_fades_in_or_out(chain: str, dark: int, bright: int, tmp_path: Path) -> None:
    """In 800 of its 1600 milliseconds; the other half is as it was."""
    faded = frames_of(rendered(f"c_fill,h_30,w_40/{chain}", PAN_GIF, tmp_path / "faded.gif"))
    plain = frames_of(rendered("c_fill,h_30,w_40", PAN_GIF, tmp_path / "plain.gif"))
    assert len(faded) == len(plain) == 20
    assert light(faded[dark]) < 0.2 * light(plain[dark])
    assert light(faded[bright]) == pytest.approx(light(plain[bright]), rel=0.05)
    shares = [light(one) / light(other) for one, other in zip(faded, plain, strict=True)]
    assert shares == pytest.approx(sorted(shares, reverse=dark == -1), abs=0.08)


def test_a_still_has_nothing_to_fade(tmp_path: Path) -> None:
    """Its only frame would be black."""
    assert light(frames_of(rendered("w_40/e_fade", ASTRONAUT, tmp_path / "still.png"))[0]) > 50


@pytest.mark.parametrize("chain", ["", "fl_awebp,f_webp/"])
def test_a_still_becomes_a_journey(chain: str, tmp_path: Path) -> None:
    """From the whole to twice as near, in the format's own times."""
    suffix = "webp" if chain else "gif"
    path = rendered(
        f"{chain}c_scale,w_120/e_zoompan:du_1;fps_5;to_(zoom_3;x_0.42;y_0.2)",
        ASTRONAUT,
        tmp_path / f"to.{suffix}",
    )
    frames = frames_of(path)
    assert len(frames) == 5
    strip = Image.new("RGB", (120 * 5, 120))
    for number, frame in enumerate(frames):
        assert frame.size == (120, 120)
        strip.paste(frame, (120 * number, 0))
    assert_golden(f"zoompan-{suffix}", strip)
    with Image.open(path) as moving:
        moving.load()  # WebP tells its times no sooner
        assert (moving.info["loop"], moving.info["duration"]) == (0, 200)


def test_in_a_format_that_stands_still_it_is_the_first_view(tmp_path: Path) -> None:
    chain = "c_scale,w_60/e_zoompan:from_(zoom_2)"
    (frame,) = frames_of(rendered(chain, ASTRONAUT, tmp_path / "to.png"))
    assert_golden("zoompan-still", frame)
