"""A stored response: everything the cache knows of it but the bytes of its body."""

from __future__ import annotations

from hashlib import blake2b
from math import floor
from typing import Any

from attrs import evolve, field, frozen

from wire.http.fields import Fields

VaryPair = tuple[str, str | None]


@frozen
class Entry:
    """One stored response under a cache key, judged once when it was stored, so that a hit is arithmetic.

    All times are wall seconds. Within a process the shell lets `now` run on the monotonic clock from a wall
    start (`wall_at_start + monotonic_since`), so a jump of the wall clock changes no residence; after a
    restart an entry "from the future" is simply stale (sheet 22.6).
    """

    key: str
    """The primary key it is stored under."""
    status: int
    fields: Fields
    """As the origin sent them, less hop-by-hop and excluded ones (sheet 4); nothing the edge adds."""
    request_time: float
    response_time: float
    date: float
    """The origin's Date, or the time of receipt."""
    lifetime: float
    """Freshness lifetime in seconds (sheet 5)."""
    initial_age: float
    """corrected_initial_age (sheet 6.1)."""
    size: int = -1
    """Bytes of the stored body. In a prospect: what Content-Length promised, -1 when it promised nothing."""
    first: int = 0
    """Where in the whole the body begins, if it is a part."""
    part_of: int = -1
    """The size of the whole of which the body is a part; -1 where it is the whole."""
    of_206: bool = False
    """Its head came with a part, and gives way to that of a 200 of which another part was (sheet 11.9)."""
    in_front: bool = False
    """An error that is kept before a stale response, not in its place (`edge.core.fronting`)."""
    reason: str = ""
    version: str = "1.1"
    """Of HTTP, in which it was received: Via tells it (sheet 16.2)."""
    no_cache: bool = False
    """Never reused without validation."""
    stale_forbidden: bool = False
    """must-revalidate and its kin (sheet 14.2): never served stale."""
    heuristic: bool = False
    """The lifetime was guessed from Last-Modified."""
    ruled: bool = False
    """The lifetime is the site's own rule."""
    stale_while_revalidate: float = 0.0
    stale_if_error: float = 0.0
    etag: str | None = None
    last_modified: float | None = None
    vary: tuple[VaryPair, ...] = ()
    """Each field that Vary nominates, in lower case and sorted, with the normalised value that the request
    had."""
    surrogate_keys: tuple[str, ...] = ()
    """What Surrogate-Key and Cache-Tag said, plus cache groups and a path tag (`edge.core.tags`), which begin with
    a space: feed all to the tag index."""
    expired_at: float | None = None
    """When a soft purge or a HEAD declared it stale before its time."""
    generation: int = 0
    """The last ban that its fetch knew of (`edge.core.bans`)."""
    parts: tuple[Entry, ...] = ()
    """In a view alone (`edge.core.parts`): the stored parts that hold its bytes. Never stored."""
    body_id: str = field(default="")
    """Names the bytes. The store sets it at `insert`; `update` finds the stored response by it."""

    @property
    def variant(self) -> str:
        """Which slot under the key it takes: an insert with the same key and variant replaces. Empty without
        Vary; parts of one variant have a slot each, and so has the error before it."""
        if self.in_front:
            return f"{variant_of(self.vary)}!"
        return f"{variant_of(self.vary)}@{self.first}" if self.is_part else variant_of(self.vary)

    @property
    def is_part(self) -> bool:
        """Whether the body is less than the whole: it never answers a request without Range (sheet 11.8)."""
        return self.part_of >= 0

    @property
    def end(self) -> int:
        """Where in the whole the body ends."""
        return self.first + self.size

    def age_at(self, now: float) -> float:
        """current_age (RFC 9111 §4.2.3). Never less than it was on arrival."""
        return self.initial_age + max(0.0, now - self.response_time)

    def staleness_at(self, now: float) -> float:
        """Seconds past the end of its lifetime; negative while fresh."""
        if now < self.response_time:  # stored by a clock that was ahead: trust nothing it says (22.6)
            return max(0.0, self.initial_age - self.lifetime)
        staleness = self.initial_age + now - self.response_time - self.lifetime
        if self.expired_at is not None:
            return max(staleness, now - self.expired_at, 0.0)
        return staleness

    def is_fresh(self, now: float) -> bool:
        """Strictly within its lifetime (sheet 5.5); no-cache is another question."""
        return self.staleness_at(now) < 0

    def ttl_at(self, now: float) -> int:
        """Seconds of freshness left, for Cache-Status; negative when stale."""
        return floor(-self.staleness_at(now))

    def expired(self, now: float) -> Entry:
        """The same, stale from now on (soft purge, 20.3)."""
        return self if self.expired_at is not None else evolve(self, expired_at=now)

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`."""
        return {
            "key": self.key,
            "status": self.status,
            "reason": self.reason,
            "version": self.version,
            "fields": [list(line) for line in self.fields],
            "request_time": self.request_time,
            "response_time": self.response_time,
            "date": self.date,
            "lifetime": self.lifetime,
            "initial_age": self.initial_age,
            "size": self.size,
            "first": self.first,
            "part_of": self.part_of,
            "of_206": self.of_206,
            "in_front": self.in_front,
            "no_cache": self.no_cache,
            "stale_forbidden": self.stale_forbidden,
            "heuristic": self.heuristic,
            "ruled": self.ruled,
            "stale_while_revalidate": self.stale_while_revalidate,
            "stale_if_error": self.stale_if_error,
            "etag": self.etag,
            "last_modified": self.last_modified,
            "vary": [list(pair) for pair in self.vary],
            "surrogate_keys": list(self.surrogate_keys),
            "expired_at": self.expired_at,
            "generation": self.generation,
            "body_id": self.body_id,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Entry:
        """The entry that `to_json` wrote; KeyError or TypeError for anything else."""
        plain = dict(stored)
        plain["fields"] = Fields((name, value) for name, value in stored["fields"])
        plain["vary"] = tuple((name, value) for name, value in stored["vary"])
        plain["surrogate_keys"] = tuple(stored["surrogate_keys"])
        return cls(**plain)


def variant_of(vary: tuple[VaryPair, ...]) -> str:
    """A short name for a set of selecting values; equal sets have equal names."""
    if not vary:
        return ""
    digest = blake2b(digest_size=12)
    for name, value in vary:
        digest.update(b"\0" + name.encode("latin-1", "replace"))
        digest.update(b"\1" if value is None else b"\2" + value.encode("latin-1", "replace"))
    return digest.hexdigest()
