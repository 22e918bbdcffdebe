"""What an origin said, and what a cache may make of it: RFC 9111 as a reader would apply it by hand.

Nothing here is shared with the edge: the law is written down a second time, from the values that the headers were made
of, so that the two can disagree.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from math import inf

from attrs import frozen

from wire.http.fields import Fields, RequestHead


@frozen
class Control:
    """What an answer says of caching, before it is put in words."""

    lifetime: int | None = None
    shared: int | None = None
    """s-maxage."""
    words: frozenset[str] = frozenset()
    swr: int = 0
    sie: int = 0

    @property
    def text(self) -> str:
        """As directives."""
        told = sorted(self.words)
        told += [f"max-age={self.lifetime}"] if self.lifetime is not None else []
        told += [f"s-maxage={self.shared}"] if self.shared is not None else []
        told += [f"stale-while-revalidate={self.swr}"] if self.swr else []
        told += [f"stale-if-error={self.sie}"] if self.sie else []
        return ", ".join(told)

    @property
    def is_for_all(self) -> bool:
        """Neither no-store nor private (RFC 9111 §3)."""
        return self.words.isdisjoint({"no-store", "private"})

    @property
    def shares_credentials(self) -> bool:
        """Whether an answer to Authorization may be another's (RFC 9111 §3.5)."""
        return self.shared is not None or not self.words.isdisjoint({"public", "must-revalidate"})

    @property
    def forbids_stale(self) -> bool:
        """Sheet 14.2."""
        if not self.words.isdisjoint({"no-cache", "must-revalidate", "proxy-revalidate"}):
            return True
        return self.shared is not None and not self.swr and not self.sie


@frozen
class Terms:
    """What a viewer's Cache-Control asks, before it is put in words."""

    words: frozenset[str] = frozenset()
    max_age: float = inf
    min_fresh: int = 0
    max_stale: float = -1
    sie: int = 0

    @property
    def text(self) -> str:
        """As directives."""
        told = sorted(self.words)
        told += [f"max-age={self.max_age}"] if self.max_age < inf else []
        told += [f"min-fresh={self.min_fresh}"] if self.min_fresh else []
        told += [f"max-stale={self.max_stale}"] if 0 <= self.max_stale < inf else []
        told += ["max-stale"] if self.max_stale == inf else []
        told += [f"stale-if-error={self.sie}"] if self.sie else []
        return ", ".join(told)


@frozen
class Representation:
    """One body and its names (RFC 9110 §8.8)."""

    body: bytes
    etag: str | None
    modified: float | None
    """Last-Modified; None where it is not told."""

    def is_not_modified(self, asked: Fields, date: float) -> bool:
        """RFC 9110 §13.2.2, steps 3 and 4. Without Last-Modified a date is held against Date (sheet 10.4)."""
        tags = asked.get("if-none-match")
        if tags is not None:
            named = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
            return "*" in named or (self.etag is not None and self.etag.removeprefix("W/") in named)
        since = asked.get("if-modified-since")
        moment = date if self.modified is None else self.modified
        return since is not None and moment <= parsedate_to_datetime(since).timestamp()

    def is_still(self, condition: str | None) -> bool:
        """Whether If-Range names it, if there is one: a strong tag does (RFC 9110 §13.1.5)."""
        return condition is None or (condition == self.etag and not condition.startswith("W/"))


def meaning(name: str, fields: Fields) -> tuple[str, ...] | None:
    """What a selecting header comes to (sheet 8.5): lists without white space, languages also without case, weights of
    1 and order."""
    text = fields.joined(name)
    if text is None:
        return None
    members = tuple(member.strip() for member in text.split(",") if member.strip())
    if name != "accept-language":
        return members
    weighed = (member.lower().replace(" ", "").removesuffix(";q=1") for member in members)
    return tuple(sorted(weighed))


@frozen
class Said:
    """A head of the origin's, the body that it speaks of, and the question that it answers."""

    number: int
    path: str
    status: int
    control: Control
    lifetime: float
    """By whatever field told it; 0 where none did and none can be guessed."""
    vary: frozenset[str]
    shown: Representation
    version: int
    asked: RequestHead
    sent: bytes
    """The body that came with it."""
    sent_at: float
    """When the question left the cache."""
    said_at: float
    age: int = 0
    """The Age it came with."""

    def age_at(self, now: float) -> float:
        """RFC 9111 §4.2.3, by the cache's own clock."""
        return self.age + (self.said_at - self.sent_at) + (now - self.said_at)

    @property
    def is_storable(self) -> bool:
        """RFC 9111 §3, for an answer to GET or what confirms one."""
        asked = self.asked.fields
        if not self.control.is_for_all or "no-store" in (asked.get("cache-control") or ""):
            return False
        if "authorization" in asked and not self.control.shares_credentials:
            return False
        return self.status in (200, 206, 304, 404)

    def selects(self, fields: Fields) -> bool:
        """RFC 9111 §4.1: whether its own question had the same values of all that it varies on."""
        return all(meaning(name, self.asked.fields) == meaning(name, fields) for name in self.vary)

    def complaint(self, terms: Terms, now: float, expired_at: float, grace: float) -> str | None:
        """Why it must not be used again without asking; None where it may. `expired_at`: when it was declared stale;
        `grace`: for how long it may stand in for an error that there is, 0 without one."""
        age = self.age_at(now)
        staleness = age - self.lifetime
        if expired_at <= now:
            staleness = max(staleness, now - expired_at)
        if not self.is_storable:
            return "it was not to be stored"
        if self.control.forbids_stale and (staleness >= 0 or "no-cache" in self.control.words):
            return "not without confirmation"
        if grace > 0 and staleness <= grace:
            return None
        if "no-cache" in terms.words or age > terms.max_age or terms.max_age == 0:
            return "the viewer wants it confirmed"
        if staleness < 0:
            return "the viewer wants it fresher" if -staleness < terms.min_fresh else None
        if staleness <= terms.max_stale or staleness < self.control.swr:
            return None
        return f"stale since {staleness} s"
