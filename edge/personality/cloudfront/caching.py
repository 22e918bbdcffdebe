"""How CloudFront reads what an origin says of caching (cdn-vendors §4.1, §4.4, §4.5)."""

from __future__ import annotations

from math import floor

from edge.core.freshness import date_of
from edge.core.ruling import Reading, Ruling
from edge.personality.cloudfront.behavior import CacheBehavior, Ttl
from edge.personality.cloudfront.settings import Distribution
from wire.http.cache_control import CacheControl, parse_cache_control
from wire.http.dates import parse_date
from wire.http.fields import Fields, ResponseHead

SOURCE = "cloudfront"
ERRORS = frozenset({404, 414, 500, 501, 502, 503, 504})
"""Kept whatever their origin says, or does not say."""
ERRORS_IF_SAID = frozenset({400, 403, 405, 412, 415})
_PROHIBITIONS = ("no-store", "private", "no-cache")
_KEPT = ("must-revalidate", "proxy-revalidate", "public", "must-understand")


def reading_of(distribution: Distribution, behavior: CacheBehavior) -> Reading:
    """The reading that a distribution's settings make for one of its behaviours."""

    def read(head: ResponseHead, now: float) -> Ruling:
        control = parse_cache_control(head.fields.joined("cache-control"))
        said = _said(control, head.fields, now)
        if head.status >= 400:
            least = distribution.error_seconds(head.status) if behavior.keeps_anything else None
            return _error(head.status, said, control, least)
        return _ruling(_lifetime(control, said, behavior.lifetimes), control, behavior.lifetimes)

    return read


def _said(control: CacheControl, fields: Fields, now: float) -> float | None:
    """The lifetime that the origin gave, in seconds."""
    for name in ("s-maxage", "max-age"):
        seconds = control.seconds(name)
        if seconds is not None:
            return float(max(0, seconds))
    expires = fields.get("expires")
    if expires is None:
        return None
    moment = parse_date(expires, now)
    return max(0.0, moment - date_of(fields, now)) if moment is not None else 0.0


def _lifetime(control: CacheControl, said: float | None, ttl: Ttl) -> float | None:
    """None: what the origin forbids is obeyed."""
    if any(control.has(name) for name in _PROHIBITIONS):
        return ttl.least if ttl.least > 0 else None
    if said is None:
        return max(ttl.least, ttl.default)
    return max(ttl.least, min(said, ttl.most))


def _ruling(seconds: float | None, control: CacheControl, ttl: Ttl) -> Ruling:
    if seconds is None:
        kept = _PROHIBITIONS + _KEPT
        return Ruling(CacheControl(tuple(each for each in control.directives if each[0] in kept)), SOURCE)
    directives = [("max-age", str(floor(seconds))), *_graces(control, ttl)]
    directives += [each for each in control.directives if each[0] in _KEPT]
    return Ruling(CacheControl(tuple(directives)), SOURCE)


def _graces(control: CacheControl, ttl: Ttl) -> list[tuple[str, str | None]]:
    """stale-*, no longer than the longest lifetime. Who says nothing of errors has a stale object served through
    them."""
    refresh = control.seconds("stale-while-revalidate")
    errors = control.seconds("stale-if-error")
    graces: list[tuple[str, str | None]] = []
    if refresh is not None:
        graces.append(("stale-while-revalidate", str(floor(min(max(0, refresh), ttl.most)))))
    graces.append(
        ("stale-if-error", str(floor(ttl.most if errors is None else min(max(0, errors), ttl.most))))
    )
    return graces


def _error(status: int, said: float | None, control: CacheControl, least: float | None) -> Ruling:
    """`least`: how long one is kept at least; None: no error is."""
    has_age = control.seconds("max-age") is not None or control.seconds("s-maxage") is not None
    is_kept = status in ERRORS or (status in ERRORS_IF_SAID and has_age)
    if not is_kept or least is None:
        return Ruling(CacheControl((("no-store", None),)), SOURCE)
    seconds = max(least, said or 0.0) if has_age else least
    return Ruling(CacheControl((("max-age", str(floor(seconds))),)), SOURCE)


def tags_of(name: str, fields: Fields) -> tuple[str, ...]:
    """The tags that a response's header names: trimmed, without case, at most 50 (§7.4)."""
    found = (member.strip().lower() for line in fields.all(name) for member in line.split(","))
    return tuple(dict.fromkeys(tag for tag in found if is_tag(tag)))[:50]


def is_tag(text: str) -> bool:
    """Printable ASCII without comma, 256 characters at most."""
    return 0 < len(text) <= 256 and all("!" <= each <= "~" and each != "," for each in text)
