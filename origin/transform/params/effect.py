"""Effects: `e_` with its qualifiers `co x y w h`. One a component. Sheet: transformations.md §12."""

import re
from collections.abc import Mapping
from fractions import Fraction

from attrs import frozen

from origin.transform.colours import read_colour, spelled_colour
from origin.transform.effects.arguments import Arguments, spelled
from origin.transform.effects.grammar import FOR_FILMS, LATER, OF_LAYERS, READERS
from origin.transform.params.gravity import (
    COMPASS,
    POINT,
    REGIONAL,
    Clipping,
    Custom,
    Faces,
    Region,
    read_gravity,
)
from origin.transform.params.provided import GEN_FILL, PROVIDED, Asked, read_asked
from origin.transform.plan import Rgba
from origin.transform.values import (
    Length,
    Pixels,
    Share,
    invalid,
    is_expression,
    not_supported,
    read_length,
    refused,
    unsupported,
)

_MARK = re.compile("[:;]")
_GRAY: Rgba = (128, 128, 128, 255)
_COLOURED: dict[str, Rgba | None] = {  # which effects `co_` qualifies, and what they take without it
    "colorize": _GRAY,
    "shadow": _GRAY,
    "outline": (0, 0, 0, 255),
    "make_transparent": None,
}
_REGIONAL = frozenset({"blur_region", "pixelate_region"})
_OFFSET = frozenset({"gradient_fade", "shadow"})
_SHADOW_OFFSET = Pixels(10)
_FADE_DEPTH = Share(Fraction(1, 2))
ON_FACES = frozenset({"blur_faces", "pixelate_faces", "redeye"})
_PLAIN_GRAVITIES = COMPASS | {POINT}
_ONE_SIDED = "one_side"  # how a gradient_fade without a word is known here


@frozen
class Effect:
    """One effect with its arguments, defaults filled in, and the qualifiers that are its own."""

    name: str
    arguments: Arguments = ()
    colour: Rgba | None = None
    x: Length | None = None
    y: Length | None = None
    width: Length | None = None
    height: Length | None = None
    region: Faces | Custom | Region | Clipping | None = None  # instead of a rectangle
    asked: Asked | None = None  # of a provider

    def spelled(self) -> tuple[str, ...]:
        """The canonical params, defaults written out."""
        if self.asked is not None:
            return (f"e_{self.asked.text.replace('%', '%25')}",)  # it is decoded twice
        arguments = [spelled(each) for each in self.arguments if each != _ONE_SIDED]
        texts = [":".join([f"e_{self.name}", *arguments])]
        if self.colour is not None:
            texts.append(f"co_{spelled_colour(self.colour)}")
        own = (("x", self.x), ("y", self.y), ("w", self.width), ("h", self.height))
        texts.extend(f"{key}_{length}" for key, length in own if length is not None)
        if self.region is not None:
            texts.append(f"g_{self.region}")
        return tuple(texts)


def read(values: Mapping[str, str]) -> Effect | None:
    """The effect a component asks for."""
    colour = _colour(values)
    text = values.get("e")
    if text is None:
        return None
    name, argument = _split(text)
    if name in FOR_FILMS:
        return None
    if name in PROVIDED and name != GEN_FILL:
        return Effect(name, asked=read_asked(name, argument, "effect"))
    reader = READERS.get(name)
    if reader is None and name in OF_LAYERS:
        raise unsupported(f"e_{name}", "without a layer that it mixes")
    if reader is None:
        raise unsupported(f"e_{name}") if name in LATER or is_expression(text) else invalid("effect", text)
    arguments = reader(argument)
    if arguments is None:
        raise unsupported(f"e_{text}") if is_expression(argument) else invalid("effect", text)
    region = _region(values) if name in _REGIONAL and "c" not in values else None
    own = {key: _length(values, key) for key in _own_keys(name, values)}
    if name == "shadow":
        own = {key: length or _SHADOW_OFFSET for key, length in own.items()}
    elif name == "gradient_fade" and own == {"x": None, "y": None}:
        own["y"] = _FADE_DEPTH
    return Effect(
        name,
        arguments,
        colour=(colour or _COLOURED[name]) if name in _COLOURED else None,
        x=own.get("x"),
        y=own.get("y"),
        width=own.get("w"),
        height=own.get("h"),
        region=region,
    )


def _split(text: str) -> tuple[str, str]:
    """Name and argument text; js-url-gen writes `contrast;type_linear` when there is no level."""
    name, *argument = _MARK.split(text, maxsplit=1)
    return name, "".join(argument)


def _region(values: Mapping[str, str]) -> Faces | Custom | Region | Clipping | None:
    """An area to be found in the picture, or among what is stored with it."""
    text = values.get("g", "center")
    if text in _PLAIN_GRAVITIES:
        return None
    gravity = read_gravity(text)
    if not isinstance(gravity, REGIONAL):
        raise not_supported("g", "gravity", text)
    return gravity


def left_to_resize(values: Mapping[str, str]) -> Mapping[str, str]:
    """A component's params without the lengths that are its effect's."""
    text = values.get("e")
    if text is None:
        return values
    own = _own_keys(_split(text)[0], values)
    taken = {*own, "ar"} if "w" in own else {*own}  # a ratio without sides of its own has nothing to say
    return {key: value for key, value in values.items() if key not in taken}


def _own_keys(name: str, values: Mapping[str, str]) -> str:
    """A region belongs to its effect unless a `c_` or `ar_` claims it; so do the offsets of a shadow or a fade."""
    if name in _REGIONAL:
        return "" if "c" in values or "ar" in values else "xywh"
    return "xy" if name in _OFFSET else ""


def _colour(values: Mapping[str, str]) -> Rgba | None:
    text = values.get("co")
    if text is None:
        return None
    colour = read_colour(text)
    if colour is None:
        raise refused("co", "color", text)
    return colour


def _length(values: Mapping[str, str], key: str) -> Length | None:
    text = values.get(key)
    if text is None:
        return None
    length = read_length(text)
    if length is None:
        raise refused(key, {"w": "width", "h": "height"}.get(key, key), text)
    return length


def unheard(values: Mapping[str, str]) -> str | None:
    """The effect of a component that only acts on films."""
    name = values.get("e", "").partition(":")[0]
    return f"e_{name}" if name in FOR_FILMS else None
