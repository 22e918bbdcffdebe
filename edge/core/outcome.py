"""How an exchange ended: for the log, the counters, X-Cache, Cache-Status."""

from __future__ import annotations

from enum import Enum

from attrs import frozen


class Verdict(Enum):
    """The answering cache's own view of one exchange; the value is X-Cache's text."""

    HIT = "HIT"
    MISS = "MISS"
    STALE = "STALE"
    REVALIDATED = "REVALIDATED"
    PASS = "PASS"  # noqa: S105 (a cache verdict, no password)
    ERROR = "ERROR"
    """Made by the edge from nothing: 400, 504, 508."""


RULED = "ttl-rule"
"""Cache-Status's detail where the lifetime is the site's own (sheet 5.8)."""


@frozen
class Outcome:
    """What one exchange came to. The shell adds what only it knows: bytes sent, the viewer's address."""

    verdict: Verdict
    status: int
    key: str
    cache_status: str
    """This node's own Cache-Status member."""
    started_at: float
    answered_at: float
    """When the head for the viewer was ready."""
    stored: bool = False
    collapsed: bool = False
    """Served from another exchange's flight; in the background: left to it."""
    complete: bool = True
    """False when the upstream's body was cut or the viewer left."""
