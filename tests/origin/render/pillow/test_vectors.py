"""Traced pictures as SVG, drawn again by resvg and compared with what they were traced from."""

import sys
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops, ImageStat

from origin.render.errors import UnsupportedFormat
from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened
from origin.render.pillow.painting import paint
from origin.render.pillow.probing import probe
from origin.render.pillow.vectors import Tracing, save_svg
from origin.transform.parse import parse_chain
from origin.transform.portion import Portion
from origin.transform.resolve import plan
from tests.support.images import ASTRONAUT, corners_of, quartered
from wire.errors import InvalidRequest

LIMITS = RenderLimits()


def traced(folder: Path, chain: str, source: Path = ASTRONAUT) -> Path:
    """The file that a chain gives."""
    facts = probe(str(source), LIMITS)
    target = folder / f"{abs(hash(chain))}.svg"
    made = plan(parse_chain(chain), facts)
    painted = paint(made, str(source), facts, str(target), LIMITS)
    assert (painted.format, painted.width, painted.height) == ("svg", made.width, made.height)
    assert painted.size == target.stat().st_size
    return target


def drawn(path: Path) -> Image.Image:
    with opened(str(path), LIMITS, Portion(density=96)) as source:
        return source.image.convert("RGBA")


def paths_in(path: Path) -> int:
    return len(ElementTree.parse(path).findall("{http://www.w3.org/2000/svg}path"))


def colours_in(path: Path) -> set[str]:
    root = ElementTree.parse(path).getroot()
    return {each.attrib["fill"] for each in root.iter("{http://www.w3.org/2000/svg}path")}


def test_a_traced_picture_looks_like_the_picture(tmp_path: Path) -> None:
    """At the size of the result, whatever size was traced."""
    drawing = drawn(traced(tmp_path, "c_scale,w_256/e_vectorize:colors:30:detail:1.0,f_svg"))
    with Image.open(ASTRONAUT) as image:
        photo = image.convert("RGB").resize((256, 256))
    assert drawing.size == (256, 256)
    assert ImageStat.Stat(ImageChops.difference(drawing.convert("RGB"), photo)).mean < [16, 16, 16]


def test_a_small_trace_of_a_large_picture_fills_it(tmp_path: Path) -> None:
    source = tmp_path / "large.png"
    quartered().resize((1600, 1200), Image.Resampling.NEAREST).save(source)
    path = traced(tmp_path, "e_vectorize,f_svg", source)
    assert drawn(path).size == (1600, 1200)
    assert corners_of(drawn(path)) == ["red", "green", "blue", "yellow"]


def test_the_levels_tell(tmp_path: Path) -> None:
    """Fewer colours, fewer specks: fewer paths; sharper corners and closer paths: other curves."""
    fine, plain = (traced(tmp_path, f"w_200,f_svg,e_vectorize:{each}") for each in ("30:1000:0", "3:300:100"))
    assert paths_in(plain) < paths_in(fine)
    assert len(colours_in(plain)) <= 3 < len(colours_in(fine)) <= 30
    texts = {
        traced(tmp_path, f"w_200,f_svg,e_vectorize:4:300:2:{each}").read_bytes()
        for each in ("100:25", "100:100", "0:25")
    }
    assert len(texts) == 3


def test_what_comes_after_is_done_before_it_is_traced(tmp_path: Path) -> None:
    assert drawn(traced(tmp_path, "e_vectorize/c_fill,h_60,w_120/f_svg")).size == (120, 60)


def test_transparency_stays_empty() -> None:
    image = Image.new("RGBA", (60, 40))
    image.paste((200, 30, 30, 255), (20, 10, 40, 30))
    with BytesIO() as file:
        save_svg(image, Tracing(4, 1000, 0, 100, 25), file)
        assert len(ElementTree.fromstring(file.getvalue())) == 1


def test_only_traced_pixels_become_a_drawing() -> None:
    with pytest.raises(InvalidRequest, match="Unsupported output format svg"):
        plan(parse_chain("w_100,f_svg"), probe(str(ASTRONAUT), LIMITS))


def test_without_the_extra_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vtracer", None)
    with pytest.raises(UnsupportedFormat, match=r"without pixeledge\[vector\]"):
        traced(tmp_path, "e_vectorize,f_svg")
    assert list(tmp_path.iterdir()) == []
