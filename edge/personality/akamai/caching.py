"""How Akamai reads what an origin says of caching (cdn-vendors §13, §14)."""

from __future__ import annotations

import re
from math import floor

from edge.core.freshness import date_of
from edge.core.ruling import BYPASS, Reading, Ruling
from edge.personality.akamai.edge_control import EdgeControl
from edge.personality.akamai.settings import Caching, Mode, Property
from wire.http.cache_control import CacheControl, parse_cache_control
from wire.http.dates import parse_date
from wire.http.fields import Fields, ResponseHead

SOURCE = "akamai"
_NOTHING: tuple[tuple[str, str | None], ...] = (("no-store", None),)
_LEFT_ALONE: tuple[tuple[str, str | None], ...] = ((BYPASS, None),)
_OWN = frozenset({"s-maxage", "max-age", "stale-while-revalidate", "stale-if-error"})
_TAG = re.compile(r"[A-Za-z0-9!#$%&'+\-.^_`|~]{1,128}")
_BY_CACHE_CONTROL: tuple[Mode, ...] = ("CACHE_CONTROL", "CACHE_CONTROL_AND_EXPIRES")
_BY_EXPIRES: tuple[Mode, ...] = ("EXPIRES", "CACHE_CONTROL_AND_EXPIRES")


def reading_of(told: Property) -> Reading:
    """The reading that a property's settings make."""

    def read(head: ResponseHead, now: float) -> Ruling:
        edge = EdgeControl.of(head.fields)
        return Ruling(CacheControl(_directives(head, edge, told, now)), SOURCE)

    return read


def _directives(
    head: ResponseHead, edge: EdgeControl, told: Property, now: float
) -> tuple[tuple[str, str | None], ...]:
    rules = told.caching
    prohibition = forbidden_by(edge, rules.mode)
    if prohibition is None and told.vary == "uncacheable" and _varies(head.fields):
        prohibition = _LEFT_ALONE
    if prohibition is not None:
        return prohibition
    if str(head.status) in rules.error_seconds:
        seconds = edge.seconds if edge.seconds is not None else rules.error_seconds[str(head.status)]
        return (("max-age", str(floor(seconds))),)
    if head.status >= 400:
        return _NOTHING
    control = parse_cache_control(_heard(head.fields, rules))
    directives = [each for each in control.directives if each[0] not in _OWN]
    if edge.seconds is not None or rules.mode == "MAX_AGE":
        seconds = edge.seconds if edge.seconds is not None else rules.ttl_seconds
        directives = []
    else:
        seconds = _honoured(control, head.fields, rules, now)
    directives.append(("max-age", str(floor(seconds))))
    directives += _graces(control, edge, rules)
    return tuple(directives)


def forbidden_by(edge: EdgeControl, mode: Mode) -> tuple[tuple[str, str | None], ...] | None:
    """A no-store or bypass of the origin's beats the mode; its negation takes the mode's back."""
    if edge.no_store or (mode == "NO_STORE" and edge.no_store is not False):
        return _NOTHING
    if edge.bypass_cache or (mode == "BYPASS_CACHE" and edge.bypass_cache is not False):
        return _LEFT_ALONE
    return None


def _heard(fields: Fields, rules: Caching) -> str | None:
    if rules.surrogate_control and (text := fields.joined("surrogate-control")) is not None:
        return text
    return fields.joined("cache-control") if rules.mode in _BY_CACHE_CONTROL else None


def _honoured(control: CacheControl, fields: Fields, rules: Caching, now: float) -> float:
    for name in ("s-maxage", "max-age"):
        seconds = control.seconds(name)
        if seconds is not None:
            return float(max(0, seconds))
    expires = fields.get("expires")
    if expires is not None and rules.mode in _BY_EXPIRES:
        moment = parse_date(expires, now)
        return max(0.0, moment - date_of(fields, now)) if moment is not None else 0.0
    return rules.ttl_seconds


def _graces(control: CacheControl, edge: EdgeControl, rules: Caching) -> list[tuple[str, str | None]]:
    must = edge.must_revalidate if edge.must_revalidate is not None else rules.must_revalidate
    if must:
        return [("must-revalidate", None)]
    said = {name: control.seconds(name) for name in ("stale-while-revalidate", "stale-if-error")}
    graces: list[tuple[str, str | None]] = []
    if said["stale-while-revalidate"] is not None:
        graces.append(("stale-while-revalidate", str(max(0, said["stale-while-revalidate"]))))
    errors = said["stale-if-error"]
    graces.append(("stale-if-error", str(floor(rules.stale_seconds if errors is None else max(0, errors)))))
    return graces


def _varies(fields: Fields) -> bool:
    """Whether it varies on anything but Accept-Encoding, and that on compressed content alone (§14.5)."""
    names = {name.lower() for name in fields.members("vary")}
    return bool(names - {"accept-encoding"}) or bool(names and "content-encoding" not in fields)


def tags_of(fields: Fields) -> tuple[str, ...]:
    """The tags of the first Edge-Cache-Tag: at most 128; what is none can never be purged by it (§13.1)."""
    line = fields.get("edge-cache-tag") or ""
    named = [tag.strip(" \t") for tag in line.split(",")][:128]
    return tuple(dict.fromkeys(tag for tag in named if is_tag(tag)))


def is_tag(text: str) -> bool:
    """Whether a text can be a tag here."""
    return _TAG.fullmatch(text) is not None
