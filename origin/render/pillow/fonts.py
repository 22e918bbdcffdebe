"""Fonts: a family, a weight and a slant → the installed face that comes nearest.

Files are found once per process: where the system keeps them, and in installed packages (`fontpkg-roboto` and
its like, a few of which come with us, so that a machine without fonts draws the same). What everybody names but
few may install (Arial, Times …) is drawn in a free face of the same widths; the last resort is Pillow's own.
"""

import os
import re
import sys
from collections.abc import Iterator
from functools import cached_property, lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from attrs import evolve, frozen
from PIL import ImageFont

from origin.render.errors import TextRefused

FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
PACKAGED = "fontpkg.family"  # the entry points by which packages of fonts tell of themselves
WEIGHT_AXIS = b"Weight"
SUFFIXES = frozenset({".ttf", ".otf", ".ttc"})
MOST_FILES = 5000

SANS = ("Liberation Sans", "Arimo", "Arial", "Helvetica", "DejaVu Sans", "Noto Sans")
SERIF = ("Liberation Serif", "Tinos", "Times New Roman", "Source Serif 4", "DejaVu Serif", "Noto Serif")
MONO = ("Liberation Mono", "Cousine", "Courier New", "Roboto Mono", "DejaVu Sans Mono", "Noto Sans Mono")
WIDE = ("DejaVu Sans", "Verdana", *SANS)
STAND_INS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("arial", "helvetica", "helvetica neue", "sans-serif", "sans", "trebuchet ms"), SANS),
    **dict.fromkeys(("open sans", "roboto", "lato", "montserrat", "source sans pro", "noto sans"), SANS),
    **dict.fromkeys(("liberation sans", "arimo", "nimbus sans", "segoe ui", "system-ui"), SANS),
    **dict.fromkeys(("arial black", "impact"), SANS),
    "calibri": ("Carlito", *SANS),
    "comic sans ms": ("Comic Neue", *SANS),
    "cambria": ("Caladea", *SERIF),
    **dict.fromkeys(("verdana", "tahoma", "dejavu sans", "bitstream vera sans"), WIDE),
    **dict.fromkeys(("times new roman", "times", "georgia", "palatino", "garamond", "serif"), SERIF),
    **dict.fromkeys(("liberation serif", "tinos", "nimbus roman", "dejavu serif"), SERIF),
    **dict.fromkeys(("courier new", "courier", "monospace", "lucida console"), MONO),
    **dict.fromkeys(("liberation mono", "cousine", "consolas", "menlo", "monaco", "dejavu sans mono"), MONO),
}
"""Families that are always drawn, and in what when they are not installed."""

HEAVY = frozenset({"arial black", "impact"})
"""Families of one weight, 900: what stands in for them is as heavy as it comes."""

BROAD = ("DejaVu Sans", "Noto Sans")
"""Faces of many scripts, asked first for letters the wanted one has not."""

_WEIGHTS = (
    (re.compile(r"extra ?light|ultra ?light"), 200),
    (re.compile(r"thin|hairline"), 100),
    (re.compile(r"light"), 300),
    (re.compile(r"medium"), 500),
    (re.compile(r"semi ?bold|demi"), 600),
    (re.compile(r"extra ?bold|ultra ?bold"), 800),
    (re.compile(r"black|heavy"), 900),
    (re.compile(r"bold"), 700),
)
_PACKAGEABLE = re.compile(r"(?=.{2,40}$)[A-Z][A-Za-z0-9]*( [A-Z0-9][A-Za-z0-9]*)*")
_SLANTED = re.compile(r"italic|oblique")
_NARROW = re.compile(r"condensed|narrow")
_NOWHERE = "\U0010ffff"  # no font has it: what is drawn for it is drawn for whatever is missing


