"""Results in the colours of a stored ICC profile (transformations.md §7.3, `cs_icc:`)."""

import re
from pathlib import Path

import pytest
from PIL import Image

from origin.render.errors import InvalidProfile
from origin.render.limits import RenderLimits
from origin.render.pillow.painting import paint
from origin.render.pillow.probing import probe
from origin.transform.parse import parse_chain
from origin.transform.plan import Plan, SourceFacts
from origin.transform.references import Referenced
from origin.transform.resolve import plan
from tests.support import profiles
from tests.support.gathering import with_all
from tests.support.images import BRUSHES, FIG_CMYK, PAN_GIF, quartered, saved

LIMITS = RenderLimits()
TABLE = SourceFacts(0, 0, "raw")


def painted(chain: str, source: Path, profile: bytes, folder: Path) -> Image.Image:
    """The picture that leaves."""
    (folder / "stored.icc").write_bytes(profile)
    facts = probe(str(source), LIMITS)
    made = with_all(
        lambda gathered: plan(parse_chain(f"{chain},cs_icc:press:stored.icc"), facts, gathered=gathered),
        image=lambda _: Referenced(TABLE, "profile/1"),
    )
    target = folder / "made"
    target.unlink(missing_ok=True)
    again = Plan.from_json(made.to_json())  # as it reaches a worker
    paint(again, str(source), facts, str(target), LIMITS, [str(folder / "stored.icc")])
    return Image.open(target)


def adobe() -> bytes:
    """The profile of a photograph."""
    with Image.open(BRUSHES) as image:
        found: bytes = image.info["icc_profile"]
    return found


@pytest.mark.parametrize("name", ["jpg", "png", "webp", "avif", "tif"])
def test_pixels_and_profile_leave_together(name: str, tmp_path: Path) -> None:
    """Saturated green takes lower numbers in a wider space, and the file says which."""
    source = saved(quartered(), tmp_path / "quartered.png")
    image = painted(f"w_64,f_{name},q_100", source, adobe(), tmp_path)
    assert image.info["icc_profile"] == adobe()
    red, green, blue = image.convert("RGB").getpixel((48, 8))  # type: ignore[misc]
    assert (red, green, blue) == pytest.approx((114, 199, 52), abs=8)  # (20, 200, 20) in Adobe RGB


def test_what_came_in_these_colours_leaves_as_it_was(tmp_path: Path) -> None:
    """There and back again: within what eight bits lose on the way."""
    with Image.open(BRUSHES) as image:
        before = image.convert("RGB").resize((64, 64), Image.Resampling.BOX)
    after = painted("w_64,h_64,f_png,q_100", BRUSHES, adobe(), tmp_path).convert("RGB")
    before_mean, after_mean = (
        each.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) for each in (before, after)
    )
    assert after_mean == pytest.approx(before_mean, abs=4)


def test_ink_is_mixed_by_the_press_it_is_for(tmp_path: Path) -> None:
    """Black alone, where a plain complement mixes three inks; transparency is flattened first."""
    clear = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (20, 0, 40, 20))
    source = saved(clear, tmp_path / "clear.png")
    image = painted("w_40,f_tif,b_white", source, profiles.press(), tmp_path)
    assert image.mode == "CMYK"
    assert image.info["icc_profile"] == profiles.press()
    assert (image.getpixel((5, 5)), image.getpixel((35, 5))) == ((0, 0, 0, 0), (0, 0, 0, 255))
    assert painted("w_40,f_auto", source, profiles.press(), tmp_path).mode == "CMYK"  # only jpg can hold it
    assert painted("w_40,f_jpg", FIG_CMYK, profiles.press(), tmp_path).mode == "CMYK"


def test_what_lies_under_transparency_is_of_the_same_colours(tmp_path: Path) -> None:
    """The background is converted too."""
    source = saved(Image.new("RGBA", (40, 20), (0, 0, 0, 0)), tmp_path / "clear.png")
    image = painted("w_40,f_jpg,q_100", source, profiles.grey(1.0), tmp_path)
    assert (image.mode, image.getpixel((5, 5))) == ("L", 255)
    flat = painted("w_40,f_jpg,q_100,b_rgb:14c814", source, adobe(), tmp_path)
    assert flat.getpixel((5, 5)) == pytest.approx((114, 199, 52), abs=8)


def test_grey_follows_its_curve(tmp_path: Path) -> None:
    """Of gamma 1: half the numbers of sRGB are far less than half the light."""
    source = saved(Image.new("RGB", (40, 20), (128, 128, 128)), tmp_path / "grey.png")
    image = painted("w_40,f_tif", source, profiles.grey(1.0), tmp_path)
    assert (image.mode, image.getpixel((5, 5))) == ("L", 55)


def test_a_stripped_profile_leaves_its_colours(tmp_path: Path) -> None:
    """fl_strip_profile: the file says nothing."""
    source = saved(quartered(), tmp_path / "quartered.png")
    image = painted("w_64,f_png,fl_strip_profile", source, adobe(), tmp_path)
    assert "icc_profile" not in image.info
    assert image.convert("RGB").getpixel((48, 8)) == pytest.approx((114, 199, 52), abs=3)


def test_frames_of_an_animation_are_converted_too(tmp_path: Path) -> None:
    """Every one."""
    image = painted("w_40,f_webp,fl_awebp", PAN_GIF, adobe(), tmp_path)
    assert image.n_frames > 1  # type: ignore[attr-defined]
    assert image.info["icc_profile"] == adobe()


@pytest.mark.parametrize(
    ("profile", "to", "sentence"),
    [
        (b"no profile at all", "jpg", "press/stored.icc is no ICC colour profile"),
        (b"", "jpg", "press/stored.icc is no ICC colour profile"),
        (profiles.press()[:300], "jpg", "The colour profile press/stored.icc tells no way into its colours"),
        (profiles.lab(), "jpg", "The colour profile press/stored.icc is of Lab: only RGB, GRAY and CMYK"),
        (profiles.press(), "png", "The colour profile press/stored.icc is of CMYK, which png cannot hold"),
        (profiles.grey(), "webp", "The colour profile press/stored.icc is of GRAY, which webp cannot hold"),
    ],
)
def test_what_cannot_be_followed_is_refused(profile: bytes, to: str, sentence: str, tmp_path: Path) -> None:
    """With the name of the file."""
    source = saved(quartered(), tmp_path / "quartered.png")
    with pytest.raises(InvalidProfile) as refused:
        painted(f"w_64,f_{to}", source, profile, tmp_path)
    assert re.match(sentence, refused.value.public)
    assert not (tmp_path / "made").exists()
