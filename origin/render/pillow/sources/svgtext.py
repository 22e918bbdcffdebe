"""An SVG file read into a harmless tree, and written again: only what draws, only what lies within the file.

Scripts, foreign content, animation, event handlers and everything outside the file are left out; declared
entities may be short and flat. Bombs are counted out: elements, depth, and what `<use>` and patterns repeat.
"""

import base64
import binascii
import re
from io import BytesIO
from xml.parsers import expat

from origin.render.errors import InvalidImage, TooManyPixels
from origin.render.pillow.sources.repetition import URL, Repetition, Sheets
from origin.render.pillow.sources.svgtree import SVG, Document, Element

MOST_BYTES = 4 << 20
MOST_ELEMENTS = 50_000
MOST_DEPTH = 128
MOST_ENTITIES = 64
LONGEST_ENTITY = 256
LONGEST_SIDE = 100_000
EMBEDDED_PIXELS = 25_000_000  # of all pictures within

XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
_DRAWN_NAMES = """
    svg g defs symbol use image path rect circle ellipse line polyline polygon text tspan textPath style switch
    a linearGradient radialGradient stop clipPath mask pattern marker filter feBlend feColorMatrix
    feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight
    feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology
    feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence
"""
DRAWN = frozenset(_DRAWN_NAMES.split())
_DATA = re.compile(r"data:image/(png|jpe?g|gif|webp)\s*;\s*base64\s*,(.*)", re.DOTALL | re.IGNORECASE)
_IMPORT = re.compile(r"@import[^;]*;?", re.IGNORECASE)
_LENGTH = re.compile(
    r"\+?([0-9]{0,20}\.?[0-9]{1,20}(?:[eE][-+]?[0-9]{1,2})?)\s*(px|pt|pc|in|cm|mm|em|ex|rem|%)?"
)
_UNITS: dict[str | None, float] = {
    None: 1.0,
    "px": 1.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
}
_DEFAULT_SIZE = (300.0, 150.0)  # of a replaced element in CSS


def read(data: bytes) -> Document:
    """The document in a file, or `InvalidImage`."""
    if len(data) > MOST_BYTES:
        raise InvalidImage(f"Maximum size of an SVG is {MOST_BYTES} bytes. Found {len(data)}")
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InvalidImage(log=f"SVG: {error}") from error
    if reader.root is None:
        raise InvalidImage(log="no <svg> in it")
    Repetition(reader.by_id, reader.sheets).check(reader.root)
    width, height = _size(reader.root.attributes)
    return Document(reader.root, width, height, reader.has_text)


class _Reader:
    """Expat's events, most of them refused or passed over."""

    def __init__(self) -> None:
        self.sheets = Sheets()
        self.root: Element | None = None
        self.has_text = False
        self._open: list[Element] = []
        self._skipped = 0  # depth within something that is left out
        self._depth = 0
        self._count = 0
        self._entities = 0
        self._pixels = 0
        self.by_id: dict[str, Element] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > MOST_DEPTH:
            raise InvalidImage(f"Maximum depth of an SVG is {MOST_DEPTH} elements")
        if self._count > MOST_ELEMENTS:
            raise InvalidImage(f"Maximum number of SVG elements is {MOST_ELEMENTS}")
        space, _, name = tag.rpartition(" ")
        is_drawn = space == SVG and name in DRAWN
        if self._skipped or not is_drawn or (self.root is None) != (name == "svg" and not self._open):
            self._skipped += 1
            return
        element = Element(name, self._kept(name, attributes))
        self.has_text = self.has_text or name == "text"
        if "id" in attributes:
            self.by_id.setdefault(attributes["id"], element)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, tag: str) -> None:
        del tag
        self._depth -= 1
        if self._skipped:
            self._skipped -= 1
            return
        element = self._open.pop()
        if element.name == "style":
            css = "".join(each for each in element.children if isinstance(each, str))
            element.children = [_harmless(css)]
            self.sheets.read(css)

    def _text(self, text: str) -> None:
        if not self._skipped and self._open:
            self._open[-1].children.append(text)

    def _entity(self, name: str, is_parameter: bool, value: str | None, *rest: object) -> None:
        del rest
        self._entities += 1
        if is_parameter or value is None:
            return  # external: never read, its references vanish
        if "&" in value or "<" in value or len(value) > LONGEST_ENTITY or self._entities > MOST_ENTITIES:
            raise InvalidImage("An SVG may only declare a few short entities", log=f"entity {name[:40]}")

    def _kept(self, name: str, attributes: dict[str, str]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for full, value in attributes.items():
            space, _, local = full.rpartition(" ")
            if local == "href" and space in ("", XLINK):
                if (address := self._address(name, value.strip())) is not None:
                    kept["href"] = address
            elif space == XML and local in ("space", "lang"):
                kept[f"xml:{local}"] = value
            elif not space and not local.lower().startswith("on"):
                kept[local] = _harmless(value)
        return kept

    def _address(self, name: str, value: str) -> str | None:
        """A reference within the file, or a picture carried along; anything else is nowhere."""
        if value.startswith("#"):
            return value
        found = _DATA.fullmatch(value) if name in ("image", "feImage") else None
        if found is None:
            return None
        try:
            data = base64.b64decode("".join(found[2].split()), validate=True)
        except (binascii.Error, ValueError):
            return None
        self._pixels += _pixels_of(data)
        if self._pixels > EMBEDDED_PIXELS:
            raise TooManyPixels(
                f"Pictures within an SVG may have {EMBEDDED_PIXELS // 10**6} Megapixels in all"
            )
        return f"data:image/{found[1].lower()};base64,{base64.b64encode(data).decode('ascii')}"


def _harmless(text: str) -> str:
    """A value or style sheet whose addresses lie within the file."""
    if "(" not in text and "@" not in text:
        return text
    return URL.sub(lambda found: f"url({found['id']})" if found["id"] else "none", _IMPORT.sub("", text))


def _pixels_of(data: bytes) -> int:
    """By the header; a picture we cannot read counts for all there may be."""
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
            return image.width * image.height
    except Exception:  # noqa: BLE001  damaged files raise nearly every exception there is
        return EMBEDDED_PIXELS + 1


def _size(attributes: dict[str, str]) -> tuple[float, float]:
    """In CSS pixels: as declared, else by the view box, else as CSS sizes what has no size."""
    declared = _length(attributes.get("width")), _length(attributes.get("height"))
    box = _box(attributes.get("viewBox", ""))
    width, height = declared
    if width is None and height is None:
        width, height = box or _DEFAULT_SIZE
    elif width is None:
        assert height is not None
        width = height * box[0] / box[1] if box else _DEFAULT_SIZE[0]
    elif height is None:
        height = width * box[1] / box[0] if box else _DEFAULT_SIZE[1]
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise InvalidImage(f"Maximum side of an SVG is {LONGEST_SIDE} pixels", log=f"SVG of {width}x{height}")
    return width, height


def _length(text: str | None) -> float | None:
    found = _LENGTH.fullmatch((text or "").strip())
    return None if found is None or found[2] == "%" else float(found[1]) * _UNITS[found[2]]


def _box(text: str) -> tuple[float, float] | None:
    try:
        _, _, width, height = map(float, text.replace(",", " ").split())
    except ValueError:
        return None
    return (width, height) if 0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE else None
