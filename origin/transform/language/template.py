"""A param's value with places in it for what is known only of a source: `w_iw_div_2`, `r_$a:$b`, `e_$fx:60`.

Where a place may be, and how what stands there is spelled, depends on the key (transformations.md §9).
"""

import re
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction

from attrs import frozen

from origin.transform.language.expression import Expression, Factor, Value, parse_expression
from origin.transform.language.scope import Scope
from origin.transform.language.tokens import CHARACTERISTICS, Kind, Token
from origin.transform.values import half_up, invalid, spelled_decimal, spelled_number

_WHAT = {
    "w": "width",
    "h": "height",
    "x": "x",
    "y": "y",
    "ar": "aspect_ratio",
    "z": "zoom",
    "o": "opacity",
    "q": "quality",
    "dpr": "dpr",
    "r": "radius",
    "a": "angle",
    "bo": "border",
    "e": "effect",
    "co": "color",
    "b": "background",
    "l": "overlay",
    "u": "underlay",
}
_TEXTUAL = frozenset({"e", "co", "b", "l", "u", "bo"})  # keys that may hold a text as well as a number
_OWN = {key: Token(Kind.CHARACTERISTIC, key) for key in ("w", "h", "ar")}
_ORIGINAL_SIDES = frozenset({"iw", "ih", "ow", "oh"})  # as a whole value, geometry knows them itself
_ARITHMETIC = re.compile(r"\$|(?:^|_)(?:add|sub|mul|div|mod|pow)_|_to_[if](?:_|\Z)|(?:ctx|md):!")
_VARIABLE = re.compile(r"\$\(([A-Za-z][A-Za-z0-9]*)\)|\$([A-Za-z][A-Za-z0-9]*)")
_INTERPOLATED = re.compile(r"\$\(([A-Za-z][A-Za-z0-9]*)\)")
_DOTS = re.compile(r"(?<![0-9])\.|\.(?![0-9])")  # a dot between digits is a decimal point
_BORDER = re.compile(r"(?P<width>.+?)_solid_(?P<colour>.+)", re.DOTALL)
_UNIT = re.compile(r"(?:\A|_)[0-9.]+px\Z")
_BORDER_VARIABLE = re.compile(r"\$([A-Za-z][A-Za-z0-9]*)px(?=_solid)")

Piece = str | Expression


