"""Params that are documented and parsed, but that no picture of ours can show yet: refused by name."""

from collections.abc import Mapping

from origin.transform.values import unsupported
from wire.components import printable
from wire.errors import InvalidRequest

_REFUSED = ("l", "u", "if", "fn", "dl")
_COLOUR_SPACES_AS_IS = frozenset({"srgb", "tinysrgb", "no_cmyk", "srgb:truecolor"})


def check(values: Mapping[str, str]) -> None:
    """Nothing, or 400 naming the first param we cannot obey. Video's own say nothing here."""
    for key, value in values.items():
        if key.startswith("$") or key in _REFUSED:
            raise unsupported(f"{key}_{value}")
        if key in ("t", "bl"):
            raise InvalidRequest(f"Unknown transformation {printable(value)}")
    if (page := values.get("pg", "1")) != "1":
        raise unsupported(f"pg_{page}")
    if (space := values.get("cs", "srgb").lower()) not in _COLOUR_SPACES_AS_IS:
        raise unsupported(f"cs_{space}")
