"""What an effect comes to on an image of a known size: the operation, and the canvas after it. Sheet: §12."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from attrs import frozen

from origin.transform.effects import warps
from origin.transform.effects.arguments import spelled
from origin.transform.effects.panning import Aimed, read_journey
from origin.transform.params.effect import Effect
from origin.transform.plan import Blur, Filter, Grayscale, Operation, Sepia
from origin.transform.values import Length, Original, Pixels, Share, half_up, invalid

_CLEARING_NAMES = """
gradient_fade opacity_threshold make_transparent bgremoval shadow outline dropshadow distort shear
"""
CLEARING = frozenset(_CLEARING_NAMES.split())
"""Effects after which an image may be transparent."""

SIGMA_PER_LEVEL = 1 / 40  # §12.2
_REACH = 2.5  # beyond so many sigmas a blurred edge cannot be seen
_AUTOMATIC_SQUARES = 25  # along the shorter side
_FACE_GROWTH = Fraction(15, 100)  # §12.2
_IN_PARTS = {"blur_region": "blur_parts", "pixelate_region": "pixelate_parts"}
_LOWEST_LIGHT = 5  # degrees: a lower one casts its shadow out of sight
_ZERO_IS_IDLE_NAMES = """
brightness brightness_hsb saturation vibrance hue gamma red green blue colorize vignette auto_brightness
auto_contrast auto_color fill_light
"""
_ZERO_IS_IDLE = frozenset(_ZERO_IS_IDLE_NAMES.split())

Box = tuple[int, int, int, int]


@frozen
class Stage:
    """What an effect works on."""

    width: int
    height: int
    original: tuple[int, int]
    dpr: Fraction
    alpha: bool
    aimed: Aimed
    boxes: tuple[Box, ...] = ()  # the areas an effect is worked in, where they had to be found

    def along(self, length: Length, axis: int) -> int:
        """Pixels of a length along the width (0) or the height (1)."""
        if isinstance(length, Pixels):
            return half_up(length.count * self.dpr)
        if isinstance(length, Original):
            return self.original["wh".index(length.side)]
        return half_up(length.of * (self.width, self.height)[axis])

    def filter(self, name: str, *arguments: Any) -> Filter:
        """An operation that keeps the size."""
        return Filter(name, arguments, self.width, self.height)


def operation(effect: Effect, stage: Stage) -> Operation | None:
    """The operation of an effect; None where every pixel would stay as it is."""
    if _is_idle(effect, stage):
        return None
    return _PLANNED.get(effect.name, _as_written)(effect, stage)


def _is_idle(effect: Effect, stage: Stage) -> bool:
    arguments = effect.arguments
    if effect.name in _ZERO_IS_IDLE:
        return arguments[0] == 0
    match effect.name:
        case "fade":
            return arguments == (0,)
        case "contrast":
            return arguments in ((0, "sigmoidal"), (100, "linear"))
        case "improve":
            return arguments[1] == 0
        case "opacity_threshold":
            return not stage.alpha
        case "shear":
            return arguments == (0, 0)
        case "distort":
            return arguments == ("arc", 0)
    return False


def _as_written(effect: Effect, stage: Stage) -> Operation:
    colour = () if effect.colour is None else (effect.colour,)
    settled = [float(each) if isinstance(each, Fraction) else each for each in effect.arguments]
    return stage.filter(effect.name, *settled, *colour)


def _numbers(effect: Effect) -> list[int]:
    return [each for each in effect.arguments if isinstance(each, int)]


def _blur(effect: Effect, stage: Stage) -> Operation | None:
    sigma = _numbers(effect)[0] * SIGMA_PER_LEVEL * float(stage.dpr)
    return _regional(effect, stage, Blur(sigma), "blur_region", sigma)


def _pixelate(effect: Effect, stage: Stage) -> Operation | None:
    side = _square_side(effect, stage)
    return _regional(effect, stage, stage.filter("pixelate", side), "pixelate_region", side)


def _square_side(effect: Effect, stage: Stage) -> int:
    level = _numbers(effect)
    return max(1, half_up(level[0] * stage.dpr) if level else _automatic_side(stage))


def _automatic_side(stage: Stage) -> int:
    return max(2, half_up(Fraction(min(stage.width, stage.height), _AUTOMATIC_SQUARES)))


def _regional(effect: Effect, stage: Stage, whole: Operation, name: str, size: float) -> Operation | None:
    """The whole image without a region; nothing for a region beside the image, or not found in it."""
    if effect.region is not None:
        return stage.filter(_IN_PARTS[name], size, False, stage.boxes) if stage.boxes else None
    left, top, right, bottom = _box(effect, stage)
    if (left, top, right, bottom) == (0, 0, stage.width, stage.height):
        return whole
    return stage.filter(name, size, left, top, right, bottom) if left < right and top < bottom else None


def _blur_faces(effect: Effect, stage: Stage) -> Operation | None:
    sigma = _numbers(effect)[0] * SIGMA_PER_LEVEL * float(stage.dpr)
    return stage.filter("blur_parts", sigma, True, _grown(stage.boxes)) if stage.boxes else None


def _pixelate_faces(effect: Effect, stage: Stage) -> Operation | None:
    side = _square_side(effect, stage)
    return stage.filter("pixelate_parts", side, True, _grown(stage.boxes)) if stage.boxes else None


def _grown(boxes: tuple[Box, ...]) -> tuple[Box, ...]:
    """Faces with some of what is round them; they may reach over the edge."""
    grown = []
    for left, top, right, bottom in boxes:
        x, y = (half_up((far - near) * _FACE_GROWTH / 2) for near, far in ((left, right), (top, bottom)))
        grown.append((left - x, top - y, right + x, bottom + y))
    return tuple(grown)


def _box(effect: Effect, stage: Stage) -> Box:
    left = stage.along(effect.x, 0) if effect.x is not None else 0
    top = stage.along(effect.y, 1) if effect.y is not None else 0
    right = left + stage.along(effect.width, 0) if effect.width is not None else stage.width
    bottom = top + stage.along(effect.height, 1) if effect.height is not None else stage.height
    return max(left, 0), max(top, 0), min(right, stage.width), min(bottom, stage.height)


def _tint(effect: Effect, stage: Stage) -> Operation | None:
    """Stops with a place each: those without one share the way between their neighbours evenly."""
    equalize = effect.arguments[0] == "equalize"
    amount, *rest = effect.arguments[equalize:]
    if amount == 0:
        return None
    colours: list[Any] = []
    places: list[float | None] = []
    for each in rest:
        if isinstance(each, str):
            places[-1] = int(each[:-1]) / 100
        else:
            colours.append(each)
            places.append(None)
    return stage.filter("tint", equalize, amount, *zip(_spread(places), colours, strict=True))


def _spread(places: list[float | None]) -> list[float]:
    """Black at 0 and white at 1 stand at both ends, and are hidden by a stop of their place."""
    known: list[float | None] = [0.0, *places, 1.0]
    for index, place in enumerate(known):
        if place is None:
            start = known[index - 1] or 0.0
            following = next(later for later in range(index, len(known)) if known[later] is not None)
            known[index] = start + ((known[following] or 0.0) - start) / (following - index + 1)
    return [place or 0.0 for place in known[1:-1]]


def _gradient_fade(effect: Effect, stage: Stage) -> Operation | None:
    word, strength = effect.arguments
    x = stage.along(effect.x, 0) if effect.x is not None else 0
    y = stage.along(effect.y, 1) if effect.y is not None else 0
    both = word != "one_side"
    left, right = (abs(x), abs(x)) if both else (max(x, 0), max(-x, 0))
    top, bottom = (abs(y), abs(y)) if both else (max(y, 0), max(-y, 0))
    across, down = stage.width, stage.height
    depths = (min(left, across), min(top, down), min(right, across), min(bottom, down))
    return stage.filter("gradient_fade", strength, *depths) if any(depths) and strength else None


def _shadow(effect: Effect, stage: Stage) -> Operation:
    assert effect.x is not None
    assert effect.y is not None
    sigma = _numbers(effect)[0] / 4 * float(stage.dpr)
    x, y = stage.along(effect.x, 0), stage.along(effect.y, 1)
    reach = math.ceil(sigma * _REACH)
    left, top = max(0, reach - x), max(0, reach - y)
    width = left + stage.width + max(0, reach + x)
    height = top + stage.height + max(0, reach + y)
    return Filter("shadow", (sigma, effect.colour, left, top, x, y), width, height)


def _outline(effect: Effect, stage: Stage) -> Operation:
    mode = effect.arguments[0]
    thickness, blur = _numbers(effect)
    thickness = max(1, half_up(thickness * stage.dpr))
    sigma = blur / 10 * float(stage.dpr)
    grows = mode in ("both", "outer", "fill")
    margin = thickness + math.ceil(sigma * _REACH) if grows else 0
    arguments = (mode, thickness, sigma, effect.colour, margin)
    return Filter("outline", arguments, stage.width + 2 * margin, stage.height + 2 * margin)


def _dropshadow(effect: Effect, stage: Stage) -> Operation:
    azimuth, elevation, spread = _numbers(effect)
    light = math.radians(azimuth)
    length = stage.height * 0.15 / math.tan(math.radians(max(elevation, _LOWEST_LIGHT)))
    x, y = -round(length * math.sin(light)), round(length * math.cos(light))
    return stage.filter("dropshadow", x, y, stage.height * 0.05 * spread / 100)


def _distort(effect: Effect, stage: Stage) -> Operation:
    arguments = effect.arguments
    if arguments[0] == "arc":
        return warps.arc(stage.width, stage.height, _numbers(effect)[0])
    lengths = [each for each in arguments if isinstance(each, Pixels | Share | Original)]
    along = [Fraction(stage.along(length, index % 2)) for index, length in enumerate(lengths)]
    corners = tuple(zip(along[::2], along[1::2], strict=True))
    return _possible(warps.perspective(stage.width, stage.height, corners), effect)


def _shear(effect: Effect, stage: Stage) -> Operation:
    across, down = _numbers(effect)
    return _possible(warps.sheared(stage.width, stage.height, across, down), effect)


def _zoompan(effect: Effect, stage: Stage) -> Operation:
    journey = read_journey(":".join(map(str, effect.arguments)))
    assert journey is not None  # it was read from these words before
    return journey.filter((stage.width, stage.height), stage.original, stage.aimed)


def _possible(warp: Filter | None, effect: Effect) -> Filter:
    if warp is None:
        raise invalid("effect", ":".join([effect.name, *map(spelled, effect.arguments)]))
    return warp


_PLANNED: dict[str, Callable[[Effect, Stage], Operation | None]] = {
    "grayscale": lambda effect, stage: Grayscale(),
    "sepia": lambda effect, stage: Sepia(_numbers(effect)[0]),
    "blur": _blur,
    "blur_region": _blur,
    "pixelate": _pixelate,
    "pixelate_region": _pixelate,
    "blur_faces": _blur_faces,
    "pixelate_faces": _pixelate_faces,
    "redeye": lambda effect, stage: stage.filter("redeye", stage.boxes) if stage.boxes else None,
    "tint": _tint,
    "gradient_fade": _gradient_fade,
    "shadow": _shadow,
    "outline": _outline,
    "dropshadow": _dropshadow,
    "distort": _distort,
    "shear": _shear,
    "zoompan": _zoompan,
}
