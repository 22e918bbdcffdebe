"""Sizes, crop modes, gravity: `c w h ar g x y z`, `fl_ignore_aspect_ratio` (transformations.md §4, §5)."""

from collections.abc import Mapping
from fractions import Fraction

from attrs import frozen

from origin.transform.params.flags import read_flags
from origin.transform.params.gravity import LIQUID, REGIONAL, Auto, Gravity, read_gravity
from origin.transform.values import (
    Length,
    Pixels,
    Share,
    half_up,
    invalid,
    is_expression,
    not_supported,
    read_length,
    read_number,
    read_ratio,
    refused,
    spelled_number,
    unsupported,
)
from wire.errors import InvalidRequest

FITTING = frozenset({"scale", "fit", "limit", "mfit"})  # the whole image survives, gravity has no say
CUTTING = frozenset({"fill", "lfill", "crop", "thumb", "auto"})
PADDING = frozenset({"pad", "lpad", "mpad"})
EITHER = frozenset({"fill_pad", "auto_pad"})  # cutting, or padding rather than losing what matters
MODES = FITTING | CUTTING | PADDING | EITHER
_ADD_ONS = {"imagga_crop": "fill", "imagga_scale": "fill"}  # what stands in for a model we have not (§4.2)
_REGION_IS_SIZE = frozenset({"crop", "thumb", "auto"})  # without sizes, they show the region of their gravity
_LATER_GRAVITIES = ("adv_face", "adv_eyes", "ocr_text", "track_person")
_ONE = Fraction(1)


@frozen
class Resize:
    """One resize or crop, sizes still as asked."""

    mode: str
    width: Length | None = None
    height: Length | None = None
    ratio: Fraction | None = None  # only while one of width and height is free
    stretch: bool = False  # fl_ignore_aspect_ratio: the free side keeps its length
    gravity: Gravity = "center"
    x: Length | None = None
    y: Length | None = None
    zoom: Fraction = _ONE
    relative: bool = False  # fl_relative: factors are of the image a layer will lie on

    @property
    def is_padding(self) -> bool:
        """Whether `b_` in the same component is the colour of the frame."""
        return self.mode in PADDING | EITHER

    @property
    def is_region(self) -> bool:
        """Whether it shows the very region its gravity names: no size is asked for (§5.2)."""
        return self.width is None and self.height is None and self.ratio is None

    def spelled(self) -> tuple[str, ...]:
        """The canonical params."""
        texts = [f"c_{self.mode}"]
        if self.width is not None:
            texts.append(f"w_{self.width}")
        if self.height is not None:
            texts.append(f"h_{self.height}")
        if self.ratio is not None:
            texts.append(f"ar_{self.ratio.numerator}:{self.ratio.denominator}")
        if self.stretch:
            texts.append("fl_ignore_aspect_ratio")
        if self.relative:
            texts.append("fl_relative")
        if self.gravity != "center" or (self.mode == "crop" and (self.x or self.y)):
            texts.append(f"g_{self.gravity}")
        texts.extend(f"{key}_{value}" for key, value in (("x", self.x), ("y", self.y)) if value is not None)
        if self.zoom != 1:
            texts.append(f"z_{spelled_number(self.zoom)}")
        return tuple(texts)


def read(values: Mapping[str, str]) -> Resize | None:
    """The resize a component asks for; None when it names no size (§4.1)."""
    named = _mode(values.get("c"))
    width, height = _side(values, "w", "width"), _side(values, "h", "height")
    ratio = _ratio(values.get("ar"))
    x, y = _offset(values, "x"), _offset(values, "y")
    mode = _ADD_ONS.get(named or "", named or "scale")
    gravity = Auto() if named in _ADD_ONS else _gravity(values.get("g"), mode)
    zoom = _zoom(values.get("z"))
    both = width is not None and height is not None
    neither = width is None and height is None
    is_region = neither and ratio is None
    if is_region and not (mode in _REGION_IS_SIZE and isinstance(gravity, REGIONAL)):
        return None
    if mode in EITHER and not isinstance(gravity, Auto):
        raise InvalidRequest(f"Use {mode} only with auto gravity")
    if mode in FITTING:
        gravity, x, y = gravity if gravity == LIQUID else None, None, None
    if gravity is None and mode == "crop" and (x is not None or y is not None):
        gravity = "north_west"  # §5.1: x and y without g count from the corner
    return Resize(
        mode,
        width,
        height,
        ratio=None if both else ratio,
        stretch=not both and not neither and ratio is None and "ignore_aspect_ratio" in read_flags(values),
        gravity=gravity or "center",
        x=x,
        y=y,
        zoom=zoom if mode in ("thumb", "auto", "auto_pad") or is_region else _ONE,
    )


def read_position(values: Mapping[str, str]) -> tuple[Gravity, Length | None, Length | None]:
    """Gravity and offsets of something laid on an image whole."""
    return _gravity(values.get("g"), "pad") or "center", _offset(values, "x"), _offset(values, "y")


def _mode(text: str | None) -> str | None:
    if text is None or text in MODES or text in _ADD_ONS:
        return text
    raise invalid("crop", text)


def _side(values: Mapping[str, str], key: str, name: str) -> Length | None:
    text = values.get(key)
    if text is None:
        return None
    length = read_length(text)
    if length is None:
        raise unsupported(f"{key}_{text}") if text.split(":")[0] == "auto" else refused(key, name, text)
    if (isinstance(length, Pixels) and length.count <= 0) or (isinstance(length, Share) and length.of <= 0):
        raise invalid(name, text)
    return length


def _offset(values: Mapping[str, str], key: str) -> Length | None:
    text = values.get(key)
    if text is None:
        return None
    length = read_length(text)
    if length is None:
        raise refused(key, key, text)
    if isinstance(length, Share) and abs(length.of) >= 1:  # §5.1: factors lie in (-1, 1)
        return Pixels(half_up(length.of))
    return length


def _ratio(text: str | None) -> Fraction | None:
    if text is None:
        return None
    ratio = read_ratio(text)
    if ratio is None:
        later = is_expression(text) or text in ("iar", "ar")
        raise unsupported(f"ar_{text}") if later else invalid("aspect_ratio", text)
    return ratio


def _gravity(text: str | None, mode: str) -> Gravity | None:
    if text is None:
        return None
    gravity = read_gravity(text)
    is_later = text.startswith(_LATER_GRAVITIES)
    if isinstance(gravity, Auto) and mode in FITTING | PADDING:
        raise InvalidRequest("Use auto gravity only with crop, fill, lfill, fill_pad or thumb")
    if gravity is None and not is_later:
        raise refused("g", "gravity", text)
    if gravity == LIQUID and mode != "scale":
        raise InvalidRequest("Use liquid gravity only with scale")
    if mode in FITTING and gravity != LIQUID:
        return None  # a qualifier of nothing: harmless in older URLs
    if gravity is None:
        raise not_supported("g", "gravity", text)
    return gravity


def _zoom(text: str | None) -> Fraction:
    if text is None:
        return _ONE
    zoom = read_number(text)
    if zoom is None or zoom <= 0:
        raise refused("z", "zoom", text)
    return zoom
