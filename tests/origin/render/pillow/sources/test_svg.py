import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from origin.render.errors import InvalidImage, UnsupportedFormat
from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened
from origin.render.pillow.probing import probe
from origin.render.pillow.sources import svgtext
from origin.transform.plan import Resample
from origin.transform.portion import Portion
from tests.support.documents import QUARTERS, svg
from tests.support.images import corners_of

LIMITS = RenderLimits()
ALL = Portion(density=96)


def written(folder: Path, data: bytes) -> str:
    path = folder / "drawing"
    path.write_bytes(data)
    return str(path)


def test_a_drawing_has_its_own_size_and_is_transparent(tmp_path: Path) -> None:
    facts = probe(written(tmp_path, svg(QUARTERS)), LIMITS, verify=True)
    assert (facts.width, facts.height, facts.format, facts.pages, facts.has_alpha) == (64, 48, "svg", 1, True)


@pytest.mark.parametrize("density", [96, 192])
def test_a_drawing_becomes_pixels_at_its_density(tmp_path: Path, density: int) -> None:
    with opened(written(tmp_path, svg(QUARTERS)), LIMITS, Portion(density=density)) as source:
        assert source.image.size == (64 * density // 96, 48 * density // 96)
        assert corners_of(source.image) == ["red", "green", "blue", "yellow"]


def test_what_is_enlarged_stays_sharp(tmp_path: Path) -> None:
    """The part that is seen is drawn at the size it is wanted: no blurred edge anywhere."""
    with opened(written(tmp_path, svg(QUARTERS)), LIMITS, ALL) as source:
        image, first = source.ready(Resample((16, 12, 48, 36), 640, 480))
    assert first is None
    assert corners_of(image) == ["red", "green", "blue", "yellow"]
    assert len(image.getcolors() or []) == 4


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>while(true){}</script>",
        '<image href="file:///etc/passwd" width="64" height="48"/>',
        '<image xlink:href="http://127.0.0.1:1/x.png" width="64" height="48"/>',
        '<use href="other.svg#a"/><feImage href="/etc/passwd"/>',
        '<foreignObject width="64" height="48"><iframe xmlns="http://www.w3.org/1999/xhtml" src="x"/></foreignObject>',
        '<style>@import url("http://127.0.0.1:1/x.css"); rect { cursor: url(file:///etc/passwd) }</style>',
        '<rect width="1" height="1" fill="url(http://127.0.0.1:1/x#y)" onload="x()"/>',
        '<image href="data:image/svg+xml;base64,PHN2Zy8+" width="64" height="48"/>',
        '<animate attributeName="width" from="0" to="9"/>',
    ],
)
def test_whatever_reaches_out_of_the_file_is_left_out(tmp_path: Path, hostile: str) -> None:
    """The picture is the same as without it."""
    with opened(written(tmp_path, svg(hostile + QUARTERS)), LIMITS, ALL) as source:
        got = source.image.tobytes()
    with opened(written(tmp_path, svg(QUARTERS)), LIMITS, ALL) as source:
        assert got == source.image.tobytes()


def test_an_external_entity_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text('<rect width="64" height="48" fill="black"/>')
    prologue = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    try:
        with opened(written(tmp_path, svg("&x;" + QUARTERS, prologue=prologue)), LIMITS, ALL) as source:
            assert corners_of(source.image) == ["red", "green", "blue", "yellow"]
    except InvalidImage:
        return


def test_illustrators_entities_are_understood(tmp_path: Path) -> None:
    """Its files declare namespaces by entities."""
    prologue = '<!DOCTYPE svg [<!ENTITY colour "#14c814">]>'
    path = written(tmp_path, svg('<rect width="64" height="48" fill="&colour;"/>', prologue=prologue))
    with opened(path, LIMITS, ALL) as source:
        assert corners_of(source.image) == ["green"] * 4


_LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
_USES = "".join(f'<g id="u{n}">' + f'<use href="#u{n - 1}"/>' * 10 + "</g>" for n in range(1, 12))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (svg("&a9;", prologue=f'<!DOCTYPE svg [<!ENTITY a0 "ha">{_LAUGHS}]>'), "short entities"),
        (svg(f'<defs><rect id="u0"/>{_USES}</defs><use href="#u11"/>'), "draw 200000 elements"),
        (svg("<g>" * 5000 + "</g>" * 5000), "depth of an SVG is 128"),
        (svg("<g/>" * 60_000), "number of SVG elements is 50000"),
        (svg(" " * (5 << 20)), "size of an SVG is 4194304 bytes"),
        (svg(attributes='width="1e9" height="1"'), "side of an SVG is 100000"),
        (svg("<rect")[:-6], "Invalid image file"),
    ],
)
def test_a_bomb_is_refused_by_what_it_counts(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidImage) as refused:
        probe(written(tmp_path, data), LIMITS, verify=True)
    assert sentence in refused.value.public


