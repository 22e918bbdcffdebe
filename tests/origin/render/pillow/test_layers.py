"""Layers within a whole render: from chain to file."""

from pathlib import Path

import pytest
from PIL import Image, features

from origin.render.errors import InvalidImage, RenderFailed
from origin.render.limits import RenderLimits
from origin.render.pillow import lettering
from origin.render.pillow.fonts import installed
from origin.render.pillow.painting import paint
from origin.render.pillow.probing import probe
from origin.transform.parse import parse_chain
from origin.transform.references import Gathered, Reference, Referenced
from origin.transform.resolve import plan
from tests.support.gathering import with_all
from tests.support.golden import assert_golden
from tests.support.images import ASTRONAUT, PAN_GIF, RED, corners_of, quartered, saved

LIMITS = RenderLimits()
needs_dejavu = pytest.mark.skipif(
    "dejavu sans" not in installed().families, reason="DejaVu Sans is not installed (fonts-dejavu-core)"
)


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    """A translucent square in a clear frame."""
    mark = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    mark.paste((255, 255, 255, 160), (10, 10, 70, 70))
    return saved(mark, tmp_path / "logo.png")


def rendered(chain: str, source: Path, target: Path, **layers: Path) -> Path:
    """The chain painted; layers by their public ids."""
    parsed, facts = parse_chain(chain), probe(str(source), LIMITS)
    made = with_all(
        lambda gathered: plan(parsed, facts, extension=target.suffix[1:], gathered=gathered),
        image=lambda reference: Referenced(probe(str(layers[reference.public_id]), LIMITS), "1"),
        words=lambda text: lettering.measure(text, LIMITS),
    )
    inputs = [str(layers[each.public_id]) for each in made.inputs]
    done = paint(made, str(source), facts, str(target), LIMITS, inputs)
    assert (done.width, done.height) == (made.width, made.height)
    return target


def shown(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGBA")


def test_a_layer_is_worked_on_before_it_is_laid(tmp_path: Path) -> None:
    """Resized, turned, and only then placed."""
    flag = saved(quartered(), tmp_path / "flag.png")
    base = saved(Image.new("RGB", (200, 100), (0, 0, 0)), tmp_path / "base.png")
    chain = "l_flag/c_scale,w_32/a_180/fl_layer_apply,g_south_east"
    result = shown(rendered(chain, base, tmp_path / "to.png", flag=flag))
    assert corners_of(result.crop((168, 76, 200, 100))) == ["yellow", "blue", "green", "red"]
    assert result.getpixel((167, 99)) == (0, 0, 0, 255)


def test_every_frame_of_an_animation_wears_the_layer(tmp_path: Path, logo: Path) -> None:
    """Painted once, laid on each."""
    flag = saved(Image.new("RGB", (40, 40), RED), tmp_path / "flag.png")
    path = rendered("c_scale,w_200/l_flag,g_north_west", PAN_GIF, tmp_path / "to.gif", flag=flag)
    with Image.open(path) as moving:
        assert moving.n_frames == 20  # type: ignore[attr-defined]
        for number in (0, 10, 19):
            moving.seek(number)
            pixel = moving.convert("RGB").getpixel((20, 20))
            assert isinstance(pixel, tuple)
            assert max(abs(one - other) for one, other in zip(pixel, RED, strict=True)) < 40


def test_a_layer_that_is_no_image_is_refused_as_such(tmp_path: Path) -> None:
    """Its file was damaged after it was looked at."""
    flag = saved(quartered(), tmp_path / "flag.png")
    facts = probe(str(flag), LIMITS)
    gathered = Gathered({Reference("upload", "flag"): Referenced(facts, "1")})
    base = probe(str(ASTRONAUT), LIMITS)
    made = plan(parse_chain("l_flag"), base, gathered=gathered)
    flag.write_bytes(b"nothing")
    with pytest.raises(InvalidImage):
        paint(made, str(ASTRONAUT), base, str(tmp_path / "to.jpg"), LIMITS, [str(flag)])
    saved(quartered(10, 10), flag)
    with pytest.raises(RenderFailed, match="planned for"):
        paint(made, str(ASTRONAUT), base, str(tmp_path / "to.jpg"), LIMITS, [str(flag)])


SCENES = {
    "watermark": "c_scale,w_120/l_logo,fl_tiled,w_24",
    "multiply": "c_scale,w_120/l_face/c_fill,fl_relative,h_1.0,w_0.5/fl_layer_apply,e_multiply,g_west",
    "nested": "c_scale,w_120/l_face,w_80/l_logo,w_26/fl_layer_apply,g_south_east/r_max/fl_layer_apply,g_north_east",
    "cutter": "c_scale,w_120/l_logo/c_scale,w_110/r_max/fl_layer_apply,fl_cutter",
    "overflow": "c_scale,w_100/l_face,w_60,g_north_west,x_-24,y_-18",
}
HERO = (
    "c_fill,g_north,h_100,w_160/l_text:DejaVu%20Sans_18_bold:Hello%252C%20space,co_white/fl_layer_apply,"
    "g_south_west,x_10,y_12/l_logo,g_north_east,w_30,x_6,y_6"
)


@pytest.mark.parametrize("name", SCENES)
def test_scenes_look_as_they_did(name: str, tmp_path: Path, logo: Path) -> None:
    """Golden pictures, looked at by eye."""
    path = rendered(SCENES[name], ASTRONAUT, tmp_path / "to.png", logo=logo, face=ASTRONAUT)
    assert_golden(f"layer-{name}", shown(path))


@needs_dejavu
def test_a_hero_with_words_and_a_logo_looks_as_it_did(tmp_path: Path, logo: Path) -> None:
    """The commonest of all chains with layers."""
    assert_golden("layer-hero", shown(rendered(HERO, ASTRONAUT, tmp_path / "to.png", logo=logo)))


@needs_dejavu
@pytest.mark.skipif(not features.check("raqm"), reason="raqm is missing (libfribidi0)")  # it kerns
def test_words_cut_a_picture_out(tmp_path: Path) -> None:
    """fl_cutter with a text."""
    chain = "c_fill,h_50,w_150/l_text:DejaVu%20Sans_44_bold:SPACE/fl_layer_apply,fl_cutter"
    assert_golden("layer-words-cutter", shown(rendered(chain, ASTRONAUT, tmp_path / "to.png")))
