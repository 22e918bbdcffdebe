"""What an answer's head tells of its way: which tier had it, and where its time went. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property

from attrs import frozen

from sim.traffic.lookups import Lookup, lookups_in

_DURATION = re.compile(r"(?:^|,)\s*([A-Za-z-]+)\s*(?:;[^,]*?)?;\s*dur=(\d+(?:\.\d+)?)")


class Tier(StrEnum):
    """Who had the answer."""

    EDGE = "edge"
    SHIELD = "shield"
    ORIGIN = "origin"


@frozen
class Answered:
    """One answer, or none: then `status` is 0. `why` says what came instead of what was wanted."""

    status: int
    seconds: float
    """From the moment it should have been asked for to the last byte: a client that is late is not left out."""
    bytes: int = 0
    cache_status: str = ""
    server_timing: str = ""
    pop: str = ""
    verdict: str = ""
    why: str = ""
    is_wrong: bool = False
    """Whole, and yet not the bytes that the same question had before."""
    had_another: frozenset[str] = frozenset()
    """The caches on its way that had been asked for another variant of the asset, and have it still, as far as can be
    told."""

    @property
    def is_failure(self) -> bool:
        return bool(self.why) or not self.status or self.status >= 500 or self.is_wrong

    @cached_property
    def tier(self) -> Tier:
        """By `Cache-Status`: whoever hit, the nearest to the viewer."""
        hits = [lookup.is_hit for lookup in lookups_in(self.cache_status)]
        if hits and hits[0]:
            return Tier.EDGE
        return Tier.SHIELD if any(hits) else Tier.ORIGIN

    @cached_property
    def asked(self) -> list[tuple[Tier, Lookup]]:
        """The caches that this question came to, the edge first: those behind one that had the answer, or had sent
        for it already, are told of in `Cache-Status` too, but were asked for others."""
        came: list[tuple[Tier, Lookup]] = []
        for lookup in lookups_in(self.cache_status):
            came.append((Tier.SHIELD if came else Tier.EDGE, lookup))
            if lookup.is_hit or lookup.is_shared:
                break
        return came

    @property
    def asked_an_origin(self) -> bool:
        """Whether every cache on its way had to send for it; False where none told of itself."""
        return bool(self.asked) and not any(lookup.is_hit or lookup.is_shared for _, lookup in self.asked)

    @cached_property
    def seconds_by_part(self) -> dict[str, float]:
        """Seconds painting, waiting and looking up at the origin, between nodes, and on the way to the viewer."""
        told = {name: float(ms) / 1000 for name, ms in _DURATION.findall(self.server_timing)}
        render = told.get("transformation", 0.0)
        origin = max(told.get("origin", 0.0), render)
        edge = max(told.get("edge", 0.0), origin)
        return {
            "render": render,
            "queue": origin - render,
            "link": edge - origin,
            "viewer": max(0.0, self.seconds - edge),
        }
