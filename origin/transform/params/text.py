"""Words as a layer: `l_text:<style>:<text>` with `co b bo w h c_fit`. Sheet: transformations.md §11.4."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from attrs import evolve, frozen

from origin.transform.colours import read_colour, spelled_colour
from origin.transform.limits import Limits
from origin.transform.plan import Rgba
from origin.transform.references import Caption, Reference
from origin.transform.values import (
    Length,
    half_up,
    invalid,
    read_length,
    read_number,
    refused,
    spelled_number,
    unsupported,
)
from wire.components import decoded

BLACK: Rgba = (0, 0, 0, 255)
_WORDS: dict[str, dict[str, Any]] = {
    "normal": {},  # a weight and a style: takes nothing back from the other
    "none": {},
    "thin": {"weight": 100},
    "light": {"weight": 300},
    "bold": {"weight": 700},
    "italic": {"italic": True},
    "stroke": {"outlined": True},
    **{each: {"decoration": each} for each in ("underline", "strikethrough")},
    **{each: {"alignment": each} for each in ("left", "center", "right", "start", "end", "justify")},
}
_WEIGHT = re.compile(r"[1-9]00")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_BORDER = re.compile(r"(?P<width>[0-9]{1,4}(?:\.[0-9]{1,9})?)px_solid_(?P<colour>.+)")
_STORED_FONT = re.compile(r"\.(?:ttf|otf|ttc|woff2?)\Z", re.IGNORECASE)
_HOSTED = "@google"  # drawn in the family of that name if it is installed, or in its stand-in
_ANTIALIAS = frozenset({"none", "gray", "subpixel", "fast", "good", "best"})
_HINTING = frozenset({"none", "slight", "medium", "full"})
_UNDRAWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@frozen
class Stroke:
    """A line round letters or round their box."""

    width: int
    colour: Rgba

    def __str__(self) -> str:
        return f"{self.width}px_solid_{spelled_colour(self.colour)}"


@frozen
class Style:
    """How words look."""

    family: str
    size: int
    weight: int = 400
    italic: bool = False
    decoration: str = "none"
    alignment: str = "left"
    outlined: bool = False
    letter_spacing: Fraction = Fraction(0)
    line_spacing: Fraction = Fraction(0)
    smooth: bool = True

    @property
    def font(self) -> Reference | None:
        """The stored font it is drawn in, where the family is a file's name (§11.4)."""
        return Reference("authenticated", self.family, "raw") if _STORED_FONT.search(self.family) else None

    def __str__(self) -> str:
        texts = [self.family, str(self.size)]
        if self.weight != 400:
            texts.append(str(self.weight))
        if self.italic:
            texts.append("italic")
        texts += [each for each in (self.decoration, self.alignment) if each not in ("none", "left")]
        if self.outlined:
            texts.append("stroke")
        if self.letter_spacing:
            texts.append(f"letter_spacing_{spelled_number(self.letter_spacing)}")
        if self.line_spacing:
            texts.append(f"line_spacing_{spelled_number(self.line_spacing)}")
        if not self.smooth:
            texts.append("antialias_none")
        return "_".join(texts)


@frozen
class Words:
    """A text with its style and its box, sizes as asked."""

    text: str
    style: Style | Reference  # or the stored text whose style it is
    colour: Rgba | None = None  # the style's, or black
    background: Rgba | None = None
    border: Stroke | None = None
    width: Length | None = None
    height: Length | None = None
    trimmed: bool = True

    @property
    def source(self) -> str:
        """The canonical value of `l_`: the text escaped twice, as it is decoded twice."""
        style = self.style.public_id if isinstance(self.style, Reference) else str(self.style)
        return f"text:{quote(style, safe='')}:{quote(quote(self.text, safe=''), safe='')}"

    def qualifiers(self) -> tuple[str, ...]:
        """The canonical params that go with it."""
        texts = [] if self.colour is None else [f"co_{spelled_colour(self.colour)}"]
        if self.background is not None:
            texts.append(f"b_{spelled_colour(self.background)}")
        if self.border is not None:
            texts.append(f"bo_{self.border}")
        texts += [
            f"{key}_{side}" for key, side in (("w", self.width), ("h", self.height)) if side is not None
        ]
        if not self.trimmed:
            texts.append("fl_text_no_trim")
        return tuple(texts)


