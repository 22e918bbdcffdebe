"""Params that are documented and parsed, but that no picture of ours can show yet: refused by name."""

from collections.abc import Mapping

from origin.transform.values import unsupported

_REFUSED = ("fn",)


def check(values: Mapping[str, str]) -> None:
    """Nothing, or 400 naming the first param we cannot obey. Video's own say nothing here."""
    for key in _REFUSED:
        if key in values:
            raise unsupported(f"{key}_{values[key]}", "here: custom functions run foreign code")
