"""Entity tags and preconditions (RFC 9110 §8.8.3, §13)."""

from __future__ import annotations

import re
from functools import lru_cache

from wire.http.dates import parse_date
from wire.http.fields import Fields

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_MEMBER_END = re.compile(r"[ \t]*(?:,|$)")

CONDITIONALS = ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since")


def is_tag(tag: str) -> bool:
    """Well-formed, weak or strong."""
    return _TAG.fullmatch(tag) is not None


def is_strong(tag: str) -> bool:
    """A well-formed tag without `W/`."""
    return tag.startswith('"') and _TAG.fullmatch(tag) is not None


def weak_match(one: str, other: str) -> bool:
    """Equal but for weakness. A malformed tag matches only its own spelling (sheet 1.12)."""
    if one == other:
        return True
    return _TAG.fullmatch(one) is not None and one.removeprefix("W/") == other.removeprefix("W/")


@lru_cache(maxsize=1024)
def parse_tags(joined: str) -> tuple[str, ...]:
    """The members of If-None-Match as they are spelled; commas inside a tag belong to it. `*` is a member
    too."""
    tags: list[str] = []
    at = 0
    while at < len(joined):
        if joined[at] in ", \t":
            at += 1
            continue
        found = _TAG.match(joined, at)
        end = found.end() if found and _MEMBER_END.match(joined, found.end()) else joined.find(",", at)
        end = len(joined) if end < 0 else end
        tags.append(joined[at:end].rstrip(" \t"))
        at = end
    return tuple(tags)


def none_match(joined: str, etag: str | None) -> bool:
    """Whether If-None-Match is true, so that the whole response is wanted."""
    tags = parse_tags(joined)
    if "*" in tags:
        return False
    return etag is None or not any(weak_match(tag, etag) for tag in tags)


def is_not_modified(
    request: Fields, *, etag: str | None, last_modified: float | None, date: float, now: float
) -> bool:
    """Whether a stored 200 with these validators answers the request's preconditions with 304 (RFC 9110
    §13.2.2).

    If-Modified-Since counts only where there is no If-None-Match; without Last-Modified it is held against
    Date.
    """
    wanted = request.joined("if-none-match")
    if wanted is not None:
        return not none_match(wanted, etag)
    since_text = request.get("if-modified-since")
    if since_text is None:
        return False
    since = parse_date(since_text, now)
    return since is not None and (date if last_modified is None else last_modified) <= since


def if_range_holds(condition: str, response: Fields, *, date: float, now: float) -> bool:
    """Whether If-Range names exactly this response (RFC 9110 §13.1.5): strong tag, or a strong date, as
    spelled."""
    if condition.startswith('"'):
        return is_strong(condition) and condition == response.get("etag")
    if condition != response.get("last-modified"):
        return False
    moment = parse_date(condition, now)
    return (
        moment is not None and moment <= date - 1
    )  # a date is strong when the response is at least 1 s younger
