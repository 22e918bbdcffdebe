"""How long a response is fresh, and how old it was when it came (sheet 5, 6)."""

from __future__ import annotations

from attrs import frozen

from edge.core.policy import Policy
from edge.core.ruling import Ruling
from wire.http.cache_control import delta_seconds
from wire.http.dates import parse_date
from wire.http.fields import Fields

HEURISTIC_STATUSES = frozenset({200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501})


@frozen
class Freshness:
    """A lifetime and where it came from."""

    lifetime: float
    is_explicit: bool
    """The origin (or the site's negative_ttl) said so; else it is a guess from Last-Modified, or nothing at
    all."""


def date_of(fields: Fields, now: float) -> float:
    """The origin's Date; the time of receipt where it is missing or invalid (sheet 4.7)."""
    text = fields.get("date")
    date = parse_date(text, now) if text is not None else None
    return now if date is None else date


def lifetime_of(
    status: int, fields: Fields, ruling: Ruling, *, date: float, now: float, policy: Policy
) -> Freshness:
    """targeted → s-maxage → max-age → Expires − Date → negative_ttl → heuristic (RFC 9111 §4.2.1)."""
    control = ruling.control
    for name in ("s-maxage", "max-age"):
        seconds = control.seconds(name)
        if seconds is not None:
            # An invalid value is present with value 0, so that Expires and heuristics stay out of it (1.5).
            return Freshness(0.0 if control.broken else float(max(0, seconds)), True)
    if control.broken:
        return Freshness(0.0, True)
    if not ruling.is_targeted and "expires" in fields:
        return Freshness(_expires(fields.all("expires"), date, now), True)
    said_nothing = not ruling.is_targeted and not control.directives
    if said_nothing and status in policy.negative_ttl:
        return Freshness(policy.negative_ttl[status], True)
    if status in HEURISTIC_STATUSES or control.has("public"):
        return Freshness(_heuristic(fields, date, now, policy), False)
    return Freshness(0.0, False)


def _expires(lines: tuple[str, ...], date: float, now: float) -> float:
    """Invalid, or several that differ: already expired (sheet 5.4). Both ends from the origin's clock
    (5.3)."""
    if len(set(lines)) > 1:
        return 0.0
    expires = parse_date(lines[0], now)
    return 0.0 if expires is None else expires - date


def _heuristic(fields: Fields, date: float, now: float, policy: Policy) -> float:
    text = fields.get("last-modified")
    modified = parse_date(text, now) if text is not None else None
    if modified is None:
        return 0.0
    return min(policy.heuristic_limit_seconds, max(0.0, policy.heuristic_fraction * (date - modified)))


def initial_age_of(
    fields: Fields, *, date: float, requested_at: float, received_at: float, policy: Policy
) -> float | None:
    """corrected_initial_age (RFC 9111 §4.2.3); None where `strict_age` finds an Age that is none: stale."""
    value = age_value_of(fields)
    line = fields.get("age")
    if policy.strict_age and line is not None and (value is None or "," in line):
        return None
    corrected = (value or 0) + max(0.0, received_at - requested_at)
    return max(corrected, received_at - date) if policy.conservative_age else corrected


def age_value_of(fields: Fields) -> int | None:
    """age_value: the first member of the first line; None where there is none, or it is no number (6.2)."""
    line = fields.get("age")
    seconds = delta_seconds(line.split(",")[0].strip(" \t")) if line is not None else -1
    return None if seconds < 0 else seconds
