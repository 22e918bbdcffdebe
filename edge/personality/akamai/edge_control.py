"""Edge-Control: an origin's word for the edge alone (cdn-vendors §13.3)."""

from __future__ import annotations

import re

from attrs import frozen

from wire.http.fields import Fields

_SECONDS = re.compile("([0-9]{1,10})([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_SWITCHES = ("no-store", "bypass-cache", "must-revalidate")


@frozen
class EdgeControl:
    """The directives that are understood. None: not said."""

    no_store: bool | None = None
    """False: what was configured is taken back."""
    bypass_cache: bool | None = None
    must_revalidate: bool | None = None
    seconds: int | None = None
    downstream_seconds: int | None = None

    @classmethod
    def of(cls, fields: Fields) -> EdgeControl:
        """What a response says. A directive with a mistake in it is not there; a later one counts before its like."""
        switches: dict[str, bool] = {}
        spans: dict[str, int] = {}
        for member in fields.members("edge-control"):
            name, _, value = member.partition("=")
            name = name.strip().lower()
            plain = name.removeprefix("!")
            if plain in _SWITCHES and not value:
                switches[plain] = plain == name
            elif plain != name:
                spans.pop(plain, None)
            elif name in ("max-age", "cache-maxage", "downstream-ttl"):
                seconds = _seconds(value.strip())
                if seconds is not None:
                    spans[name] = seconds
        return cls(
            no_store=switches.get("no-store"),
            bypass_cache=switches.get("bypass-cache"),
            must_revalidate=switches.get("must-revalidate"),
            seconds=spans.get("cache-maxage", spans.get("max-age")),
            downstream_seconds=spans.get("downstream-ttl"),
        )


def _seconds(text: str) -> int | None:
    found = _SECONDS.fullmatch(text)
    return int(found[1]) * _UNITS[found[2]] if found is not None else None
