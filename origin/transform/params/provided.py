"""Effects that need a model, which a provider plugs in: their options, read in full. Sheet: §12.4.

`name_value` joined by `;` (older URLs: `:`), lists `(a;b)`, regions `((x_1;y_2;w_3;h_4);(…))`. Values are
decoded a second time, piece by piece, so that whatever is escaped twice separates nothing.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from urllib.parse import quote

from attrs import field, frozen

from origin.transform.colours import read_colour, spelled_colour
from origin.transform.values import invalid, read_integer
from wire.components import decoded

Region = tuple[int, int, int, int]  # x, y, width, height
Value = bool | int | str | tuple[str | Region, ...]  # colours as hex digits
Options = tuple[tuple[str, Value], ...]
"""Sorted by name."""

GEN_FILL = "gen_fill"  # not an effect but a background: `b_gen_fill`
LONGEST_TEXT = 1000  # characters
MOST_ITEMS = 50  # of a list
_LARGEST_SEED = 2**31 - 1


class Kind(Enum):
    """What may stand after an option's name."""

    WORD = "nothing"  # the name says it all
    FLAG = "true or false"
    NUMBER = "an integer"
    TEXT = "a text"
    TEXTS = "a text, or texts in parentheses"
    REGIONS = "regions in parentheses"
    COLOUR = "a colour"
    MODE = "content or mask"


_PROMPTED = {"prompt": Kind.TEXT, "seed": Kind.NUMBER}
PROVIDED: Mapping[str, Mapping[str, Kind]] = {
    "background_removal": {"fineedges": Kind.FLAG, "hints": Kind.TEXTS},
    "enhance": {},
    "auto_enhance": {"enhance-colors": Kind.FLAG},
    "extract": {
        "prompt": Kind.TEXTS,
        "multiple": Kind.FLAG,
        "mode": Kind.MODE,
        "invert": Kind.FLAG,
        "preserve-alpha": Kind.FLAG,
    },
    "gen_background_replace": _PROMPTED,
    "gen_recolor": {"prompt": Kind.TEXTS, "to-color": Kind.COLOUR, "multiple": Kind.FLAG},
    "gen_remove": {
        "prompt": Kind.TEXTS,
        "region": Kind.REGIONS,
        "multiple": Kind.FLAG,
        "remove-shadow": Kind.FLAG,
    },
    "gen_replace": {
        "from": Kind.TEXT,
        "to": Kind.TEXT,
        "preserve-geometry": Kind.FLAG,
        "multiple": Kind.FLAG,
    },
    "gen_restore": {},
    "upscale": {},
    "adv_redeye": {},
    "viesus_correct": {"no_redeye": Kind.WORD, "skin_saturation": Kind.NUMBER},
    GEN_FILL: {**_PROMPTED, "ignore-foreground": Kind.FLAG},
}
"""What each may be told. `gen_fill` follows `b_`, the others `e_`."""

_NEEDED: Mapping[str, tuple[frozenset[str], ...]] = {
    "extract": (frozenset({"prompt"}),),
    "gen_recolor": (frozenset({"prompt"}), frozenset({"to-color"})),
    "gen_remove": (frozenset({"prompt", "region"}),),
    "gen_replace": (frozenset({"from"}), frozenset({"to"})),
}
"""Of each set, one must be there."""

ADD_ONS = frozenset({"adv_redeye", "viesus_correct"})
"""Upstream sells them apart, and refuses them on unsigned URLs (delivery-urls §8.2)."""

_SEPARATORS = ";:"
_TRUTHS = {"true": True, "y": True, "yes": True, "false": False, "n": False, "no": False}
_REGION = re.compile(r"([xywh])_([0-9]{1,6})")


@frozen
class Plugged:
    """A provider as planning knows it: who it is, and how it may be called."""

    identity: str  # another one gives other pixels
    builtin: str | None = None  # a stand-in of our own, switched on by name
    signed_only: bool = False


@frozen
class Asked:
    """What a provider is asked for."""

    name: str
    options: Options = field(default=())

    @property
    def text(self) -> str:
        """The canonical text, options sorted."""
        options = ";".join(_spelled(self.name, name, value) for name, value in self.options)
        return f"{self.name}:{options}" if options else self.name


