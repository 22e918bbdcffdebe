"""A look at a picture: faces where they are, and what matters where it is."""

import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from origin.render import faces
from origin.render.errors import InvalidImage
from origin.render.limits import RenderLimits
from origin.render.pillow import seeing
from origin.render.pillow.seeing import illustration, importance, see
from origin.transform.sight import Face, Sight
from tests.support.images import (
    ASTRONAUT,
    BRUSHES,
    DOGS,
    FIG_CMYK,
    PAN_GIF,
    logo,
    quartered,
    saved,
    screenshot,
)

LIMITS = RenderLimits()
needs_detector = pytest.mark.skipif(faces.name() == "none", reason="pixeledge[faces] is not installed")


@pytest.fixture
def without_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.setattr(faces, "find_spec", lambda name: None)
    seeing._detector.cache_clear()


@needs_detector
class TestFaces:
    """Found in a real portrait."""

    def test_a_portrait(self) -> None:
        """The face of the astronaut: about a hundred pixels a side, at (175, 66)."""
        seeing._detector.cache_clear()
        (face,) = see(str(ASTRONAUT), LIMITS).faces or ()
        assert face.box == pytest.approx((175, 66, 98, 98), abs=12)

    @pytest.mark.parametrize("orientation", [3, 6, 8])
    def test_places_are_those_of_the_upright_picture(self, tmp_path: Path, orientation: int) -> None:
        """Whatever way the pixels are stored."""
        seeing._detector.cache_clear()
        back = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = Image.open(ASTRONAUT).convert("RGB").resize((1024, 1024)).transpose(back[orientation])
        path = tmp_path / "turned.jpg"
        stored.save(path, exif=exif, quality=95)
        (face,) = see(str(path), LIMITS).faces or ()
        assert face.box == pytest.approx((350, 132, 196, 196), abs=24)

    def test_a_picture_without_faces(self) -> None:
        """Nothing is found in brushes, nor in an animation of dandelions."""
        assert see(str(BRUSHES), LIMITS).faces == ()
        assert see(str(PAN_GIF), LIMITS).faces == ()


def test_without_a_detector_nothing_is_said_of_faces(without_detector: None) -> None:
    """None is not "no faces". Everything else is seen."""
    sight = see(str(ASTRONAUT), LIMITS)
    assert faces.name() == "none"
    assert sight.faces is None
    assert Sight.from_json(sight.to_json()) == sight
    assert max(sight.importance.levels) > 0
    seeing._detector.cache_clear()


def test_the_grid_is_small_and_of_the_pictures_shape(tmp_path: Path) -> None:
    """64 cells along the longer side, at most."""
    seeing._detector.cache_clear()
    for size, cells in {(300, 200): (64, 43), (10, 40): (10, 40), (1, 1): (1, 1), (3000, 5): (64, 1)}.items():
        path = saved(Image.new("RGB", size, "green"), tmp_path / "x.png")
        grid = see(str(path), LIMITS).importance
        assert (grid.width, grid.height) == cells


def test_what_stands_out_matters_and_what_is_clear_does_not(tmp_path: Path) -> None:
    """A red disc on gray, and the same behind transparency."""
    canvas = Image.new("RGB", (200, 100), (120, 120, 120))
    ImageDraw.Draw(canvas).ellipse((130, 20, 190, 80), fill=(220, 30, 30))
    grid = importance(canvas)
    middle, left = grid.levels[16 * 64 + 51], grid.levels[16 * 64 + 10]
    assert middle > 3 * left
    alpha = Image.new("L", canvas.size, 255)
    alpha.paste(0, (100, 0, 200, 100))
    clear = importance(canvas, alpha)
    assert clear.levels[16 * 64 + 51] == 0
    canvas.putalpha(alpha)
    path = saved(canvas, tmp_path / "clear.png")
    assert see(str(path), LIMITS).importance.levels[16 * 64 + 51] == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_picture_is_seen(tmp_path: Path, mode: str) -> None:
    """Grey, paletted, deep."""
    path = saved(Image.new("L", (40, 30), 90).convert(mode), tmp_path / "x.png")
    assert see(str(path), LIMITS).importance.width == 40


def sketched() -> Image.Image:
    """Shapes with outlines on a plain ground."""
    canvas = Image.new("RGB", (600, 400), "skyblue")
    draw = ImageDraw.Draw(canvas)
    draw.ellipse((50, 50, 200, 200), fill="yellow", outline="black", width=5)
    draw.polygon([(300, 350), (400, 100), (500, 350)], fill="green", outline="black")
    return canvas


class TestIllustration:
    """Near 1 for what is drawn, near 0 for photographs (§8)."""

    @pytest.mark.parametrize("drawn", [sketched(), logo(), screenshot(), quartered()])
    def test_drawings(self, drawn: Image.Image, tmp_path: Path) -> None:
        assert see(str(saved(drawn, tmp_path / "x.png")), LIMITS).illustration > 0.9

    @pytest.mark.parametrize("quality", [40, 80])
    def test_a_compressed_drawing(self, quality: int, tmp_path: Path) -> None:
        path = saved(sketched(), tmp_path / "x.jpg", quality=quality)
        assert see(str(path), LIMITS).illustration > 0.9

    @pytest.mark.parametrize("photograph", [ASTRONAUT, BRUSHES, PAN_GIF, DOGS, FIG_CMYK])
    def test_photographs(self, photograph: Path) -> None:
        assert see(str(photograph), LIMITS).illustration < 0.1

    def test_only_what_can_be_seen_counts(self) -> None:
        """A photograph cut out of a plain ground stays one."""
        portrait = Image.open(ASTRONAUT).convert("RGB")
        ground = Image.new("RGB", (1500, 1500), "white")
        ground.paste(portrait, (500, 500))
        alpha = Image.new("L", ground.size, 0)
        alpha.paste(255, (500, 500, 1012, 1012))
        assert illustration(ground) > 0.9
        assert illustration(ground, alpha) < 0.1
        assert illustration(ground, Image.new("L", ground.size, 0)) == 0


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    """As everywhere."""
    path = tmp_path / "x.jpg"
    path.write_bytes(b"no picture")
    with pytest.raises(InvalidImage):
        see(str(path), LIMITS)


def test_a_sight_travels_as_json() -> None:
    """Landmarks too."""
    sight = Sight((Face((1, 2, 3, 4), ((5, 6), (7, 8))),), importance(Image.new("RGB", (9, 7), "red")), 0.5)
    assert Sight.from_json(sight.to_json()) == sight
    with pytest.raises(ValueError, match="levels for"):
        Sight.from_json({**sight.to_json(), "importance": {"width": 3, "height": 3, "levels": "AAAA"}})
