"""Which face a name comes to."""

import shutil
from pathlib import Path

import pytest

from origin.render.errors import TextRefused
from origin.render.pillow.fonts import CARRIED, Fontbook, installed, packaged

DEJAVU = installed().families.get("dejavu sans", ())
needs_dejavu = pytest.mark.skipif(not DEJAVU, reason="DejaVu Sans is not installed (fonts-dejavu-core)")
NO_FONTS = Fontbook(())


def test_a_family_everybody_names_is_always_drawn() -> None:
    """Without any font on the system, Pillow's own."""
    assert NO_FONTS.face("Arial", 400, "x", is_italic=False) is CARRIED
    assert CARRIED.at(20).getlength("x") > 0


def test_a_family_nobody_installed_is_named() -> None:
    """A silent substitute would be the wrong picture."""
    remedy = r" \(pip install fontpkg-lobster-two, or install it on the system\)$"
    with pytest.raises(TextRefused, match=f"^Font Lobster Two is not installed{remedy}"):
        installed().face("Lobster Two", 400, "x", is_italic=False)
    with pytest.raises(TextRefused, match=r"^Font my_brand is not installed$"):
        installed().face("my_brand", 400, "x", is_italic=False)


@pytest.mark.parametrize(
    ("family", "drawn_in"),
    [
        *(("Liberation Sans", "Arimo"), ("Segoe UI", "Arimo"), ("Comic Sans MS", "Arimo")),
        *(("Tinos", "Source Serif 4"), ("Liberation Serif", "Source Serif 4"), ("Cousine", "Roboto Mono")),
        *(("Arial Black", "Arimo"), ("Impact", "Arimo")),
    ],
)
def test_what_stands_in_where_only_our_packages_are(family: str, drawn_in: str) -> None:
    """Of like widths where there is one, and as heavy as a family that knows one weight."""
    face = Fontbook(tuple(packaged())).face(family, 400, "x", is_italic=False)
    assert face.family == drawn_in
    assert face.weight == (700 if family in ("Arial Black", "Impact") else 400)


@pytest.mark.parametrize("family", ["Roboto", "Open Sans", "Arimo", "Roboto Mono", "Source Serif 4"])
def test_a_few_families_come_with_us(family: str) -> None:
    """Text looks the same on a machine without fonts; `pip install fontpkg-NAME` brings any other."""
    upright = installed().face(family, 400, "x", is_italic=False)
    slanted = installed().face(family, 700, "x", is_italic=True)
    assert (upright.family, upright.weight, upright.is_italic) == (family, 400, False)
    assert (slanted.family, slanted.weight, slanted.is_italic) == (family, 700, True)


def test_a_variable_face_is_drawn_at_the_weight_asked_for() -> None:
    """Nine weights from one file: each heavier than the one before."""
    ink = [
        sum(bytes(installed().face("Roboto", weight, "x", is_italic=False).at(100).getmask("ill")))
        for weight in range(100, 1000, 100)
    ]
    assert ink == sorted(set(ink))


def test_a_weight_beyond_a_variable_face_is_the_nearest_it_has() -> None:
    """Arimo ends at bold."""
    assert installed().face("Arimo", 900, "x", is_italic=False).weight == 700
    assert installed().face("Arimo", 100, "x", is_italic=False).weight == 400


@needs_dejavu
def test_weight_and_slant_choose_the_nearest_face() -> None:
    """Not the condensed one, whatever its file is called."""
    regular = installed().face("DejaVu Sans", 400, "x", is_italic=False)
    bold = installed().face("dejavu sans", 800, "x", is_italic=False)
    assert (regular.weight, regular.is_italic, regular.is_narrow) == (400, False, False)
    assert (bold.weight, bold.is_narrow) == (700, False)


@needs_dejavu
def test_letters_a_face_lacks_come_from_one_that_has_them(tmp_path: Path) -> None:
    """No fall-back between fonts happens by itself: a missing glyph is a box."""
    assert CARRIED.lacks("سلام")
    assert not CARRIED.lacks("plain words")
    path = next(face.path for face in DEJAVU if face.path is not None and face.path.name == "DejaVuSans.ttf")
    shutil.copy(path, tmp_path)
    book = Fontbook((tmp_path,))
    assert book.face("Arial", 400, "سلام", is_italic=False).family == "DejaVu Sans"


def test_a_damaged_font_is_no_font(tmp_path: Path) -> None:
    """Folders of fonts are other people's."""
    (tmp_path / "broken.ttf").write_bytes(b"not a font")
    assert Fontbook((tmp_path, tmp_path / "missing")).families == {}
