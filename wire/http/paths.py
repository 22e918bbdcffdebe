"""What a path comes to once its dot segments are gone. Pure."""

from __future__ import annotations

from urllib.parse import unquote


def without_dots(path: str) -> str:
    """RFC 3986 §5.2.4, however the dots are written; the rest keeps its spelling."""
    start, *segments = path.split("/")
    kept: list[str] = []
    last = ""
    for segment in segments:
        last = _plain(segment)
        if last == "..":
            del kept[-1:]
        elif last != ".":
            kept.append(segment)
    if last in (".", ".."):
        kept.append("")
    return "/".join((start, *kept))


def readings(path: str) -> tuple[str, ...]:
    """A normal path as rules should look at it: as it is, and as servers read it that decode before they cut it at
    slashes, or take several slashes for one."""
    if "%" not in path and "//" not in path:
        return (path,)
    decoded = unquote(path)
    while "//" in decoded:
        decoded = decoded.replace("//", "/")
    return tuple(dict.fromkeys((path, without_dots(decoded))))


def _plain(segment: str) -> str:
    return segment.lower().replace("%2e", ".") if "%" in segment else segment
