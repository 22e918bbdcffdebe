"""Layers within a whole render: from chain to file."""

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat, features

from origin.render.errors import InvalidImage, InvalidTable, RenderFailed, TextRefused
from origin.render.limits import RenderLimits
from origin.render.pillow import lettering
from origin.render.pillow.fonts import installed
from origin.render.pillow.painting import paint
from origin.render.pillow.probing import probe
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.references import Gathered, Reference, Referenced
from origin.transform.resolve import plan
from tests.support.gathering import with_all
from tests.support.golden import assert_golden
from tests.support.images import ASTRONAUT, PAN_GIF, RED, corners_of, quartered, saved, shown

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


@pytest.fixture
def ripple(tmp_path: Path) -> Path:
    """Waves in red and green."""
    wave = [round(128 + 100 * math.sin(place / 10)) for place in range(120)]
    across = Image.frombytes("L", (120, 1), bytes(wave)).resize((120, 120))
    map_ = Image.merge("RGB", (across.transpose(Image.Transpose.ROTATE_90), across, across))
    return saved(map_, tmp_path / "ripple.png")


WARM = "LUT_3D_SIZE 2\n" + "\n".join(
    f"{r} {g * 0.8} {b * 0.4}" for b in (0, 1) for g in (0, 1) for r in (0, 1)
)


@pytest.mark.parametrize(
    ("name", "text", "colour"),
    [
        ("warm.cube", WARM, (255, 204, 102)),
        ("warm.3dl", "0 4095\n" + "4095 2048 0\n" * 8, (255, 128, 0)),
        ("curve.cube", "LUT_1D_SIZE 3\n0 0 0\n0.5 0.5 0.5\n0.6 1 1\n", (153, 255, 255)),
        ("half.cube", "LUT_1D_SIZE 2\nDOMAIN_MAX 2 2 2\n0 0 0\n1 1 1\n", (128, 128, 128)),
    ],
)
def test_every_colour_is_looked_up_in_a_table(
    name: str, text: str, colour: tuple[int, int, int], tmp_path: Path
) -> None:
    """In either format; transparency stays."""
    table = tmp_path / name
    table.write_text(text)
    white = saved(Image.new("RGBA", (8, 8), (255, 255, 255, 90)), tmp_path / "white.png")
    stem = name.partition(".")[0]
    result = shown(rendered(f"l_lut:{name}/fl_layer_apply", white, tmp_path / "to.png", **{stem: table}))
    seen = result.getpixel((4, 4))
    assert isinstance(seen, tuple)
    assert seen[3] == 90
    assert max(abs(one - other) for one, other in zip(seen, colour, strict=False)) <= 1


@pytest.mark.parametrize(
    ("size", "said"), [(100, "is no colour table: "), (21 << 20, "is larger than 20 MB")]
)
def test_a_file_that_is_no_table_is_told(size: int, said: str, tmp_path: Path) -> None:
    """Whoever uploaded it learns what is wrong."""
    table = tmp_path / "not.cube"
    table.write_bytes(b"0" * size)
    with pytest.raises(InvalidTable, match=said):
        rendered("l_lut:not.cube/fl_layer_apply", ASTRONAUT, tmp_path / "to.png", **{"not": table})


@pytest.fixture
def font() -> Path:
    """Any font file there is."""
    faces = [face for faces in installed().families.values() for face in faces if face.path is not None]
    if not faces:
        pytest.skip("no font is installed (fonts-dejavu-core)")
    assert faces[0].path is not None
    return faces[0].path


def test_words_are_drawn_in_a_stored_font(tmp_path: Path, font: Path) -> None:
    """By the file's name, which may hold what no family's does."""
    stored = tmp_path / "My_Font.ttf"
    stored.write_bytes(font.read_bytes())
    chain = "c_fill,h_60,w_160/l_text:My_Font.ttf_30:Stored,co_rgb:ff0000"
    result = shown(rendered(chain, ASTRONAUT, tmp_path / "to.png", My_Font=stored)).convert("RGB")
    colours = {colour: count for count, colour in result.getcolors(20_000) or []}
    assert colours.get((255, 0, 0), 0) > 100


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    stored = tmp_path / "My.ttf"
    stored.write_bytes(b"no font at all")
    with pytest.raises(TextRefused) as refused:
        rendered("l_text:My.ttf_30:Hi", ASTRONAUT, tmp_path / "to.png", My=stored)
    assert refused.value.public == "Font My.ttf cannot be read as a font"


def test_a_kept_image_is_the_one_of_its_frame(tmp_path: Path) -> None:
    """Each frame of an animation keeps its own."""
    chain = "c_fill,h_40,w_80/$now_current/e_negate/l_$now"
    plain, kept = (
        rendered(text, PAN_GIF, tmp_path / f"{number}.gif")
        for number, text in enumerate(("c_fill,h_40,w_80", chain))
    )
    with Image.open(plain) as one, Image.open(kept) as other:
        for number in (0, 10, 19):
            one.seek(number)
            other.seek(number)
            apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
            assert max(ImageStat.Stat(apart).mean) < 3


def known(reference: Reference, layers: Mapping[str, Path]) -> Referenced:
    if reference.resource_type == "raw":
        return Referenced(SourceFacts(0, 0, "raw"), "1")
    return Referenced(probe(str(layers[reference.public_id]), LIMITS), "1")


def rendered(chain: str, source: Path, target: Path, **layers: Path) -> Path:
    """The chain painted; layers by their public ids."""
    parsed, facts = parse_chain(chain), probe(str(source), LIMITS)
    made = with_all(
        lambda gathered: plan(parsed, facts, extension=target.suffix[1:], gathered=gathered),
        image=lambda reference: known(reference, layers),
        words=lambda text: lettering.measure(
            text, LIMITS, {text.font: str(next(iter(layers.values())))} if text.font else {}
        ),
    )
    inputs = [str(layers[each.public_id.partition(".")[0]]) for each in made.inputs]
    done = paint(made, str(source), facts, str(target), LIMITS, inputs)
    assert (done.width, done.height) == (made.width, made.height)
    return target


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
    "anti-removal": "c_scale,w_120/l_face,w_80/e_anti_removal:100,fl_layer_apply",
    "displace": "c_scale,w_120/l_ripple/e_displace,fl_layer_apply,x_12,y_12",
    "kept": "c_scale,w_120/$small_current/e_grayscale/l_$small/c_fill,g_north,h_50,w_50/r_max/fl_layer_apply",
    "overflow": "c_scale,w_100/l_face,w_60,g_north_west,x_-24,y_-18",
}
HERO = (
    "c_fill,g_north,h_100,w_160/l_text:DejaVu%20Sans_18_bold:Hello%252C%20space,co_white/fl_layer_apply,"
    "g_south_west,x_10,y_12/l_logo,g_north_east,w_30,x_6,y_6"
)


@pytest.mark.parametrize("name", SCENES)
def test_scenes_look_as_they_did(name: str, tmp_path: Path, logo: Path, ripple: Path) -> None:
    """Golden pictures, looked at by eye."""
    path = rendered(SCENES[name], ASTRONAUT, tmp_path / "to.png", logo=logo, face=ASTRONAUT, ripple=ripple)
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
