"""What an answer's head tells of its way: which tier had it, and where its time went. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from attrs import frozen

_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
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

    @property
    def is_failure(self) -> bool:
        return bool(self.why) or not self.status or self.status >= 500 or self.is_wrong

    @property
    def tier(self) -> Tier:
        """By `Cache-Status` (RFC 9211): the last member is the cache nearest to the viewer."""
        members = [member.strip() for member in _MEMBER.findall(self.cache_status)]
        hits = ["hit" in (part.strip() for part in member.split(";")) for member in members]
        if hits and hits[-1]:
            return Tier.EDGE
        return Tier.SHIELD if any(hits) else Tier.ORIGIN

    def split(self) -> dict[str, float]:
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
