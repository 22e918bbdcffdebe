"""What may be written after `e_`: one reader an effect, from its argument text to typed arguments."""

import re
from collections.abc import Callable
from fractions import Fraction

from origin.transform.colours import read_colour
from origin.transform.effects.arguments import (
    Argument,
    Arguments,
    Level,
    colours_and_positions,
    options,
    parted,
)
from origin.transform.effects.levels import BARE, LEVELS
from origin.transform.effects.panning import read_journey
from origin.transform.values import half_up, read_length, read_number

Reader = Callable[[str], Arguments | None]
"""Argument text → typed arguments, defaults filled in. None: that is no argument of this effect."""

_ARTS_NAMES = """
al_dente athena audrey aurora daguerre eucalyptus fes frost hairspray hokusai incognito linen peacock
primavera quartz red_rock refresh sizzle sonnet ukulele zorro
"""
ARTS = frozenset(_ARTS_NAMES.split())
_COLOUR_VISIONS_NAMES = """
deuteranopia protanopia tritanopia tritanomaly deuteranomaly cone_monochromacy rod_monochromacy
"""
COLOUR_VISIONS = frozenset(_COLOUR_VISIONS_NAMES.split())
KERNELS = frozenset({"octagon", "diamond", "square", "disk", "plus", "cross", "ring"})
FADES = frozenset({"symmetric", "symmetric_pad"})
OUTLINES = frozenset({"both", "inner", "outer", "inner_fill", "fill"})

TRIM_TOLERANCE = 10

_PERCENT = Level(0, 100, 100)
_SIGMOIDAL = Level(-100, 100, 0)
_LINEAR = Level(1, 200, 100)
_MOST_STOPS = 10
_LEAST_RADIUS, _MOST_RADIUS = Fraction(1, 2), Fraction(20)
_VECTORIZE = {
    "colors": Level(2, 30, 10),
    "detail": Level(0, 1000, 300),
    "despeckle": Level(0, 100, 2),
    "paths": Level(0, 100, 100),
    "corners": Level(0, 100, 25),
}
_LONGEST_FADE = 600_000  # milliseconds
_DROPSHADOW = ("azimuth", "elevation", "spread")


def _levels(text: str, *levels: Level) -> Arguments | None:
    """Positional levels, each of which may be left out from the end."""
    parts = parted(text)
    if len(parts) > len(levels):
        return None
    parts += [""] * (len(levels) - len(parts))
    read = [level.read(part) for level, part in zip(levels, parts, strict=True)]
    return None if None in read else tuple(each for each in read if each is not None)


def _worded(text: str, words: frozenset[str], default: str, *levels: Level) -> Arguments | None:
    """A word, which may be left out, before positional levels."""
    word, _, rest = text.partition(":")
    if word not in words:
        word, rest = default, text
    numbers = _levels(rest, *levels)
    return None if numbers is None else (word, *numbers)


def _one_of(words: frozenset[str], default: str) -> Reader:
    return lambda text: (text,) if text in words else None if text else (default,)


def _contrast(text: str) -> Arguments | None:
    found = options(text, ("level", "type"))
    kind = "sigmoidal" if found is None else found.get("type", "sigmoidal")
    if found is None or kind not in ("sigmoidal", "linear"):
        return None
    level = (_LINEAR if kind == "linear" else _SIGMOIDAL).read(found.get("level", ""))
    return None if level is None else (level, kind)


def _square(text: str) -> Arguments | None:
    """A pixelation's side; none means one that suits the image."""
    return _levels(text, Level(1, 200, 1)) if text else ()


def _tint(text: str) -> Arguments | None:
    parts = parted(text)
    equalize = parts[:1] == ["equalize"]
    parts = parts[equalize:]
    amount = Level(0, 100, 60).read(parts[0] if parts else "")
    stops = colours_and_positions(parts[1:] if amount is not None else parts)
    if stops is None or sum(isinstance(stop, tuple) for stop in stops) > _MOST_STOPS:
        return None
    start: Arguments = ("equalize",) if equalize else ()
    return (*start, 60 if amount is None else amount, *(stops or ((255, 0, 0, 255),)))


