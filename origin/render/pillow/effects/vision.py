"""Colours as some people see them, and marks for those who cannot tell red from green. Sheet: §12.1."""

from functools import lru_cache
from typing import Any

from PIL import Image, ImageChops

from origin.render.pillow.effects.bands import Rgb, cube, on_colours

Rows = tuple[Rgb, Rgb, Rgb]

# On linear light: Viénot, Brettel and Mollon 1999 for red and green, Machado et al. 2009 for blue.
PROTANOPIA: Rows = ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0))
DEUTERANOPIA: Rows = ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0))
TRITANOPIA: Rows = (
    (1.255528, -0.076749, -0.178779),
    (-0.078411, 0.930809, 0.147602),
    (0.004733, 0.691367, 0.303900),
)
ANOMALY = 0.6  # of the way to the missing cone
KINDS: dict[str, tuple[Rows, float]] = {
    "protanopia": (PROTANOPIA, 1.0),
    "deuteranopia": (DEUTERANOPIA, 1.0),
    "tritanopia": (TRITANOPIA, 1.0),
    "deuteranomaly": (DEUTERANOPIA, ANOMALY),
    "tritanomaly": (TRITANOPIA, ANOMALY),
}
XRAY = (0.35, 0.65, 0, 0, 0.1, 0.75, 0.15, 0, 0.75, 0, 0.25, 0)  # red to violet, green to yellow, grey stays
PERIOD = 8  # pixels from stripe to stripe
CUBE = 25


@on_colours
def simulate_colorblind(colours: Image.Image, kind: str) -> Image.Image:
    """The image with one kind of cone missing or weak; with one or none left, its luma."""
    return colours.filter(_seen(kind)) if kind in KINDS else colours.convert("L")


@lru_cache(maxsize=4)
def _seen(kind: str) -> Any:
    rows, share = KINDS[kind]

    def seen(red: float, green: float, blue: float) -> Rgb:
        light = [_linear(value) for value in (red, green, blue)]
        new = [_gamma(sum(w * v for w, v in zip(row, light, strict=True))) for row in rows]
        r, g, b = (old + share * (now - old) for old, now in zip((red, green, blue), new, strict=True))
        return r, g, b

    return cube(seen, CUBE)


@on_colours
def assist_colorblind(colours: Image.Image, how: int | str) -> Image.Image:
    """Upright stripes on what is reddish, level ones on what is greenish; or colours moved apart."""
    if isinstance(how, str):
        return colours.convert("RGB", XRAY)
    red, green, blue = colours.split()
    reddish = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    greenish = ImageChops.subtract(green, ImageChops.lighter(red, blue))
    stripe = bytes(255 * (index % PERIOD < PERIOD // 2) for index in range(max(colours.size)))
    across = Image.frombytes("L", (colours.width, 1), stripe[: colours.width]).resize(colours.size)
    down = Image.frombytes("L", (1, colours.height), stripe[: colours.height]).resize(colours.size)
    marks = ImageChops.lighter(_marked(reddish, across), _marked(greenish, down))
    marks = marks.point([round(level * how / 100) for level in range(256)])
    return Image.composite(Image.new("RGB", colours.size), colours, marks)


def _marked(mask: Image.Image, stripes: Image.Image) -> Image.Image:
    return ImageChops.multiply(mask.point([min(4 * level, 255) for level in range(256)]), stripes)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(value: float) -> float:
    value = min(max(value, 0), 1)
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
