"""Backgrounds that come from the image itself: `b_auto…`, `b_blurred…`, `b_gen_fill…`. Sheet: §6.4."""

from collections.abc import Mapping

from attrs import frozen

from origin.transform.colours import read_colour
from origin.transform.effects.arguments import Level, parted, spelled
from origin.transform.params.background import GROUNDS
from origin.transform.params.provided import GEN_FILL, Asked, read_asked
from origin.transform.plan import Rgba
from origin.transform.values import invalid

_MODES_NAMES = """
border predominant border_contrast predominant_contrast predominant_gradient
predominant_gradient_contrast border_gradient border_gradient_contrast
"""
MODES = frozenset(_MODES_NAMES.split())
COUNTS = {"2": 2, "4": 4}
DIRECTIONS = frozenset({"horizontal", "vertical", "diagonal_desc", "diagonal_asc"})
_INTENSITY, _BRIGHTNESS = Level(1, 2000, 100), Level(-300, 100, 0)


@frozen
class Automatic:
    """One colour of the image, or a gradient between `count` of them."""

    mode: str = "border"
    count: int = 2  # of a gradient
    direction: str = "horizontal"
    palette: tuple[Rgba, ...] = ()  # the only colours to choose from; empty: any

    def spelled(self) -> tuple[str, ...]:
        """The canonical param; what a plain colour ignores is left out."""
        texts = ["b_auto", self.mode]
        if "gradient" in self.mode:
            texts += [str(self.count), self.direction]
        if self.palette:
            texts.append("_".join(["palette", *map(spelled, self.palette)]))
        return (":".join(texts),)


@frozen
class Blurred:
    """A blurred copy of the image that fills the canvas behind it."""

    intensity: int
    brightness: int

    def spelled(self) -> tuple[str, ...]:
        """The canonical param."""
        return (f"b_blurred:{self.intensity}:{self.brightness}",)


@frozen
class Filled:
    """What a provider paints where nothing was."""

    asked: Asked

    def spelled(self) -> tuple[str, ...]:
        """The canonical param."""
        return (f"b_{self.asked.text.replace('%', '%25')}",)  # it is decoded twice


Ground = Automatic | Blurred | Filled


def read(values: Mapping[str, str]) -> Ground | None:
    """The background that the image itself gives, if a component asks for one."""
    text = values.get("b", "")
    kind, _, rest = text.partition(":")
    if kind not in GROUNDS:
        return None
    if kind == GEN_FILL:
        return Filled(read_asked(GEN_FILL, rest, "background"))
    ground = _automatic(parted(rest)) if kind == "auto" else _blurred(parted(rest))
    if ground is None:
        raise invalid("background", text)
    return ground


def _blurred(parts: list[str]) -> Blurred | None:
    if len(parts) > 2:
        return None
    intensity, brightness = (*parts, "", "")[:2]
    levels = _INTENSITY.read(intensity), _BRIGHTNESS.read(brightness)
    return None if levels[0] is None or levels[1] is None else Blurred(levels[0], levels[1])


def _automatic(parts: list[str]) -> Automatic | None:
    """Parts in their order, any of which may be skipped."""
    left = parts[::-1]

    def taken(known: frozenset[str], default: str) -> str:
        return left.pop() if left and left[-1] in known else default

    mode = taken(MODES, "border")
    count = COUNTS[taken(frozenset(COUNTS), "2")]
    direction = taken(DIRECTIONS, "horizontal")
    palette: list[Rgba] = []
    if left and left[-1].startswith("palette_"):
        colours = [read_colour(name) for name in left.pop().split("_")[1:]]
        if None in colours:
            return None
        palette = [colour for colour in colours if colour is not None]
    if left:
        return None
    if "gradient" not in mode:
        count, direction = 2, "horizontal"
    return Automatic(mode, count, "horizontal" if count == 4 else direction, tuple(palette))
