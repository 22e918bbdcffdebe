"""Layers: where one comes from (`l_ u_`) and how it is placed (`g x y`, blend, flags). Sheet: §11.2, §11.3."""

import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from attrs import frozen

from origin.transform.blocks import Values, flags_of
from origin.transform.composite import Blend
from origin.transform.effects.arguments import Level
from origin.transform.limits import Limits
from origin.transform.params import size, text
from origin.transform.params.gravity import Gravity
from origin.transform.params.selection import WHOLE_FILE, Selection
from origin.transform.params.text import Words
from origin.transform.references import Reference
from origin.transform.values import Length, invalid, unsupported
from wire.public_ids import escaped, has_control_characters

if TYPE_CHECKING:
    from origin.transform.parse import Step

BLENDS = frozenset({"multiply", "screen", "overlay", "mask", "cut_out", "displace"})
_LATER_SOURCES = frozenset({"video", "audio", "subtitles"})
_TABLES = (".cube", ".3dl")
_ANTI_REMOVAL = "anti_removal"
_JITTER = Level(1, 100, 50)
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
_URL_SAFE = str.maketrans("+/", "-_")
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_RESTRICTED = ("private", "authenticated")
_OWN_FLAGS = frozenset(
    {
        *("layer_apply", "relative", "region_relative", "tiled", "cutter", "no_overflow"),
        *("text_no_trim", "text_disallow_overflow"),
    }
)


@frozen
class Placement:
    """Where a layer comes to lie and how it mixes with what it lies on."""

    gravity: Gravity = "center"
    x: Length | None = None
    y: Length | None = None
    blend: Blend = "over"
    tiled: bool = False
    clipped: bool = False  # fl_no_overflow: the canvas does not grow
    strict: bool = False  # fl_text_disallow_overflow: nor may the layer stick out
    jitter: int | None = None  # e_anti_removal: how much of it is moved by chance, 1..100
    to_region: bool = False  # fl_region_relative: factors are of the area the gravity names

    def spelled(self) -> tuple[str, ...]:
        """The canonical params of the closing component."""
        texts = ["fl_layer_apply"]
        if self.gravity != "center":
            texts.append(f"g_{self.gravity}")
        texts.extend(f"{key}_{value}" for key, value in (("x", self.x), ("y", self.y)) if value is not None)
        if self.blend == "cutter":
            texts.append("fl_cutter")
        elif self.jitter is not None:
            texts.append(f"e_{_ANTI_REMOVAL}:{self.jitter}")
        elif self.blend != "over":
            texts.append(f"e_{self.blend}")
        flags = (
            ("tiled", self.tiled),
            ("no_overflow", self.clipped),
            ("text_disallow_overflow", self.strict),
            ("region_relative", self.to_region),
        )
        texts.extend(f"fl_{name}" for name, is_set in flags if is_set)
        return tuple(texts)


@frozen
class Variable:
    """The image that was kept in a variable (`$img_current`)."""

    name: str


Source = Reference | Words | Variable
"""Where a layer's pixels come from. A raw file is a colour table, and has none."""


@frozen
class Layer:
    """An image or words, what is done to them, and their place."""

    source: Source
    placement: Placement = Placement()
    steps: "tuple[Step, ...]" = ()
    below: bool = False
    ignore_orientation: bool = False
    selection: Selection = WHOLE_FILE

    @property
    def opening(self) -> tuple[str, ...]:
        """The canonical params of the opening component."""
        key = "u" if self.below else "l"
        if isinstance(self.source, Words):
            return (f"{key}_{self.source.source}", *self.source.qualifiers())
        if isinstance(self.source, Variable):
            return (f"{key}_${self.source.name}",)
        if self.source.resource_type == "raw":
            return (f"{key}_lut:{escaped(self.source.public_id.replace('/', ':'))}",)
        if self.source.type == "text":
            return (f"{key}_text:{quote(self.source.public_id, safe='')}",)
        if self.source.type == "fetch":
            return (f"{key}_fetch:{encoded_url(self.source.public_id)}",)
        folders = "" if self.source.type == "upload" else f"{self.source.type}:"
        return (f"{key}_{folders}{escaped(self.source.public_id.replace('/', ':'))}",)


