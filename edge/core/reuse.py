"""May a stored response answer this request, fresh or stale, without asking (sheet 7, 14)?"""

from __future__ import annotations

from enum import Enum
from math import inf

from attrs import frozen

from edge.core.entry import Entry
from edge.core.policy import Policy
from wire.http.cache_control import parse_cache_control
from wire.http.fields import Fields

ERROR_STATUSES = frozenset({500, 502, 503, 504})  # RFC 5861 §4


@frozen
class Terms:
    """What the viewer's Cache-Control asks of the cache; invalid directives ask nothing (7.11)."""

    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False
    max_age: float = inf
    min_fresh: float = 0.0
    max_stale: float = -1.0
    """Negative: no stale answer, please; inf: any."""
    stale_if_error: float = 0.0


NO_TERMS = Terms()


def terms_of(request: Fields, policy: Policy) -> Terms:
    """The terms of a request under the site's `client_cc` (7.2)."""
    joined = request.joined("cache-control")
    may_force = policy.client_cc == "honour"
    if joined is None:
        pragma = request.joined("pragma")  # counts only where there is no Cache-Control (7.9)
        if pragma is None or not may_force:
            return NO_TERMS
        return Terms(no_cache=parse_cache_control(pragma).has("no-cache"))
    control = parse_cache_control(joined)
    max_age, min_fresh = control.seconds("max-age"), control.seconds("min-fresh")
    stale = control.seconds("max-stale")
    any_stale = any(name == "max-stale" and argument is None for name, argument in control.directives)
    return Terms(
        no_cache=may_force and control.has("no-cache"),
        no_store=control.has("no-store"),
        only_if_cached=control.has("only-if-cached"),
        max_age=inf if max_age is None or max_age < 0 or not may_force else max_age,
        min_fresh=0.0 if min_fresh is None or not may_force else max(0, min_fresh),
        max_stale=inf if any_stale else -1.0 if stale is None else stale,
        stale_if_error=max(0, control.seconds("stale-if-error") or 0),
    )


class Reuse(Enum):
    """What a selected stored response is good for."""

    FRESH = "fresh"
    STALE = "stale"
    """The viewer accepts it stale."""
    STALE_REFRESH = "stale-refresh"
    """Stale, to be sent now and validated behind it."""
    VALIDATE_STALE = "validate-stale"
    VALIDATE_REQUEST = "validate-request"
    """Fresh, but the viewer wants it confirmed."""


def reuse_of(entry: Entry, terms: Terms, now: float) -> Reuse:
    """The decision (RFC 9111 §4)."""
    staleness = entry.staleness_at(now)
    if entry.no_cache:
        return Reuse.VALIDATE_STALE
    if terms.no_cache or entry.age_at(now) > terms.max_age:
        return Reuse.VALIDATE_STALE if staleness >= 0 else Reuse.VALIDATE_REQUEST
    if terms.min_fresh and staleness < 0 and -staleness < terms.min_fresh:
        return Reuse.VALIDATE_REQUEST
    if staleness < 0:
        # max-age=0 behaves as no-cache (7.4)
        return Reuse.FRESH if terms.max_age > 0 else Reuse.VALIDATE_REQUEST
    if entry.stale_forbidden:
        return Reuse.VALIDATE_STALE
    if staleness <= terms.max_stale:
        return Reuse.STALE
    may_refresh = terms.max_age == inf and not terms.min_fresh
    if may_refresh and staleness < entry.stale_while_revalidate:
        return Reuse.STALE_REFRESH
    return Reuse.VALIDATE_STALE


def reuse_when_cut_off(entry: Entry, terms: Terms, now: float, policy: Policy) -> Reuse:
    """The decision where there is nobody to ask ("disconnected", RFC 9111 §4.2.4): what may stand in for no answer
    need not wait until none came."""
    reuse = reuse_of(entry, terms, now)
    is_demanding = terms.no_cache or terms.max_age < inf or terms.min_fresh > 0
    if reuse is not Reuse.VALIDATE_STALE or is_demanding:
        return reuse
    stands_in = may_serve_on_error(entry, terms, now, is_unreachable=True, policy=policy)
    return Reuse.STALE_REFRESH if stands_in else reuse


def may_serve_on_error(
    entry: Entry, terms: Terms, now: float, *, is_unreachable: bool, policy: Policy
) -> bool:
    """Whether a stored response may stand in for an error, or for no answer at all (14.3, 14.4)."""
    staleness = entry.staleness_at(now)
    if entry.stale_forbidden and (staleness >= 0 or entry.no_cache):
        return False
    grace = max(entry.stale_if_error, terms.stale_if_error)
    if is_unreachable:
        grace = max(grace, policy.stale_if_unreachable_seconds)
    return 0 < grace >= staleness