def read_asked(name: str, text: str, what: str) -> Asked:
    """What is asked of the provider of an effect; `what` names the param in a refusal."""
    known = PROVIDED[name]
    whole = f"{name}:{text}" if text else name
    found: dict[str, Value] = {}
    for part in _joined(_pieces(text, _SEPARATORS), known):
        option = next((each for each in known if part == each or part.startswith(f"{each}_")), None)
        value = None if option is None else _value(known[option], part[len(option) + 1 :], part == option)
        if option is None or value is None or option in found:
            raise invalid(what, whole)
        found[option] = value
    if not all(each & found.keys() for each in _NEEDED.get(name, ())):
        raise invalid(what, whole)
    return Asked(name, tuple(sorted(found.items(), key=lambda pair: pair[0])))


def _joined(pieces: Iterator[str], known: Mapping[str, Kind]) -> Iterator[str]:
    """Options; a colon inside a text, which is written unescaped, ends none."""
    held = ""
    for piece in pieces:
        separator, part = piece[:1], piece[1:]
        is_option = any(part == each or part.startswith(f"{each}_") for each in known)
        if held and separator == ":" and not is_option:
            held += piece
            continue
        if held:
            yield held
        held = part
    if held:
        yield held


def _pieces(text: str, separators: str) -> Iterator[str]:
    """What stands between separators outside of parentheses, each with the separator before it."""
    start, depth, separator = 0, 0, ";"
    for position, each in enumerate(text):
        depth += (each == "(") - (each == ")")
        if depth <= 0 and each in separators:
            yield separator + text[start:position]
            start, separator = position + 1, each
    if text:
        yield separator + text[start:]


def _value(kind: Kind, text: str, is_bare: bool) -> Value | None:
    match kind:
        case Kind.WORD:
            return True if is_bare else None
        case Kind.FLAG:
            return True if is_bare else _TRUTHS.get(text.lower())
        case Kind.NUMBER:
            number = read_integer(text)
            return number if number is not None and abs(number) <= _LARGEST_SEED else None
        case Kind.COLOUR:
            colour = read_colour(text)
            return None if colour is None else spelled_colour(colour).removeprefix("rgb:")
        case Kind.MODE:
            return text if text in ("content", "mask") else None
        case Kind.TEXT:
            return _text(text)
        case Kind.TEXTS:
            texts = [_text(each) for each in _items(text)]
            fits = 0 < len(texts) <= MOST_ITEMS and None not in texts
            return tuple(each for each in texts if each) if fits else None
        case Kind.REGIONS:
            return _regions(text)


def _text(text: str) -> str | None:
    words = decoded(text).strip()
    return words if 0 < len(words) <= LONGEST_TEXT else None


def _items(text: str) -> list[str]:
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
        return [each[1:] for each in _pieces(text, ";")]
    return [text] if text else []


def _regions(text: str) -> tuple[Region, ...] | None:
    items = _items(text)
    if items and not items[0].startswith("("):
        items = [text]  # one region needs no parentheses around it
    regions: list[Region] = []
    for item in items:
        sides = {found[1]: int(found[2]) for each in _items(item) if (found := _REGION.fullmatch(each))}
        if set(sides) != set("xywh") or not sides["w"] or not sides["h"]:
            return None
        regions.append((sides["x"], sides["y"], sides["w"], sides["h"]))
    return tuple(regions) if 0 < len(regions) <= MOST_ITEMS else None


def _spelled(effect: str, name: str, value: Value) -> str:
    match PROVIDED[effect][name], value:
        case Kind.WORD, _:
            return name
        case Kind.FLAG, _:
            return f"{name}_{'true' if value else 'false'}"
        case _, tuple():
            return f"{name}_({';'.join(map(_item, value))})"
        case Kind.TEXT, str():
            return f"{name}_{quote(value, safe='')}"
        case _:
            return f"{name}_{value}"


def _item(item: str | Region) -> str:
    if isinstance(item, str):
        return quote(item, safe="")
    return "(" + ";".join(f"{side}_{number}" for side, number in zip("xywh", item, strict=True)) + ")"


def as_json(options: Options) -> dict[str, object]:
    """The options as a provider reads them: regions as objects."""
    return {name: _plain(value) for name, value in options}


def _plain(value: Value) -> object:
    if not isinstance(value, tuple):
        return value
    return [
        dict(zip(("x", "y", "width", "height"), each, strict=True)) if isinstance(each, tuple) else each
        for each in value
    ]
