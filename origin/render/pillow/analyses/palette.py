"""The colours of a picture: up to 32 with their shares, and the names of the predominant ones."""

from colorsys import rgb_to_hsv
from typing import Any

from PIL import Image

from origin.transform.plan import Rgba

MOST_COLOURS = 32
SIDE = 128  # of the copy whose pixels are counted: median cut takes ten times as long on one twice as large
CLEAR: Rgba = (0, 0, 0, 0)

_BLACK, _WHITE, _GREY = 0.16, 0.88, 0.14  # of value, value and saturation
_DARK, _PALE = 0.6, 0.45  # of value, of saturation

_HUES = (
    # up to degrees, then the palettes' names for it: Google's, and Cloudinary's when dark, pale, and else
    (15, "red", ("brown", "pink", "red")),
    (42, "orange", ("brown", "orange", "orange")),
    (68, "yellow", ("olive", "yellow", "yellow")),
    (95, "green", ("olive", "lime", "lime")),
    (155, "green", ("green", "lime", "green")),
    (195, "teal", ("teal", "cyan", "cyan")),
    (258, "blue", ("blue", "lightblue", "blue")),
    (292, "purple", ("purple", "purple", "purple")),
    (345, "pink", ("purple", "pink", "pink")),
    (361, "red", ("brown", "pink", "red")),
)
_BROWNISH = ("orange", "red", "yellow")  # what a dark one of is brown to Google


def colours_of(colours: Image.Image, alpha: Image.Image | None) -> dict[str, Any]:
    """`colors` and `predominant`, the most frequent first; `colours` is RGB, `alpha` of the same size."""
    shares = palette(colours, alpha)
    has_alpha = any(colour[3] < 255 for colour, _ in shares)
    return {
        "colors": [[hexadecimal(colour, has_alpha), share] for colour, share in shares],
        "predominant": {"google": _named(shares, 0), "cloudinary": _named(shares, 1)},
    }


def palette(colours: Image.Image, alpha: Image.Image | None) -> list[tuple[Rgba, float]]:
    """Colours and their percent. All there are if they are few; else their number is reduced by median cut."""
    canvas = colours.copy()
    if alpha is not None and alpha.getextrema() != (255, 255):
        canvas.putalpha(alpha)
        canvas.paste(CLEAR, (0, 0, *canvas.size), alpha.point([255 * (not level) for level in range(256)]))
    counted = canvas.getcolors(MOST_COLOURS)
    if counted is None:
        method = Image.Quantize.FASTOCTREE if canvas.mode == "RGBA" else Image.Quantize.MEDIANCUT
        reduced = canvas.quantize(MOST_COLOURS, method, dither=Image.Dither.NONE)
        counted = reduced.convert(canvas.mode).getcolors(MOST_COLOURS) or []
    whole = sum(count for count, _ in counted)
    shares = [(_rgba(colour), round(100 * count / whole, 1)) for count, colour in counted]
    return sorted((each for each in shares if each[1] > 0), key=lambda each: (-each[1], each[0]))


def hexadecimal(colour: Rgba, has_alpha: bool = False) -> str:
    """`#RRGGBB`, or `#RRGGBBAA`."""
    return "#" + bytes(colour[: 4 if has_alpha else 3]).hex().upper()


def name_of(colour: Rgba) -> tuple[str, str]:
    """The names of a colour in Google's palette and in Cloudinary's."""
    hue, saturation, value = rgb_to_hsv(*(level / 255 for level in colour[:3]))
    if value < _BLACK:
        return "black", "black"
    if saturation < _GREY:
        plain = "white" if value > _WHITE else "gray"
        return plain, plain
    _, google, (dark, pale, strong) = next(row for row in _HUES if hue * 360 < row[0])
    if value < _DARK:
        return ("brown" if google in _BROWNISH else google), dark
    return google, pale if saturation < _PALE else strong


def _named(shares: list[tuple[Rgba, float]], which: int) -> list[list[Any]]:
    named: dict[str, float] = {}
    for colour, share in shares:
        if colour[3] > 0:
            name = name_of(colour)[which]
            named[name] = named.get(name, 0.0) + share
    return [[name, round(share, 1)] for name, share in sorted(named.items(), key=lambda item: -item[1])]


def _rgba(colour: Any) -> Rgba:
    red, green, blue, *alpha = colour
    return red, green, blue, alpha[0] if alpha else 255
