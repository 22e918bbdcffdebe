"""Heads for viewers: what a stored or arriving response looks like from this node (sheet 6.4, 10, 11, 17)."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

from attrs import frozen

from edge.core.entry import Entry
from edge.core.freshness import age_value_of
from edge.core.outcome import Verdict
from edge.core.pieces import WHOLE, Piece, Span
from edge.core.policy import Policy
from wire.http.conditional import if_range_holds, is_not_modified
from wire.http.fields import Fields, Pair, RequestHead, ResponseHead
from wire.http.hops import with_exposed
from wire.http.ranges import Part, RangeSpec, content_range, parse_ranges, resolve
from wire.http.reasons import reason_of

_TAGS = frozenset({"surrogate-key", "cache-tag"})
_FOR_EDGES = _TAGS | {"surrogate-control"}
_JOINED = {
    "via": "Via",
    "cache-status": "Cache-Status",
    "server-timing": "Server-Timing",
    "access-control-expose-headers": "Access-Control-Expose-Headers",
}
_OURS = ("X-PoP", "X-Cache", "Age", "Via", "Cache-Status", "Server-Timing")
_NEW = (Verdict.MISS, Verdict.PASS)
_WORK = re.compile(r"(?:^|,\s*)(?:origin|transformation);dur=[0-9.]+(?=\s*(?:,|$))")
"""What the origin did for the first who asked, and did not do for those who get what is stored (delivery-urls §8.1)."""

_IN_304 = (
    *("cache-control", "content-location", "date", "etag", "expires", "vary", "cdn-cache-control"),
    # a browser's script may only see an answer that says so itself (delivery-urls §8.4)
    *("access-control-allow-origin", "access-control-expose-headers", "timing-allow-origin"),
)


@frozen
class Marks:
    """What this node writes on an answer."""

    policy: Policy
    verdict: Verdict
    cache_status: str
    """Our member; empty for answers made from nothing."""
    milliseconds: float = 0.0
    age: int | None = None
    """None leaves the origin's; viewers see it where it is a number of seconds (6.2, 6.4)."""
    date: str | None = None
    """What viewers see in place of Date and Age, where the site wants these re-based (15.5)."""
    to_our_edge: bool = False
    """The one who asks is a node of ours: it wants the surrogate keys, and measures for itself."""
    version: str = "1.1"

    def on(self, fields: Fields) -> Fields:
        """The fields as the viewer gets them: one pass, since this is the hit path."""
        policy = self.policy
        dropped = _dropped(
            policy.targeted_fields,
            policy.strip_targeted,
            policy.pop_fields,
            self.to_our_edge,
            policy.debug,
            self.age is not None,
        )
        age = self.age if self.age is not None or self.to_our_edge else age_value_of(fields)
        kept: list[Pair] = []
        joined: dict[str, str] = {}
        for line in fields:
            name = line[0].lower()
            if name in _JOINED:
                joined[name] = f"{joined[name]}, {line[1]}" if name in joined else line[1]
            elif name not in dropped:
                kept.append(line)
        if self.date is not None and self.age is not None and not self.to_our_edge:
            kept = [line for line in kept if line[0].lower() != "date"]
            kept.append(("Date", self.date))
        elif age is not None:
            kept.append(("Age", str(age)))
        if self.verdict not in _NEW and ";dur=" in joined.get("server-timing", ""):
            joined["server-timing"] = _without_work(joined["server-timing"])
        joined["via"] = _more(joined.get("via"), f"{self.version} {policy.pseudonym}")
        if self.cache_status:
            joined["cache-status"] = _more(joined.get("cache-status"), self.cache_status)
        if policy.pop_fields:
            kept += (("X-Cache", self.verdict.value), ("X-PoP", policy.node))
            self._expose(joined, "access-control-allow-origin" in fields)
        return Fields((*kept, *((_JOINED[name], value) for name, value in joined.items())))

    def _expose(self, joined: dict[str, str], is_shared: bool) -> None:
        """How long it took, and scripts' leave to read what we wrote."""
        if not self.to_our_edge:
            kind = "hit" if self.verdict in (Verdict.HIT, Verdict.STALE) else "miss"
            timing = f"edge;dur={self.milliseconds:.1f};desc={kind}"
            joined["server-timing"] = _more(joined.get("server-timing"), timing)
        if is_shared:
            joined["access-control-expose-headers"] = _exposed(joined.get("access-control-expose-headers"))


def _more(before: str | None, last: str) -> str:
    return f"{before}, {last}" if before else last


def _without_work(timing: str) -> str:
    return _WORK.sub("", timing).lstrip(", ")


@lru_cache(maxsize=256)
def _exposed(before: str | None) -> str:
    return with_exposed(before, _OURS)


@lru_cache(maxsize=64)
def _dropped(
    targeted: tuple[str, ...],
    strips_all: bool,
    has_pop_fields: bool,
    to_our_edge: bool,
    shows_tags: bool,
    has_age: bool,
) -> frozenset[str]:
    """Names that do not go on as they came."""
    names = {"age"} if has_age or not to_our_edge else set()
    if has_pop_fields:
        names |= {"x-pop", "x-cache"}
    if not to_our_edge:
        names |= {"surrogate-control", *(name.lower() for name in targeted)}
        names |= set() if shows_tags else _TAGS
        names -= set() if strips_all else {"cdn-cache-control"}
    return frozenset(names)


