"""Background: `b_`, the colour of a frame or of what is transparent. Sheet: transformations.md §6.4."""

from collections.abc import Mapping

from attrs import frozen

from origin.transform.colours import read_colour, spelled_colour
from origin.transform.plan import Rgba
from origin.transform.values import refused, unsupported


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
    if text is None:
        return None
    colour = read_colour(text)
    if colour is None:
        later = text.split(":")[0] in ("auto", "blurred") or text.startswith("gen_fill")
        raise unsupported(f"b_{text}") if later else refused("b", "background", text)
    return Background(colour)