def _recolor(text: str) -> Arguments | None:
    weights = [read_number(part) for part in parted(text)]
    if len(weights) not in (9, 16) or None in weights:
        return None
    return tuple(weight for weight in weights if weight is not None)


def _replace_color(text: str) -> Arguments | None:
    parts = parted(text)
    if len(parts) == 2 and read_number(parts[1]) is None:
        parts.insert(1, "")  # js-url-gen leaves out a tolerance nobody named
    colours = [read_colour(part) for part in parts[:1] + parts[2:]]
    tolerance = Level(0, 100, 50).read(parts[1] if len(parts) > 1 else "")
    if not 1 <= len(parts) <= 3 or None in colours or tolerance is None:
        return None
    to, *origin = [colour for colour in colours if colour is not None]
    return (to, tolerance, *origin)


def _assist_colorblind(text: str) -> Arguments | None:
    return ("xray",) if text == "xray" else _levels(text, Level(1, 100, 10))


def _cartoonify(text: str) -> Arguments | None:
    parts = parted(text)
    line = Level(0, 100, 50).read(parts[0] if parts and parts[0] != "bw" else "")
    reduction: Argument | None = "bw"
    if parts[-1:] != ["bw"]:
        reduction = Level(0, 100, 50).read(parts[1] if len(parts) > 1 else "")
    known = len(parts) <= 2 and parts[:2] != ["bw", "bw"]
    return (line, reduction) if known and line is not None and reduction is not None else None


def _morphology(text: str) -> Arguments | None:
    found = options(text, ("method", "iterations", "kernel", "radius"))
    if found is None:
        return None
    method, kernel = found.get("method", "erode"), found.get("kernel", "disk")
    iterations = Level(1, 5, 1).read(found.get("iterations", ""))
    radius = read_number(found.get("radius", "2"))
    if method not in ("dilate", "erode", "convolve") or kernel not in KERNELS:
        return None
    if iterations is None or radius is None:
        return None
    return method, iterations, kernel, min(max(radius, _LEAST_RADIUS), _MOST_RADIUS)


def _near(default: int) -> Reader:
    """A tolerance, then perhaps a colour."""

    def read(text: str) -> Arguments | None:
        parts = parted(text.rstrip(":"))  # js-url-gen writes `trim:10:` for no colour
        tolerance = Level(0, 100, default).read(parts[0] if parts else "")
        colours = [read_colour(part) for part in parts[1:]]
        if tolerance is None or len(parts) > 2 or None in colours:
            return None
        return (tolerance, *(colour for colour in colours if colour is not None))

    return read


def _bgremoval(text: str) -> Arguments | None:
    parts = parted(text)
    screen: Arguments = ("screen",) if parts[:1] == ["screen"] else ()
    colours = [read_colour(part) for part in parts[len(screen) :]]
    if len(colours) > 1 or None in colours:
        return None
    return (*screen, *(colour for colour in colours if colour is not None))


def _distort(text: str) -> Arguments | None:
    parts = parted(text)
    if parts[:1] == ["arc"]:
        degrees = _levels(text[4:], Level(-360, 360, 0))
        return None if len(parts) != 2 or degrees is None else ("arc", *degrees)
    lengths = [read_length(part) for part in parts]
    if len(lengths) != 8 or None in lengths:
        return None
    return tuple(length for length in lengths if length is not None)


def _shear(text: str) -> Arguments | None:
    return _levels(text, Level(-89, 89, 0), Level(-89, 89, 0)) if text else None


def _dropshadow(text: str) -> Arguments | None:
    found = options(text, _DROPSHADOW)
    if found is None:
        return None
    levels = (Level(0, 360, 215), Level(0, 90, 45), Level(0, 100, 50))
    read = [level.read(found.get(name, "")) for name, level in zip(_DROPSHADOW, levels, strict=True)]
    return None if None in read else tuple(each for each in read if each is not None)