@frozen
class Answer:
    """A head ready to send and the pieces of the body that go with it; no pieces, no body."""

    head: ResponseHead
    pieces: tuple[Piece, ...] = ()
    body: bytes = b""


def answer_from(entry: Entry, fields: Fields, request: RequestHead, marks: Marks, now: float) -> Answer:
    """The answer that a stored (or arriving) response gives to this very request: 304, 416, 206, or all of
    it.

    `fields` are the entry's, or more of them for whoever caused the fetch (sheet 4.4).
    """
    asked = request.fields
    if entry.status == 200 and request.method in ("GET", "HEAD"):
        if is_not_modified(
            asked, etag=entry.etag, last_modified=entry.last_modified, date=entry.date, now=now
        ):
            return Answer(_not_modified(fields, marks))
        wanted = asked.joined("range")
        if request.method == "GET" and wanted is not None and entry.size >= 0:
            partial = _ranged(entry, fields, wanted, asked.get("if-range"), marks, now)
            if partial is not None:
                return partial
        if "accept-ranges" not in fields:
            fields = fields.adding("Accept-Ranges", "bytes")
    if entry.size >= 0 and entry.status != 204:
        fields = fields.adding("Content-Length", str(entry.size))
    head = ResponseHead(entry.status, marks.on(fields), entry.reason)
    return Answer(head) if request.method == "HEAD" or entry.status == 204 else Answer(head, WHOLE)


def awaits_length(entry: Entry, request: RequestHead, now: float) -> bool:
    """Whether a range could be cut out of an arriving response if its length were known."""
    return entry.size < 0 and bool(ranges_wanted(entry, request, now))


def ranges_wanted(entry: Entry, request: RequestHead, now: float) -> tuple[RangeSpec, ...]:
    """The ranges that are to be cut out; none where the whole, or nothing, is the answer."""
    asked = request.fields
    wanted = asked.joined("range")
    if entry.status != 200 or request.method != "GET" or wanted is None:
        return ()
    if is_not_modified(asked, etag=entry.etag, last_modified=entry.last_modified, date=entry.date, now=now):
        return ()
    condition = asked.get("if-range")
    holds = condition is None or if_range_holds(condition, entry.fields, date=entry.date, now=now)
    return parse_ranges(wanted) if holds else ()


def _not_modified(fields: Fields, marks: Marks) -> ResponseHead:
    """Sheet 10.6: only what the client needs to go on using what it has."""
    names = _IN_304 if "etag" in fields else (*_IN_304, "last-modified")
    if marks.to_our_edge:
        names = (*names, *_FOR_EDGES)
    return ResponseHead(304, marks.on(fields.only((*names, "via", "cache-status"))), "Not Modified")


def _ranged(
    entry: Entry, fields: Fields, wanted: str, condition: str | None, marks: Marks, now: float
) -> Answer | None:
    """206 or 416; None where Range is to be ignored."""
    if condition is not None and not if_range_holds(condition, fields, date=entry.date, now=now):
        return None
    parts = resolve(parse_ranges(wanted), entry.size)
    if parts is None:
        return None
    if not parts:
        return Answer(_unsatisfiable(entry.size, fields, marks))
    if len(parts) == 1:
        return _single(entry, fields, parts[0], marks)
    return _multiple(entry, fields, parts, marks)


def _unsatisfiable(size: int, fields: Fields, marks: Marks) -> ResponseHead:
    kept = fields.only(("date", "etag", "vary", "cache-control", "access-control-allow-origin"))
    lines = [*kept, ("Content-Range", f"bytes */{size}"), ("Content-Length", "0")]
    return ResponseHead(416, marks.on(Fields(lines)), reason_of(416))


def _single(entry: Entry, fields: Fields, part: Part, marks: Marks) -> Answer:
    length = str(part[1] - part[0])
    lines = [*fields, ("Content-Range", content_range(part, entry.size)), ("Content-Length", length)]
    return Answer(ResponseHead(206, marks.on(Fields(lines)), "Partial Content"), (Span(*part),))


def _multiple(entry: Entry, fields: Fields, parts: tuple[Part, ...], marks: Marks) -> Answer:
    """multipart/byteranges, each part with its own Content-Type and Content-Range (RFC 9110 §14.6)."""
    named = repr((entry.key, entry.etag, entry.response_time, parts)).encode()
    boundary = blake2b(named, digest_size=16).hexdigest()
    kind = fields.get("content-type")
    pieces: list[Piece] = []
    length = 0
    for place, part in enumerate(parts):
        intro = ("" if place == 0 else "\r\n") + f"--{boundary}\r\n"
        intro += f"Content-Type: {kind}\r\n" if kind is not None else ""
        intro += f"Content-Range: {content_range(part, entry.size)}\r\n\r\n"
        pieces += (intro.encode("latin-1"), Span(*part))
        length += len(intro) + part[1] - part[0]
    end = f"\r\n--{boundary}--\r\n".encode("ascii")
    lines = [line for line in fields if line[0].lower() != "content-type"]
    lines += [("Content-Type", f"multipart/byteranges; boundary={boundary}")]
    lines += [("Content-Length", str(length + len(end)))]
    head = ResponseHead(206, marks.on(Fields(lines)), "Partial Content")
    return Answer(head, (*pieces, end))
