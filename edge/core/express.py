"""When the next request of the same bytes may be answered without asking, and what such answers say of their age."""

from __future__ import annotations

from math import floor

from attrs import frozen

from edge.core.asking import RANGE_FIELDS
from edge.core.entry import Entry
from edge.core.policy import Policy
from edge.core.reuse import NO_TERMS, Terms
from wire.http.cache_status import CacheStatus
from wire.http.conditional import CONDITIONALS
from wire.http.fields import RequestHead

_BELIEVED = ("x-forwarded-proto", "forwarded")
FROM_ELSEWHERE = frozenset({"x-forwarded-for", *_BELIEVED})
"""What a request's own bytes do not tell: who sent them, and whether that one is believed."""
_OWN_DEMANDS = (*CONDITIONALS, *RANGE_FIELDS)


@frozen
class Second:
    """What a hit shows of its age: whole seconds."""

    age: int
    ttl: int
    ends: float
    """From then on it shows others."""


@frozen
class Leave:
    """Leave to answer as now, but for Age and ttl, while these are the variants that are stored.

    The core gives it with a plain hit: one that nothing but the stored responses, the request's bytes and the
    time decided, and time only by the end of freshness.
    """

    entry: Entry
    variants: tuple[Entry, ...]
    """All that was stored under the key; another set may choose otherwise."""
    node: str = "edge"
    """As in `Policy`."""

    def second_at(self, now: float) -> Second | None:
        """What to say at this moment; None once it is stale, or where the clock went back behind it."""
        entry = self.entry
        staleness = entry.staleness_at(now)
        if staleness >= 0 or now < entry.response_time:
            return None
        age = entry.age_at(now)
        older_in, shorter_in = floor(age) + 1 - age, -staleness - floor(-staleness)
        return Second(floor(age), floor(-staleness), now + min(older_in, shorter_in))

    def cache_status(self, second: Second) -> str:
        """This node's member of Cache-Status in that second's answer."""
        return str(CacheStatus(self.node, ttl=second.ttl))


def leave_for(
    request: RequestHead, terms: Terms, entry: Entry, variants: tuple[Entry, ...], policy: Policy
) -> Leave | None:
    """Leave to repeat a hit; None where the request has demands of its own, or its bytes are not all of it."""
    if (
        entry.parts
        or entry.status != 200
        or terms != NO_TERMS
        or policy.refresh_ahead is not None
        or any(name in request.fields for name in _OWN_DEMANDS)
    ):
        return None
    chosen_by = {name for variant in variants for name, _ in variant.vary}
    chosen_by.update(name.lower() for name in policy.key.headers)
    if any(name in request.fields for name in _BELIEVED) or FROM_ELSEWHERE & chosen_by:
        return None
    return Leave(entry, variants, policy.node)
