"""What logs do not show."""

from __future__ import annotations

from collections.abc import Collection

HIDDEN = "…"


def masked(query: str, names: Collection[str]) -> str:
    """A raw query in which parameters of these names have no value to be seen."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(
        f"{name}={HIDDEN}" if name in names else name + mark + value for name, mark, value in pairs
    )
