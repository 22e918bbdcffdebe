"""May this response be stored, and what of it (sheet 3, 4): a prospect, or the reason why not."""

from __future__ import annotations

from attrs import evolve, frozen

from edge.core.entry import Entry
from edge.core.freshness import HEURISTIC_STATUSES, Freshness, date_of, initial_age_of, lifetime_of
from edge.core.key import Address, split_key
from edge.core.policy import Policy
from edge.core.ruling import BYPASS, Ruling
from edge.core.tags import group_tags, path_tag, source_tags, tags_of, url_tags
from edge.core.targeted import ruling_of
from edge.core.vary import selecting_values
from wire.http.cache_control import CacheControl
from wire.http.dates import format_date, parse_date
from wire.http.fields import Fields, ResponseHead
from wire.http.hops import PROXY_ONLY, end_to_end
from wire.http.ranges import parse_content_range

UNDERSTOOD = frozenset(
    {200, 203, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 410, 414, 416, 500, 501}
    | {502, 503, 504}
)

SAID_BY_PARTS = frozenset(
    {"date", "age", "cache-control", "expires", "etag", "content-location", "vary", "surrogate-control"}
    | {"connection", "content-length", "transfer-encoding"}
)
"""What a 206 must repeat of its 200, for caches to go by (RFC 9110 §15.3.7), Age, and the fields of the message."""

AUTHORIZATION, NO_STORE_ASKED = "authorization", "request no-store"
UNKEPT = Ruling(CacheControl((("max-age", "0"),)))
OF_THE_REQUEST = frozenset({AUTHORIZATION, NO_STORE_ASKED, BYPASS})


@frozen
class Refusal:
    """Not to be stored; `reason` for Cache-Status detail and the log."""

    reason: str

    @property
    def spares_entries(self) -> bool:
        """Whether it says nothing of what is stored already: it is for who asked so, and others may have that."""
        return self.reason in OF_THE_REQUEST


@frozen
class Filling:
    """The request side of a response to be judged: what it asked for and when it left."""

    address: Address
    fields: Fields
    """The viewer's, reduced as the policy says: what Vary selects by."""
    requested_at: float
    received_at: float
    no_store: bool = False

    def selecting(self, entry: Entry) -> Filling:
        """The same as if asked for this very variant, for judging it anew beside the one that was asked
        for."""
        others = self.fields.without(name for name, _ in entry.vary)
        chosen = [(name, value) for name, value in entry.vary if value is not None]
        return evolve(self, fields=Fields((*others, *chosen)))


def received(head: ResponseHead, now: float) -> ResponseHead:
    """The head as it may go on: hop-by-hop fields gone, a usable Date in place (sheet 4.2, 4.7)."""
    fields = end_to_end(head.fields)
    text = fields.get("date")
    if text is None or parse_date(text, now) is None:
        fields = fields.replacing("Date", format_date(now))
    return ResponseHead(head.status, fields, head.reason, head.version)


def prospect_of(head: ResponseHead, filling: Filling, policy: Policy) -> Entry | Refusal:
    """What would be stored of this answer to a GET, judged on the head as it was received (4.2: also on what
    a hostile Connection field tries to hide)."""
    ruling = _ruling(head, filling, policy)
    refusal = _prohibition(head, ruling.control, filling, policy)
    if refusal is not None:
        return Refusal(refusal)
    entry = _entry(head, ruling, filling, policy)
    if entry is None:
        return Refusal("no freshness, no heuristic")
    if entry.size > policy.object_bytes:
        return Refusal("too large")
    return entry if _is_worth_keeping(entry) else Refusal("stale and no validator")


def _ruling(head: ResponseHead, filling: Filling, policy: Policy) -> Ruling:
    if policy.reading is not None:
        return policy.reading(head, filling.received_at)
    return ruling_of(head.fields, policy)


