"""Opacity: `o_`, a share of what opacity the image has. Sheet: transformations.md §6.6."""

from collections.abc import Mapping

from attrs import frozen

from origin.transform.values import half_up, read_number, refused


@frozen
class Opacity:
    """Percent, 0..99: a hundred is no action."""

    percent: int

    def spelled(self) -> tuple[str, ...]:
        """The canonical param."""
        return (f"o_{self.percent}",)


def read(values: Mapping[str, str]) -> Opacity | None:
    """The opacity a component asks for."""
    text = values.get("o", "100")
    number = read_number(text)
    if number is None or not 0 <= number <= 100:
        raise refused("o", "opacity", text)
    return Opacity(half_up(number)) if half_up(number) < 100 else None