@frozen
class Face:
    """One face of a family. `path` None: the one Pillow carries. A variable face has `weights` to choose from."""

    path: Path | None
    family: str
    weight: int
    is_italic: bool
    is_narrow: bool = False
    weights: tuple[int, int] | None = None  # lightest and heaviest

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The face at a size in pixels."""
        return _opened(self.path, size, None if self.weights is None else self.weight)

    def near(self, weight: int) -> "Face":
        """This face as near to a weight as it comes."""
        if self.weights is None:
            return self
        lightest, heaviest = self.weights
        return evolve(self, weight=min(max(weight, lightest), heaviest))

    def lacks(self, text: str) -> bool:
        """Whether a letter of the text is none of its own. Latin is taken for granted."""
        letters = {each for each in text if each > "\u017f" and not each.isspace()}
        if not letters:
            return False
        font = self.at(20)
        unknown = _ink(font, _NOWHERE)
        return any(_ink(font, each) == unknown for each in letters)


CARRIED = Face(None, "", 400, is_italic=False)


@frozen(eq=False)
class Fontbook:
    """The installed faces."""

    folders: tuple[Path, ...]

    @cached_property
    def families(self) -> dict[str, tuple[Face, ...]]:
        """Faces by the lower-case name of their family."""
        found: dict[str, list[Face]] = {}
        for path in sorted(self._files()):
            for face in _faces(path):
                found.setdefault(face.family.lower(), []).append(face)
        return {family: tuple(faces) for family, faces in found.items()}

    def face(self, family: str, weight: int, text: str, *, is_italic: bool) -> Face:
        """The face to draw a text in; `TextRefused` names a family nobody has installed."""
        if family.lower() in HEAVY:
            weight = 900
        names = (family, *STAND_INS.get(family.lower(), ()))
        faces = next((faces for each in names if (faces := self.families.get(each.lower()))), None)
        if faces is None:
            if family.lower() not in STAND_INS:
                raise TextRefused(f"Font {family} is not installed{_remedy(family)}")
            faces = (CARRIED,)
        wanted = _nearest(faces, weight, is_italic=is_italic)
        return self._broader(wanted, weight, text, is_italic=is_italic) if wanted.lacks(text) else wanted

    def _broader(self, wanted: Face, weight: int, text: str, *, is_italic: bool) -> Face:
        """A face that has every letter of the text, or the wanted one with its boxes."""
        names = dict.fromkeys((*(each.lower() for each in BROAD), *self.families))
        for name in names:
            if faces := self.families.get(name):
                face = _nearest(faces, weight, is_italic=is_italic)
                if not face.lacks(text):
                    return face
        return wanted

    def _files(self) -> Iterator[Path]:
        count = 0
        for folder in self.folders:
            for root, _, names in os.walk(folder):
                for name in names:
                    if Path(name).suffix.lower() in SUFFIXES and count < MOST_FILES:
                        count += 1
                        yield Path(root, name)


@lru_cache(1)
def installed() -> Fontbook:
    """The system's fonts, and those of installed packages."""
    folders = FOLDERS.get(sys.platform, FOLDERS["linux"])
    return Fontbook((*(Path(each).expanduser() for each in folders), *packaged()))


def _remedy(family: str) -> str:
    """How to get a family, if its name is one that a package may bear."""
    if _PACKAGEABLE.fullmatch(family) is None:
        return ""
    return f" (pip install fontpkg-{family.lower().replace(' ', '-')}, or install it on the system)"


def packaged() -> Iterator[Path]:
    """The folders of font packages; none of their code runs."""
    for point in sorted(entry_points(group=PACKAGED), key=lambda point: point.value):
        found = find_spec(point.value)
        yield from map(Path, (found.submodule_search_locations or ()) if found is not None else ())


def _nearest(faces: tuple[Face, ...], weight: int, *, is_italic: bool) -> Face:
    return min(
        (face.near(weight) for face in faces),
        key=lambda face: (
            face.is_narrow,
            face.is_italic != is_italic,
            abs(face.weight - weight),
            str(face.path),
        ),
    )


def _faces(path: Path) -> Iterator[Face]:
    try:
        font = ImageFont.truetype(path, 10)
    except (OSError, ValueError):  # damaged, or bitmaps of other sizes
        return
    family, style = font.getname()
    if family is None:
        return
    said = (style or "").lower()
    yield Face(
        path,
        family,
        next((number for pattern, number in _WEIGHTS if pattern.search(said)), 400),
        is_italic=_SLANTED.search(said) is not None,
        is_narrow=_NARROW.search(said) is not None,
        weights=_weights(font),
    )


def _weights(font: ImageFont.FreeTypeFont) -> tuple[int, int] | None:
    """The weights a variable font can be set to; None for a font of one weight."""
    try:
        axes = font.get_variation_axes()
    except (OSError, NotImplementedError):  # no variable font, or an old FreeType
        return None
    return next(
        (
            (_number(axis["minimum"]), _number(axis["maximum"]))
            for axis in axes
            if axis["name"] == WEIGHT_AXIS
        ),
        None,
    )


def _number(bound: int | None) -> int:
    return bound or 0


@lru_cache(64)
def _opened(path: Path | None, size: int, weight: int | None) -> ImageFont.FreeTypeFont:
    if path is not None:
        font = ImageFont.truetype(path, size)
        if weight is not None:
            axes = font.get_variation_axes()
            font.set_variation_by_axes(
                [weight if axis["name"] == WEIGHT_AXIS else _number(axis["default"]) for axis in axes]
            )
        return font
    carried = ImageFont.load_default(size)
    if not isinstance(carried, ImageFont.FreeTypeFont):
        raise TextRefused("Text is not supported: Pillow was built without FreeType")
    return carried


def _ink(font: ImageFont.FreeTypeFont, letter: str) -> bytes:
    mask = font.getmask(letter)
    return bytes(mask.size) + bytes(mask) if max(mask.size) < 256 else repr(mask.size).encode()