def part_prospect_of(
    head: ResponseHead, filling: Filling, policy: Policy, held: Entry | None = None
) -> Entry | Refusal:
    """What would be stored of a 206: one part of a whole of known size, by the rules of its 200 (sheet 11.7).

    `held` is a view of the same representation, whose fields a 206 may leave out (RFC 9110 §15.3.7), and need not
    repeat."""
    named = parse_content_range(head.fields.get("content-range") or "")
    if named is None or named[1] is None or len(head.fields.all("content-range")) > 1:
        return Refusal("no single content-range")
    (first, end), size = named[0], named[1]
    if "content-length" in head.fields and promised_length(head) != end - first:
        return Refusal("content-range and content-length disagree")
    if held is None and "if-range" in filling.fields:
        return Refusal("a part without its fields")
    fields = head.fields.without(("content-range",))
    if held is not None:
        fields = updating(held, fields, policy)
        fields = Fields((*held.fields.without(fields.names() | {"age"}), *fields))
    judged = prospect_of(evolve(head, status=200, fields=fields, reason=""), filling, policy)
    if isinstance(judged, Refusal):
        return judged
    of_206 = held is None or held.of_206
    return evolve(judged, first=first, size=end - first, part_of=size, of_206=of_206)


def updating(held: Entry, fields: Fields, policy: Policy) -> Fields:
    """Those of a 206's fields that replace what is held: all among 206s. A 200's stay as they are, but for how long
    they are good (RFC 9110 §15.3.7.3, RFC 9111 §3.4)."""
    if held.of_206:
        return fields
    counting = SAID_BY_PARTS.union(name.lower() for name in policy.targeted_fields)
    return fields.without(fields.names() - counting)


def _prohibition(head: ResponseHead, control: CacheControl, filling: Filling, policy: Policy) -> str | None:
    """The first rule that forbids storing (RFC 9111 §3)."""
    understands = control.has("must-understand")
    if filling.no_store:
        return NO_STORE_ASKED
    if head.status < 200 or head.status in (206, 304, 416):
        return f"status {head.status}"
    if understands and head.status not in UNDERSTOOD:
        return "must-understand"
    rule = policy.ttl_rule(filling.address.normal, head.status)
    if (rule is None or not rule.even_private) and (forbidden := _forbidden(control, understands)):
        return forbidden
    if "authorization" in filling.fields and not any(
        control.has(name) for name in ("public", "s-maxage", "must-revalidate")
    ):
        return AUTHORIZATION
    if "*" in head.fields.members("vary") and not policy.ignores_vary:
        return "vary *"
    if "transfer-encoding" in head.fields and "content-length" in head.fields:
        return "both lengths"  # RFC 9112 §6.3: one of two readers is wrong about where it ends
    if policy.set_cookie == "bypass" and "set-cookie" in head.fields:
        return "set-cookie"
    return None


def _forbidden(control: CacheControl, understands: bool) -> str | None:
    """What the origin says in so many words."""
    if control.has(BYPASS):
        return BYPASS
    if control.has("no-store") and not understands:
        return "no-store"
    return "private" if control.names("private") == frozenset() else None


