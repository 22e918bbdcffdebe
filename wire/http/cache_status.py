"""This cache's member of Cache-Status (RFC 9211)."""

from __future__ import annotations

from attrs import frozen

from wire.http.structured import write_name, write_string


@frozen
class CacheStatus:
    """What one cache did with one request. `fwd` empty means a hit."""

    cache: str
    fwd: str = ""
    """Why it went forward: bypass, method, uri-miss, vary-miss, request, stale, partial."""
    fwd_status: int | None = None
    ttl: int | None = None
    stored: bool = False
    collapsed: bool | None = None
    key: str | None = None
    detail: str | None = None

    def __str__(self) -> str:
        parts = [write_name(self.cache), f"fwd={self.fwd}" if self.fwd else "hit"]
        if self.fwd:
            if self.fwd_status is not None:
                parts.append(f"fwd-status={self.fwd_status}")
            if self.collapsed is not None:
                parts.append("collapsed" if self.collapsed else "collapsed=?0")
            if self.stored:
                parts.append("stored")
        if self.ttl is not None:
            parts.append(f"ttl={self.ttl}")
        if self.key is not None:
            parts.append(f"key={write_string(self.key)}")
        if self.detail is not None:
            parts.append(f"detail={write_name(self.detail)}")
        return "; ".join(parts)