@frozen
class Template:
    """Plain text and expressions in turn."""

    key: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The canonical value, decoded."""
        return "".join(piece if isinstance(piece, str) else piece.text for piece in self.pieces)

    def filled(self, scope: Scope) -> str:
        """The value with every place filled."""
        return "".join(
            piece if isinstance(piece, str) else self._spelled(piece.value(scope)) for piece in self.pieces
        )

    def _spelled(self, value: Value) -> str:
        if isinstance(value, str):
            if self.key in _TEXTUAL:
                return value
            raise invalid(_WHAT[self.key], f"!{value}!")
        number = Fraction(value)
        match self.key:
            case "w" | "h" | "x" | "y" | "q" if isinstance(value, Factor):
                return spelled_decimal(number.limit_denominator(10**9))
            case "w" | "h" | "x" | "y":
                return str(half_up(number))  # an expression gives pixels (§9)
            case "ar":
                ratio = number.limit_denominator(10**6)
                return f"{ratio.numerator}:{ratio.denominator}"
            case _:
                return spelled_number(round(number, 9))


def read_template(key: str, text: str, assigned: Collection[str] | None = None) -> Template | None:
    """The template a decoded value is; None if it waits for nothing.

    `assigned`: the chain's variables, if they are known. An SDK writes `bo_$widthpx_solid_red` for `$width`
    and its unit (§9 reads `$widthpx`): so it is read unless there is such a variable.
    """
    reader = _READERS.get(key)
    if reader is None:
        return None
    if key == "bo" and assigned is not None:
        text = _without_unit(text, assigned)
    pieces = reader(key, text)
    return None if all(isinstance(piece, str) for piece in pieces) else Template(key, tuple(pieces))


def _whole(key: str, text: str) -> list[Piece]:
    if key in ("w", "h", "x", "y") and text in _ORIGINAL_SIDES:
        return [text]
    return [_piece(key, text, text)]


def _quality(key: str, text: str) -> list[Piece]:
    level, colon, rest = text.partition(":")
    return [_piece(key, level, text), colon + rest]


def _radii(key: str, text: str) -> list[Piece]:
    return _joined(":", [_piece(key, part, text) for part in _parts(text)])


def _angles(key: str, text: str) -> list[Piece]:
    return _joined(".", [_piece(key, part, text) for part in _DOTS.split(text)])


def _without_unit(border: str, assigned: Collection[str]) -> str:
    found = _BORDER_VARIABLE.search(border)
    if found is None or f"{found[1]}px" in assigned:
        return border
    return border[: found.end(1)] + border[found.end() :]


def _border(key: str, text: str) -> list[Piece]:
    found = _BORDER.fullmatch(text)
    if found is None:
        return [text]
    written = found["width"]
    unit = "px" if _UNIT.search(written) else ""
    width = _piece(key, written.removesuffix(unit), text)
    return [
        width if isinstance(width, Expression) else width + unit,
        "_solid_",
        *_words(key, found["colour"]),
    ]


def _effect(key: str, text: str) -> list[Piece]:
    name, *arguments = _parts(text)
    pieces = [_argument(key, argument) for argument in arguments]
    head = _words(key, name)
    return head + [each for piece in pieces for each in (":", *piece)]


def _argument(key: str, text: str) -> list[Piece]:
    if _ARITHMETIC.search(text) and (expression := parse_expression(text)) is not None:
        return [expression]
    return _words(key, text)


def _layer(key: str, text: str) -> list[Piece]:
    """In a text layer, `$name` is a place in the style, and as the whole text; inside it `$(name)` is (§9)."""
    kind, style, content = (*text.split(":", 2), "", "")[:3]
    if kind not in ("text", "subtitles") or not content or _VARIABLE.fullmatch(content):
        return _words(key, text)
    return [*_words(key, f"{kind}:{style}:"), *_words(key, content, _INTERPOLATED)]


def _words(key: str, text: str, places: re.Pattern[str] = _VARIABLE) -> list[Piece]:
    """Text with `$name` replaced by token: it ends at the first character that is no letter or digit."""
    if "$" not in text:
        return [text]
    pieces: list[Piece] = []
    end = 0
    for place in places.finditer(text):
        name = place[place.lastindex or 1]
        written = place[0]
        pieces += [text[end : place.start()], Expression((Token(Kind.VARIABLE, name),), written)]
        end = place.end()
    return [*pieces, text[end:]]


def _piece(key: str, part: str, whole: str) -> Piece:
    """An expression where a number may stand, or the plain text that is there."""
    if not _ARITHMETIC.search(part) and part not in CHARACTERISTICS:
        return part
    expression = parse_expression(part, _OWN.get(key))
    if expression is None:
        raise invalid(_WHAT[key], whole)
    return expression


def _parts(text: str) -> list[str]:
    """What stands between colons; those of `ctx:!key!` are none."""
    return re.split(r"(?<!ctx)(?<!md):", text) if ":!" in text else text.split(":")


def _joined(mark: str, pieces: list[Piece]) -> list[Piece]:
    return [each for piece in pieces for each in (mark, piece)][1:]


_READERS: Mapping[str, Callable[[str, str], list[Piece]]] = {
    **dict.fromkeys(("w", "h", "x", "y", "ar", "z", "o", "dpr"), _whole),
    "q": _quality,
    "r": _radii,
    "a": _angles,
    "bo": _border,
    "e": _effect,
    "co": _words,
    "b": _words,
    "l": _layer,
    "u": _layer,
}
