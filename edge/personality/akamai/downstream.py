"""What viewers' own caches are told (cdn-vendors §14.3)."""

from __future__ import annotations

from math import ceil

from edge.core.account import Account
from edge.personality.akamai.caching import forbidden_by
from edge.personality.akamai.edge_control import EdgeControl
from edge.personality.akamai.settings import Mode
from wire.http.cache_control import parse_cache_control
from wire.http.dates import format_date, parse_date
from wire.http.fields import Fields

_FOR_EDGES = ("s-maxage", "stale-while-revalidate", "stale-if-error", "max-age")


def for_viewers(fields: Fields, account: Account, now: float, mode: Mode) -> Fields:
    """The fields with a lifetime for the client: the smaller of what is left at the edge and what the origin said,
    or what Edge-Control sets; none for what the edge itself may not keep."""
    entry = account.entry
    edge = EdgeControl.of(entry.fields if entry is not None else fields)
    if edge.downstream_seconds is not None:
        return _lasting(fields, edge.downstream_seconds, now)
    if forbidden_by(edge, mode) is not None:
        return _never(fields, now)
    if entry is None:  # then it is the origin that speaks to viewers, where it does
        return fields if "cache-control" in fields else _never(fields, now)
    left = max(0, ceil(-entry.staleness_at(now)))
    said = _said(fields, now)
    return _lasting(fields, left if said is None else min(left, said), now)


def _said(fields: Fields, now: float) -> int | None:
    seconds = parse_cache_control(fields.joined("cache-control")).seconds("max-age")
    if seconds is not None:
        return max(0, seconds)
    expires = fields.get("expires")
    moment = parse_date(expires, now) if expires is not None else None
    return max(0, round(moment - now)) if moment is not None else None


def _lasting(fields: Fields, seconds: int, now: float) -> Fields:
    control = parse_cache_control(fields.joined("cache-control"))
    kept = [
        name if value is None else f"{name}={value}"
        for name, value in control.directives
        if name not in _FOR_EDGES
    ]
    told = fields.replacing("Cache-Control", ", ".join([*kept, f"max-age={seconds}"]))
    return told.replacing("Expires", format_date(now + seconds)) if "expires" in fields else told


def _never(fields: Fields, now: float) -> Fields:
    told = fields.replacing("Expires", format_date(now))
    return told.replacing("Cache-Control", "max-age=0, no-cache, no-store").replacing("Pragma", "no-cache")