@pytest.mark.parametrize(
    "text", ["url(" * 100_000, "url(#" * 100_000, "url(" + " " * 400_000, "@import" * 50_000]
)
@pytest.mark.parametrize("place", ['<rect fill="{}"/>', "<style>{}</style>", '<rect style="{}"/>'])
def test_an_address_that_never_ends_is_read_once(text: str, place: str) -> None:
    """In time that grows with the text, not with its square."""
    began = time.process_time()
    svgtext.read(svg(place.format(text)))
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("text", ["0" * 400_000 + "x", "1" + " " * 400_000 + "x", " " * 400_000 + "x"])
def test_a_length_that_never_ends_is_none(text: str) -> None:
    began = time.process_time()
    assert svgtext.read(svg(attributes=f'width="{text}" height="10"')).width == 300.0
    assert time.process_time() - began < 2.0


def nested_patterns(paint: Callable[[str, int], str], depth: int, sheet: str = "") -> bytes:
    """Patterns that are painted with patterns, each of them fifty times."""
    shapes = [f"<rect {paint('class', level)} width='1' height='1'/>" * 50 for level in range(depth + 1)]
    patterns = "".join(
        f"<pattern id='p{level}' width='9' height='9'>{shapes[level + 1]}</pattern>" for level in range(depth)
    )
    return svg(f"{sheet}<defs>{patterns}</defs>{shapes[0]}")


def by_class(_: str, level: int) -> str:
    return f"class='a c{level}'"


@pytest.mark.parametrize(
    "data",
    [
        nested_patterns(lambda _, level: f"fill='url(#p{level})'", 4),
        nested_patterns(
            by_class, 4, "<style>" + "".join(f".c{n}{{fill:url(#p{n})}}" for n in range(4)) + "</style>"
        ),
        nested_patterns(by_class, 4, "<style>@media all{rect.a,b{stroke:url(#p0);fill:url(#p1)}}</style>"),
        nested_patterns(by_class, 4, "<style>rect{mask:url(#p0) url(#p1) url(#p2) url(#p3)}</style>"),
        svg("<pattern id='p'>" + "<rect/>" * 500 + "</pattern><g fill='url(#p)'>" + "<rect/>" * 500 + "</g>"),
        svg("<style>" + ",".join(f".c{n}" for n in range(20_000)) + "{fill:url(#p)}</style>"),
    ],
)
def test_paints_and_style_sheets_repeat_what_they_name(tmp_path: Path, data: bytes) -> None:
    """For each shape they may come down to, and at once: not after drawing."""
    began = time.process_time()
    with pytest.raises(InvalidImage, match="An SVG may draw 200000 elements, repetitions included"):
        probe(written(tmp_path, data), LIMITS)
    assert time.process_time() - began < 5


def test_gradients_of_a_drawing_programs_style_sheet_are_no_bomb(tmp_path: Path) -> None:
    """As Illustrator and Inkscape write them."""
    gradients = "".join(
        f"<linearGradient id='g{n}'><stop stop-color='red'/><stop offset='1'/></linearGradient>"
        for n in range(40)
    )
    sheet = "".join(f".cls-{n}{{fill:url(#g{n});}}" for n in range(40))
    shapes = "".join(f"<rect class='cls-{n % 40}' width='64' height='48'/>" for n in range(2000))
    drawing = svg(f"<defs><style>{sheet}</style>{gradients}</defs><g>{shapes}</g>")
    assert probe(written(tmp_path, drawing), LIMITS).width == 64


def test_a_circle_of_references_is_no_bomb(tmp_path: Path) -> None:
    path = written(tmp_path, svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>' + QUARTERS))
    assert probe(path, LIMITS, verify=True).width == 64


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="2in" height="1in"', (192, 96)),
        ('viewBox="0 0 30 20"', (30, 20)),
        ('width="60" viewBox="0 0 30 20"', (60, 40)),
        ('width="100%" height="100%" viewBox="0 0 30 20"', (30, 20)),
        ("", (300, 150)),
        ('width="10.4px" height="10.6px"', (10, 11)),
    ],
)
def test_the_size_is_the_declared_one_or_follows_from_the_view_box(
    tmp_path: Path, attributes: str, size: tuple[int, int]
) -> None:
    facts = probe(written(tmp_path, svg(QUARTERS, attributes)), LIMITS)
    assert (facts.width, facts.height) == size


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_every_encoding_of_xml_is_read(tmp_path: Path, encoding: str) -> None:
    name = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = f'<?xml version="1.0" encoding="{name}"?>\n<!-- é -->' + svg(QUARTERS).decode()
    assert probe(written(tmp_path, text.encode(encoding)), LIMITS, verify=True).format == "svg"


@pytest.mark.parametrize("data", [b"<!DOCTYPE html><html><svg></svg></html>", b"a text about <svg>"])
def test_a_page_with_a_drawing_in_it_is_no_drawing(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InvalidImage):
        probe(written(tmp_path, data), LIMITS)


def test_without_the_extra_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(UnsupportedFormat) as refused:
        probe(written(tmp_path, svg(QUARTERS)), LIMITS)
    assert refused.value.public == "SVG is not supported without pixeledge[svg]"
