"""What each cache on an answer's way had of what was asked for, and how often. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from attrs import define, frozen

_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_MISSES = frozenset({"fwd=uri-miss", "fwd=vary-miss", "fwd=miss"})
_ENOUGH = 4096  # different texts: a `ttl` in them changes every second


@frozen
class Lookup:
    """One cache that an answer came through."""

    cache: str
    is_hit: bool
    is_shared: bool = False
    """It took what another question had sent for: nobody was asked for this one."""
    is_absent: bool = False
    """It held nothing of the variant, neither fresh nor stale, and nobody had sent for it."""


@lru_cache(maxsize=_ENOUGH)
def lookups_in(cache_status: str) -> tuple[Lookup, ...]:
    """The caches of a Cache-Status field (RFC 9211 §2), the one nearest to the viewer first."""
    return tuple(_read(member) for member in reversed(_MEMBER.findall(cache_status)))


def _read(member: str) -> Lookup:
    cache, *told = (part.strip() for part in member.split(";"))
    is_shared = "collapsed" in told
    return Lookup(cache.strip('"'), "hit" in told, is_shared, not is_shared and not _MISSES.isdisjoint(told))


@define
class Hits:
    """Questions that reached some caches, and what these had."""

    asked: int = 0
    by_key: int = 0
    """The very variant."""
    by_asset: int = 0
    """That, or else another variant of the asset had been asked for there."""
    shared: int = 0
    """They waited for what another question had sent for."""

    def add(self, lookup: Lookup, *, had_another: bool) -> None:
        self.asked += 1
        self.by_key += lookup.is_hit
        self.by_asset += lookup.is_hit or had_another
        self.shared += lookup.is_shared

    def add_all(self, other: Hits) -> None:
        """Take in what another counted."""
        self.asked += other.asked
        self.by_key += other.by_key
        self.by_asset += other.by_asset
        self.shared += other.shared

    def part(self, count: int) -> float | None:
        """Of all that were asked; None of none."""
        return count / self.asked if self.asked else None

    def as_plain(self) -> dict[str, Any]:
        return {
            "asked": self.asked,
            "hit_ratio": self.part(self.by_key),
            "hit_ratio_by_asset": self.part(self.by_asset),
            "shared": self.part(self.shared),
        }