def _loop(text: str) -> Arguments | None:
    return _levels(text, Level(0, 65_535, 0)) if text else ()


def _theme(text: str) -> Arguments | None:
    found = options(text.replace("rgb:", ""), ("color", "photosensitivity"))
    colour = None if found is None else read_colour(found.get("color", ""))
    if found is None or colour is None:
        return None
    sensitivity = Level(0, 200, 100).read(found.get("photosensitivity", ""))
    return None if sensitivity is None else (colour, sensitivity)


_NAMED_PART = re.compile(f"({'|'.join(_VECTORIZE)}):")


def _vectorize(text: str) -> Arguments | None:
    """Counts, or shares of the largest with a dot."""
    found = options(_NAMED_PART.sub(r"\1_", text), tuple(_VECTORIZE))  # SDKs write `colors:2:detail:0.7`
    if found is None:
        return None
    read = []
    for name, level in _VECTORIZE.items():
        number = read_number(found.get(name, "")) if "." in found.get(name, "") else None
        share = number is not None and number <= 1 and name in ("detail", "despeckle")
        written = str(half_up(number * level.most)) if share and number is not None else found.get(name, "")
        read.append(level.read(written))
    return None if None in read else tuple(each for each in read if each is not None)


def _zoompan(text: str) -> Arguments | None:
    journey = read_journey(text)
    return None if journey is None else journey.tokens


def _bare(text: str) -> Arguments | None:
    return None if text else ()


def _levelled(level: Level) -> Reader:
    return lambda text: _levels(text, level)


READERS: dict[str, Reader] = {
    **dict.fromkeys(BARE, _bare),
    **{name: _levelled(level) for name, level in LEVELS.items()},
    "contrast": _contrast,
    "improve": lambda text: _worded(text, frozenset({"indoor", "outdoor"}), "outdoor", _PERCENT),
    "fill_light": lambda text: _levels(text, _PERCENT, Level(-100, 100, 0)),
    "tint": _tint,
    "recolor": _recolor,
    "replace_color": _replace_color,
    "gradient_fade": lambda text: _worded(text, FADES, "one_side", Level(0, 100, 20)),
    "simulate_colorblind": _one_of(COLOUR_VISIONS, "deuteranopia"),
    "assist_colorblind": _assist_colorblind,
    "art": lambda text: (text,) if text in ARTS else None,
    "pixelate": _square,
    "pixelate_region": _square,
    "pixelate_faces": _square,
    "cartoonify": _cartoonify,
    "morphology": _morphology,
    "trim": _near(TRIM_TOLERANCE),
    "bgremoval": _bgremoval,
    "outline": lambda text: _worded(text, OUTLINES, "both", Level(1, 100, 5), Level(0, 200, 0)),
    "distort": _distort,
    "shear": _shear,
    "dropshadow": _dropshadow,
    "loop": _loop,
    "theme": _theme,
    "vectorize": _vectorize,
    "fade": lambda text: _levels(text, Level(-_LONGEST_FADE, _LONGEST_FADE, 1000)),
    "zoompan": _zoompan,
}

_LATER_NAMES = """
lut noise
embed_clipping_path camera light swap_image
style_transfer preview
accelerate boomerang deshake reverse transition volume progressbar
"""
LATER = frozenset(_LATER_NAMES.split())
"""Documented effects that need a model, a layer, a tracer or a film: refused by name."""

OF_LAYERS = frozenset({"multiply", "screen", "overlay", "mask", "cut_out", "displace", "anti_removal"})
"""Those that say how a layer meets what it is laid on."""

_FOR_FILMS_NAMES = "accelerate boomerang deshake reverse transition volume progressbar preview noise"
FOR_FILMS = frozenset(_FOR_FILMS_NAMES.split())
"""Those that only act on films: on an image they do nothing, and are refused when nothing else is asked (§12.5)."""
