"""What a 304, a 206, or the answer to a HEAD makes of what is stored (sheet 9, 11.10, 13.3)."""

from __future__ import annotations

from attrs import evolve

from edge.core.entry import Entry
from edge.core.freshness import date_of, initial_age_of
from edge.core.parts import reach
from edge.core.policy import Policy
from edge.core.storing import Filling, Refusal, promised_length, prospect_of, received, updating
from wire.http.conditional import is_strong, weak_match
from wire.http.fields import Fields, ResponseHead
from wire.http.hops import HOP_BY_HOP, PROXY_ONLY
from wire.http.ranges import parse_content_range

NEVER_UPDATED = HOP_BY_HOP | PROXY_ONLY | {"content-length", "content-encoding", "content-range"}
"""The stored bytes depend on these (RFC 9111 §3.2), or they never belonged to the response."""


def named_by(head: ResponseHead, asked: Entry, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The stored responses that a 304 speaks of (RFC 9111 §4.3.4); `asked` is the one we named in our
    request."""
    tag, modified = head.fields.get("etag"), head.fields.get("last-modified")
    if tag is not None and is_strong(tag):
        return tuple(entry for entry in entries if entry.etag == tag)
    if tag is not None:
        same = [entry for entry in entries if entry.etag is not None and weak_match(entry.etag, tag)]
        return (max(same, key=lambda entry: (entry.date, entry.response_time)),) if same else ()
    if modified is not None and asked.etag is None:
        return (asked,) if asked.fields.get("last-modified") == modified else ()
    return (asked,)  # origins often leave validators out; our request named exactly one


def merged(entry: Entry, head: ResponseHead, now: float, policy: Policy) -> Fields:
    """The stored fields with each field of the new head in place of its old lines (RFC 9111 §3.2)."""
    update = received(head, now).fields.without(NEVER_UPDATED.union(policy.kept_fields))
    # Age is the old message's: it restarts from the new one's own (9.5).
    return Fields((*entry.fields.without(update.names() | {"age"}), *update))


def freshened(entry: Entry, head: ResponseHead, filling: Filling, policy: Policy) -> Entry | Refusal:
    """The stored response after an update, judged anew; a Refusal where it must not be kept any longer."""
    now = filling.received_at
    told = ResponseHead(entry.status, merged(entry, head, now, policy), entry.reason, head.version)
    judged = prospect_of(told, filling, policy)
    if isinstance(judged, Refusal):
        return judged
    place = evolve(judged, size=entry.size, first=entry.first, part_of=entry.part_of)
    return evolve(place, of_206=entry.of_206, body_id=entry.body_id)


def continues(held: Entry, head: ResponseHead) -> bool:
    """Whether a 206 is another part of the representation whose parts a view holds: of the same size, by the same
    strong validator (RFC 9110 §15.3.7.3)."""
    named = parse_content_range(head.fields.get("content-range") or "")
    tag = head.fields.get("etag")
    if not held.parts or named is None or tag is None:
        return False
    return is_strong(tag) and tag == held.etag and named[1] == held.size


def completed(held: Entry, head: ResponseHead, filling: Filling, policy: Policy) -> Entry | None:
    """The whole that the beginning in a view and the body of this 206 come to; None if they come to none, or to
    one that may not be stored (11.10)."""
    start = reach(held)
    is_rest = parse_content_range(head.fields.get("content-range") or "") == ((start, held.size), held.size)
    if not is_rest or not continues(held, head) or promised_length(head) != held.size - start:
        return None
    told = evolve(head, fields=updating(held, head.fields, policy))
    judged = freshened(held, told, filling, policy)
    return None if isinstance(judged, Refusal) else judged


def served_once(entry: Entry, head: ResponseHead, filling: Filling, policy: Policy) -> Entry:
    """A confirmed response that may serve this request and then no other; as old as its 304 (6.4)."""
    now, asked_at = filling.received_at, filling.requested_at
    date = date_of(head.fields, now)
    age = initial_age_of(head.fields, date=date, requested_at=asked_at, received_at=now, policy=policy)
    return evolve(entry, fields=merged(entry, head, now, policy), response_time=now, initial_age=age or 0.0)


def after_head(entry: Entry, head: ResponseHead, filling: Filling, policy: Policy) -> Entry | None:
    """What a HEAD's answer makes of the GET entry it would select: freshened, or stale; None leaves it
    alone."""
    now = filling.received_at
    if head.status in (404, 410):
        return entry.expired(now)
    if head.status != 200 or entry.status != 200:
        return None
    etag, modified = head.fields.get("etag"), head.fields.get("last-modified")
    length, size = promised_length(head), entry.part_of if entry.is_part else entry.size
    same = (
        (etag is None or etag == entry.etag)
        and (modified is None or modified == entry.fields.get("last-modified"))
        and (length < 0 or length == size)
    )
    if not same:
        return entry.expired(now)
    updated = freshened(entry, head, filling, policy)
    if isinstance(updated, Refusal):
        return None if updated.spares_entries else entry.expired(now)
    return updated
