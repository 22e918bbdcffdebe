"""What is told of whole files: figures of the photographs kept beside the tests, and of pictures made here."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from origin.render import faces
from origin.render.errors import InvalidImage, MissingExtra
from origin.render.limits import RenderLimits
from origin.render.pillow import seeing
from origin.render.pillow.analysing import analyse
from tests.support.images import (
    ASTRONAUT,
    BRUSHES,
    DOGS,
    FIG_CMYK,
    PAN_GIF,
    logo,
    oriented,
    quartered,
    saved,
)

LIMITS = RenderLimits()
needs_detector = pytest.mark.skipif(faces.name() == "none", reason="pixeledge[faces] is not installed")


def analysed(path: Path, *names: str) -> dict[str, Any]:
    return analyse(str(path), LIMITS, names)


@pytest.mark.parametrize(
    ("path", "phash", "predominant"),
    [
        (ASTRONAUT, "c2924c5532bddfc8", "gray"),
        (BRUSHES, "94cb4a64d983e5f8", "blue"),
        (DOGS, "bcb8cc466c983373", "gray"),
        (FIG_CMYK, "fab4a5f18446934e", "gray"),
        (PAN_GIF, "8f90b861b8b3e2e3", "orange"),
    ],
    ids=lambda value: getattr(value, "stem", None),
)
def test_photographs(path: Path, phash: str, predominant: str) -> None:
    """Their fingerprints within the bits that another codec's rounding may turn."""
    found = analysed(path, "phash", "colors")
    assert (int(found["phash"], 16) ^ int(phash, 16)).bit_count() <= 2
    assert found["predominant"]["google"][0][0] == predominant
    assert (found["illustration_score"], found["semi_transparent"], found["grayscale"]) == (0.0, False, False)


def test_colours_are_those_of_the_picture_as_it_is_shown(tmp_path: Path) -> None:
    """Its profile applied: Adobe RGB's green is another than sRGB's."""
    shown = dict(analysed(BRUSHES, "colors")["colors"])
    with Image.open(BRUSHES) as image:
        image.info.pop("icc_profile")
        ignored = saved(image.convert("RGB"), tmp_path / "ignored.png")
    assert shown != dict(analysed(ignored, "colors")["colors"])


def test_a_turned_picture_has_the_fingerprint_of_the_upright_one(tmp_path: Path) -> None:
    upright = quartered(240, 160)
    ImageDraw.Draw(upright).ellipse((20, 10, 90, 120), fill=(255, 255, 255))
    straight, turned = saved(upright, tmp_path / "a.png"), oriented(tmp_path / "b.jpg", 6, upright)
    prints = [int(analysed(each, "phash")["phash"], 16) for each in (straight, turned)]
    assert (prints[0] ^ prints[1]).bit_count() <= 2


def test_what_is_told_with_any_of_them(tmp_path: Path) -> None:
    """A drawing with soft edges, a grey one, and nothing else that was not asked for."""
    drawn = analysed(saved(logo(), tmp_path / "logo.png"), "phash")
    assert drawn["illustration_score"] > 0.8
    assert set(drawn) == {"phash", "illustration_score", "semi_transparent", "grayscale"}
    grey = saved(Image.open(ASTRONAUT).convert("L").convert("RGB"), tmp_path / "grey.jpg")
    assert analysed(grey, "phash")["grayscale"] is True
    glass = saved(Image.new("RGBA", (20, 20), (1, 2, 3, 100)), tmp_path / "glass.png")
    assert analysed(glass, "phash")["semi_transparent"] is True
    hole = Image.new("RGBA", (20, 20), (1, 2, 3, 255))
    hole.paste((0, 0, 0, 0), (5, 5, 9, 9))
    assert analysed(saved(hole, tmp_path / "hole.png"), "phash")["semi_transparent"] is False


@needs_detector
def test_faces() -> None:
    seeing._detector.cache_clear()
    (face,) = analysed(ASTRONAUT, "faces")["faces"]
    assert face == pytest.approx([175, 66, 98, 98], abs=12)
    assert analysed(BRUSHES, "faces")["faces"] == []


def test_without_a_detector_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "find_spec", lambda name: None)
    seeing._detector.cache_clear()
    with pytest.raises(MissingExtra, match=r"^Finding faces is not supported without pixeledge\[faces\]$"):
        analysed(ASTRONAUT, "faces")
    seeing._detector.cache_clear()


class TestCinemagraph:
    """How much of an animation stands still."""

    def score(self, path: Path) -> float:
        figure: float = analysed(path, "cinemagraph_analysis")["cinemagraph_analysis"]["cinemagraph_score"]
        return figure

    def test_a_still_has_none(self) -> None:
        assert self.score(ASTRONAUT) == 0.0

    def test_a_camera_that_pans(self) -> None:
        assert self.score(PAN_GIF) < 0.2

    def test_a_photograph_in_which_little_moves(self, tmp_path: Path) -> None:
        frames = [quartered() for _ in range(20)]
        for number, frame in enumerate(frames):
            ImageDraw.Draw(frame).rectangle((2 * number, 20, 2 * number + 8, 26), fill=(255, 255, 255))
        path = tmp_path / "little.gif"
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=50)
        assert 0.7 < self.score(path) < 1

    def test_an_animation_in_which_nothing_does(self, tmp_path: Path) -> None:
        path = tmp_path / "nothing.webp"
        quartered().save(path, save_all=True, append_images=[quartered().copy()], duration=[50, 60])
        assert self.score(path) == 0.0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_picture_is_analysed(tmp_path: Path, mode: str) -> None:
    names = ("colors", "phash", "quality_analysis", "accessibility_analysis", "image_metadata")
    image = (
        quartered().convert("L").convert("I").convert(mode) if mode == "I;16" else quartered().convert(mode)
    )
    found = analysed(saved(image, tmp_path / "kind.png"), *names)
    assert set(names) <= set(found)
    assert found["image_metadata"]["Colorspace"] == ("RGB" if mode in ("P", "RGB", "RGBA") else "Gray")


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rubbish.jpg"
    path.write_bytes(b"rubbish" * 100)
    with pytest.raises(InvalidImage):
        analysed(path, "colors")
