"""What a figure is expected to be: at least so much, at most, or both. Pure."""

from __future__ import annotations

NONE = (float("-inf"), float("inf"))


def check_bounds(at_least: float, at_most: float) -> None:
    """Raises ValueError where anything would do, and where nothing can."""
    if (at_least, at_most) == NONE:
        raise ValueError("without a bound anything will do: say at_least, at_most, or both")
    if at_least > at_most:
        raise ValueError(
            f"nothing is at least {at_least:g} and at most {at_most:g}: at_least is the smaller one"
        )
