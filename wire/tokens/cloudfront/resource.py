"""Which URLs a policy's Resource stands for (cdn-vendors §1.5)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from wire.http.paths import without_dots
from wire.tokens.glob import Parts, fits, parts_of


@frozen
class Url:
    """An absolute URL in its four sections. A wildcard reaches out of none of them."""

    protocol: str
    domain: str
    path: str
    query: str | None

    @classmethod
    def parse(cls, url: str) -> Url:
        """Raw, as the viewer asked, but for dot segments: `/mine/../yours` is yours."""
        protocol, _, rest = url.partition("://")
        domain, slash, target = rest.partition("/")
        path, mark, query = (slash + target).partition("?")
        return cls(protocol.lower(), domain.lower(), without_dots(path), query if mark else None)


@frozen
class Reading:
    """One way to read a pattern: a question mark may begin its query, or stand for a letter."""

    protocol: Parts
    domain: Parts
    path: Parts | None
    """None: whatever path and query."""
    query: Parts | None
    any_query: bool = False

    def covers(self, url: Url) -> bool:
        """Whether it stands for this URL."""
        if not (fits(self.protocol, url.protocol) and fits(self.domain, url.domain)):
            return False
        if self.path is None:
            return True
        if not fits(self.path, url.path):
            return False
        if self.query is None:
            return self.any_query or url.query is None
        return url.query is not None and fits(self.query, url.query)


def covers(pattern: str, url: str) -> bool:
    """Whether a Resource stands for a URL, in any of its readings."""
    if pattern == "*":
        return True
    asked = Url.parse(url)
    return any(reading.covers(asked) for reading in readings(pattern))


def readings(pattern: str) -> Iterator[Reading]:
    """All the ways to read it."""
    protocol, found, rest = pattern.partition("://")
    if not found:
        if not pattern.startswith("*"):
            return
        protocol, rest = "*", pattern
    domain, slash, target = rest.partition("/")
    begins = parts_of(protocol.lower()), parts_of(domain.lower())
    if not slash and domain.endswith("*"):
        yield Reading(*begins, None, None)
        return
    whole = slash + target
    for at, width in sorted(_marks(whole)):
        yield Reading(*begins, parts_of(whole[:at]), parts_of(whole[at + width :]))
    if "\\?" not in whole:
        yield Reading(*begins, parts_of(whole), None, any_query=whole.endswith("*"))


def _marks(target: str) -> set[tuple[int, int]]:
    """Where the query may begin, and how long its mark is: at the first question mark, however it is written, and
    at the first that is written `\\?`."""
    escaped = target.find("\\?")
    first = target.find("?")
    marks = {(escaped, 2)} if escaped >= 0 else set()
    if first >= 0 and first != escaped + 1:
        marks.add((first, 1))
    return marks