def _entry(head: ResponseHead, ruling: Ruling, filling: Filling, policy: Policy) -> Entry | None:
    now, control = filling.received_at, ruling.control
    date = date_of(head.fields, now)
    rule = policy.ttl_rule(filling.address.normal, head.status)
    freshness = lifetime_of(head.status, head.fields, ruling, date=date, now=now, policy=policy)
    if rule is not None:
        freshness = Freshness(rule.seconds, True)
    if not freshness.is_explicit and not _may_guess(head, control, now):
        return None
    if not freshness.is_explicit and "set-cookie" in head.fields and policy.set_cookie != "strip":
        return None  # sheet 21.2: a guess is no permission to replay cookies
    age = initial_age_of(
        head.fields, date=date, requested_at=filling.requested_at, received_at=now, policy=policy
    )
    grace = {
        name: max(0, control.seconds(name) or 0) for name in ("stale-while-revalidate", "stale-if-error")
    }
    no_cache = control.names("no-cache") == frozenset()
    modified = head.fields.get("last-modified")
    fields = stored_fields(received(head, now).fields, control, policy)
    return Entry(
        key=filling.address.key,
        status=head.status,
        reason=head.reason,
        version=head.version,
        fields=fields,
        request_time=filling.requested_at,
        response_time=now,
        date=date,
        lifetime=freshness.lifetime if age is not None else 0.0,
        initial_age=age or 0.0,
        size=promised_length(head),
        no_cache=no_cache,
        stale_forbidden=no_cache or _forbids_stale(control),
        heuristic=not freshness.is_explicit,
        ruled=rule is not None,
        stale_while_revalidate=float(grace["stale-while-revalidate"]),
        stale_if_error=float(grace["stale-if-error"]),
        etag=head.fields.get("etag"),
        last_modified=parse_date(modified, now) if modified is not None else None,
        vary=() if policy.ignores_vary else selecting_values(head.fields, filling.fields),
        surrogate_keys=_all_tags(head.fields, filling.address, policy),
    )


def _all_tags(fields: Fields, address: Address, policy: Policy) -> tuple[str, ...]:
    """What a purge may find it by, other than its key."""
    groups = group_tags(fields, "cache-groups", split_key(address.key)[0])
    further = policy.tagging(fields) if policy.tagging is not None else ()
    own = path_tag(address.normal), *url_tags(address), *source_tags(address, policy.shapes)
    return (*tags_of(fields), *further, *groups, *own)


def _may_guess(head: ResponseHead, control: CacheControl, now: float) -> bool:
    """Whether it may be kept though nobody said for how long: where there is something to guess by, or to validate
    with (sheet 5.6, 5.7)."""
    modified = head.fields.get("last-modified")
    has_validator = "etag" in head.fields or (modified is not None and parse_date(modified, now) is not None)
    return has_validator and (head.status in HEURISTIC_STATUSES or control.has("public"))


def _forbids_stale(control: CacheControl) -> bool:
    """Sheet 14.2: s-maxage implies proxy-revalidate, unless an explicit grace stands beside it."""
    if control.has("must-revalidate") or control.has("proxy-revalidate"):
        return True
    has_grace = control.has("stale-while-revalidate") or control.has("stale-if-error")
    return control.has("s-maxage") and not has_grace


def _is_worth_keeping(entry: Entry) -> bool:
    """Fresh, or to be validated, or servable stale in a window of its own (sheet 3.6, 14.5)."""
    if entry.is_fresh(entry.response_time) and not entry.no_cache:
        return True
    if entry.etag is not None or entry.last_modified is not None:
        return True
    grace = max(entry.stale_while_revalidate, entry.stale_if_error)
    return not entry.stale_forbidden and entry.staleness_at(entry.response_time) < grace


def shown_once(head: ResponseHead, filling: Filling, policy: Policy) -> Entry:
    """An answer that is not kept, as if it were: for who wants a part of it."""
    entry = _entry(head, UNKEPT, filling, policy)
    assert entry is not None  # something is said of its lifetime
    return entry


def stored_fields(fields: Fields, control: CacheControl, policy: Policy) -> Fields:
    """Everything but what the origin, the protocol or the site excludes (sheet 4). Length is written anew at
    each hit, from the body's."""
    excluded = set(PROXY_ONLY) | {"content-length"}
    excluded |= control.names("private") or frozenset()
    excluded |= control.names("no-cache") or frozenset()
    if policy.set_cookie == "strip":
        excluded.add("set-cookie")
    return fields.without(excluded)


def promised_length(head: ResponseHead) -> int:
    """Content-Length where it will be kept, -1 where nothing is promised."""
    if head.status in (204, 304):
        return 0
    if "transfer-encoding" in head.fields:
        return -1
    text = head.fields.get("content-length")
    first = text.split(",")[0].strip() if text is not None else ""
    return int(first) if first.isascii() and first.isdigit() else -1
