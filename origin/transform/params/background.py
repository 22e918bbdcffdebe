"""Background: `b_`, the colour of a frame or of what is transparent. Sheet: transformations.md §6.4."""

from collections.abc import Mapping

from attrs import frozen

from origin.transform.colours import read_colour, spelled_colour
from origin.transform.plan import Rgba
from origin.transform.values import refused

GROUNDS = frozenset({"auto", "blurred", "gen_fill"})
"""First words of the backgrounds that the image's own pixels decide: `ground` reads those."""


@frozen
class Background:
    """A colour, straight alpha."""

    colour: Rgba

    def spelled(self) -> tuple[str, ...]:
        """The canonical param."""
        return (f"b_{spelled_colour(self.colour)}",)


def read(values: Mapping[str, str]) -> Background | None:
    """The background a component asks for."""
    text = values.get("b")
    if text is None or text.split(":")[0] in GROUNDS:
        return None
    colour = read_colour(text)
    if colour is None:
        raise refused("b", "background", text)
    return Background(colour)
