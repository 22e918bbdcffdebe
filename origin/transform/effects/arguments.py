"""The pieces an effect's argument text is made of, and their canonical spelling. Sheet: §12."""

from fractions import Fraction

from attrs import frozen

from origin.transform.colours import read_colour
from origin.transform.plan import Rgba
from origin.transform.values import Length, half_up, read_number, spelled_number

Argument = int | Fraction | str | Rgba | Length
Arguments = tuple[Argument, ...]


@frozen
class Level:
    """An integer between two bounds, with the value a bare `e_name` uses. What lies outside is clamped."""

    least: int
    most: int
    default: int

    def read(self, text: str) -> int | None:
        """The level a text names; empty means the default. None: it is no number."""
        if not text:
            return self.default
        number = read_number(text)
        return None if number is None else min(max(half_up(number), self.least), self.most)


def spelled(argument: Argument) -> str:
    """One argument's canonical text; colours as bare hex, as effects write them."""
    if isinstance(argument, tuple):
        digits = bytes(argument).hex()
        return digits[:6] if argument[3] == 255 else digits
    if isinstance(argument, Fraction):
        return spelled_number(argument)
    return str(argument)


def parted(text: str) -> list[str]:
    """The parts between colons; `rgb:` stays with its digits (in a palette too), and an empty text has none."""
    parts: list[str] = []
    for part in text.split(":") if text else ():
        if parts and (parts[-1] == "rgb" or parts[-1].endswith("_rgb")):
            parts[-1] += f":{part}"
        else:
            parts.append(part)
    return parts


def options(text: str, order: tuple[str, ...]) -> dict[str, str] | None:
    """Verbose `name_value` in any order, or values in the documented one, joined by `:` or `;` (§12.6).

    None when there are more than the order has, or one of them is given twice.
    """
    found: dict[str, str] = {}
    for position, part in enumerate(text.replace(";", ":").split(":") if text else ()):
        name, underscore, value = part.partition("_")
        if not (underscore and name in order):
            if position >= len(order):
                return None
            name, value = order[position], part
        if name in found:
            return None
        found[name] = value
    return found


def colours_and_positions(parts: list[str]) -> Arguments | None:
    """A gradient's stops: colours, each perhaps followed by `50p`. None when something is neither."""
    stops: list[Argument] = []
    for part in parts:
        if part.endswith(("p", "%")) and stops and not isinstance(stops[-1], str):
            number = read_number(part[:-1])
            if number is None or not 0 <= number <= 100:
                return None
            stops.append(f"{half_up(number)}p")
        elif (colour := read_colour(part)) is not None:
            stops.append(colour)
        else:
            return None
    return tuple(stops)