def read_source(values: Values, limits: Limits, *, trimmed: bool) -> tuple[Source, Values]:
    """Where a layer comes from, and the params of its opening that are left to act on it."""
    rest = {key: value for key, value in values.items() if key not in ("l", "u")}
    value = values.get("l") or values.get("u") or ""
    kind, colon, name = value.partition(":")
    if kind == "text" and colon:
        return _text(name, rest, limits, trimmed=trimmed)
    if value.startswith("$"):
        return Variable(value[1:]), rest
    if kind in _LATER_SOURCES and colon:
        raise unsupported(f"l_{value}")
    if kind == "lut" and colon:
        if not name.lower().endswith(_TABLES) or name.startswith("."):
            raise invalid("overlay", value)
        return Reference("upload", name.replace(":", "/").strip("/"), "raw"), rest
    if kind == "fetch" and colon:
        return Reference(kind, decoded_url(name)), rest
    is_typed = bool(colon) and kind in _RESTRICTED
    public_id = (name if is_typed else value).replace(":", "/").strip("/")
    if not public_id:
        raise invalid("overlay", value)
    return Reference(kind if is_typed else "upload", public_id), rest


def _text(name: str, rest: Values, limits: Limits, *, trimmed: bool) -> tuple[Source, Values]:
    """Words; or, where there are none, the stored text of that name as it is."""
    if ":" not in name and (stored := text.stored(name)) is not None:
        return stored, rest
    taken = {"co", "b", "bo"}
    if rest.get("c", "fit") == "fit":
        taken |= {"w", "h"}
    words = text.read(name, {key: rest[key] for key in taken & rest.keys()}, limits, trimmed=trimmed)
    taken -= {"co"}  # an effect of the same component may want it too
    if rest.get("c") == "fit":
        taken |= {"c"}
    return words, {key: value for key, value in rest.items() if key not in taken}


def decoded_url(written: str) -> str:
    """The URL in a fetch layer: base64 in either alphabet, padded or not, perhaps with an extension (§11.2)."""
    text = _EXTENSION.sub("", written).translate(_URL_SAFE).rstrip("=")
    try:
        url = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except ValueError as error:  # not base64, or not UTF-8
        raise invalid("overlay", f"fetch:{written}") from error
    if not _WEB.match(url) or has_control_characters(url):
        raise invalid("overlay", f"fetch:{written}")
    return url


def encoded_url(url: str) -> str:
    """The inverse, in the one canonical spelling."""
    return urlsafe_b64encode(url.encode()).decode().rstrip("=")


def read_placement(values: Values, flags: set[str]) -> tuple[Placement, Values]:
    """Where a layer goes, and the params of its closing that are left to act on it before."""
    effect = values.get("e", "")
    blend = "cutter" if "cutter" in flags else effect if effect in BLENDS else "over"
    name, _, level = effect.partition(":")
    jitter = _JITTER.read(level) if name == _ANTI_REMOVAL else None
    if name == _ANTI_REMOVAL and jitter is None:
        raise invalid("effect", effect)
    gravity, x, y = size.read_position(values)
    placement = Placement(
        gravity=gravity,
        x=x,
        y=y,
        blend=cast(Blend, blend),
        tiled="tiled" in flags,
        clipped="no_overflow" in flags,
        strict="text_disallow_overflow" in flags,
        jitter=jitter,
    )
    taken = {"g", "x", "y"} | ({"e"} if effect in BLENDS or name == _ANTI_REMOVAL else set())
    return placement, {key: value for key, value in values.items() if key not in taken}


def own_flags(*components: Mapping[str, str] | None) -> set[str]:
    """The flags among these components' that speak of a layer."""
    return {name for each in components if each for name in flags_of(dict(each)) & _OWN_FLAGS}


def without_own_flags(values: Values) -> Values:
    """The component as it would act on an image that is no layer."""
    kept = [each for each in values.get("fl", "").split(".") if each and each not in _OWN_FLAGS]
    rest = {key: value for key, value in values.items() if key != "fl"}
    return rest | ({"fl": ".".join(kept)} if kept else {})