def read(value: str, qualifiers: Mapping[str, str], limits: Limits, *, trimmed: bool) -> Words:
    """The words of a layer; `value` follows `text:`, decoded once, `qualifiers` are those it may consume."""
    style, text = _split(value)
    words = decoded(text)
    limits.check_text(len(words))
    words = _UNDRAWABLE.sub("", words.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if not words.strip():
        raise invalid("overlay", f"text:{value}")
    lender = stored(style)
    look, stroke = (lender, None) if lender is not None else _style(style, value)
    if isinstance(look, Style):
        limits.check_font(look.size)
    colour = _colour(qualifiers.get("co"), "co", "color")
    border = _border(qualifiers["bo"]) if "bo" in qualifiers else stroke
    return Words(
        words,
        look,
        colour=None if colour == BLACK and lender is None else colour,
        background=_colour(qualifiers.get("b"), "b", "background"),
        border=border if border is not None and border.width else None,
        width=_side(qualifiers, "w", "width"),
        height=_side(qualifiers, "h", "height"),
        trimmed=trimmed,
    )


def _split(value: str) -> tuple[str, str]:
    style, colon, text = value.partition(":")
    if colon and style.endswith("_solid_rgb"):  # js-url-gen's stroke_bo_5px_solid_rgb:ff0000
        digits, colon, text = text.partition(":")
        style = f"{style}:{digits}"
    if not colon or "$" in style:
        raise unsupported(f"l_text:{value}")
    return style, text


def styled(words: Words, caption: Caption) -> Words:
    """Words in the style of a stored text; what they say themselves counts more."""
    look, stroke = _style(caption.style, caption.style)
    return evolve(
        words,
        style=look,
        colour=words.colour or _colour(caption.colour, "co", "color"),
        background=words.background or _colour(caption.background, "b", "background"),
        border=words.border or stroke,
    )


def stored(style: str) -> Reference | None:
    """The stored text that lends its style: a style of a font has a number in it."""
    if not style.strip("/ ") or "$" in style or any(_NUMBER.fullmatch(each) for each in style.split("_")[1:]):
        return None
    return Reference("text", style.strip("/"))


def _style(text: str, whole: str) -> tuple[Style, Stroke | None]:
    tokens = text.split("_")
    position = next((at for at, each in enumerate(tokens) if at and _NUMBER.fullmatch(each)), None)
    if position is None:
        raise invalid("overlay", f"text:{whole}")
    family = "_".join(tokens[:position]).removesuffix(_HOSTED)
    if "@" in family:
        raise unsupported(f"font {family}")
    size = read_number(tokens[position])
    if not family.strip() or size is None or half_up(size) < 1:
        raise invalid("overlay", f"text:{whole}")
    return _items(Style(family.strip(), half_up(size)), tokens[position + 1 :], whole)


def _items(style: Style, tokens: list[str], whole: str) -> tuple[Style, Stroke | None]:
    stroke = None
    rest = iter(tokens)
    for token in rest:
        if token == "bo":  # noqa: S105 - a word of the grammar
            stroke = _border("_".join(rest))
            continue
        changes = _WORDS.get(token)
        if changes is None:
            changes = _valued(token, rest)
        if changes is None:
            raise invalid("overlay", f"text:{whole}")
        style = evolve(style, **changes)
    return style, stroke


def _valued(token: str, rest: Iterator[str]) -> dict[str, Any] | None:
    """What an item says that takes a value, or a number for a weight; None when it is no item."""
    if _WEIGHT.fullmatch(token):
        return {"weight": int(token)}
    value = next(rest, "")
    if token == "antialias":  # noqa: S105
        return {"smooth": value != "none"} if value in _ANTIALIAS else None
    if token == "hinting":  # noqa: S105
        return {} if value in _HINTING else None  # FreeType's own choice
    if token in ("letter", "line") and value == "spacing":
        spacing = read_number(next(rest, ""))
        return None if spacing is None else {f"{token}_spacing": spacing}
    return None


def _border(text: str) -> Stroke:
    found = _BORDER.fullmatch(text)
    colour = read_colour(found["colour"]) if found else None
    if found is None or colour is None:
        raise refused("bo", "border", text)
    return Stroke(half_up(Fraction(found["width"])), colour)


def _colour(text: str | None, key: str, name: str) -> Rgba | None:
    if text is None:
        return None
    colour = read_colour(text)
    if colour is None:
        raise refused(key, name, text)
    return colour


def _side(values: Mapping[str, str], key: str, name: str) -> Length | None:
    text = values.get(key)
    if text is None:
        return None
    length = read_length(text)
    if length is None or str(length).startswith("-") or not str(length).strip("0."):
        raise refused(key, name, text)
    return length
