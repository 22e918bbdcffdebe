"""The request that goes upstream in a viewer's place (sheet 9.1, 11.6, 16, 22.2)."""

from __future__ import annotations

from enum import Enum

from attrs import evolve

from edge.core.entry import Entry
from edge.core.key import Address, counting_cookies
from edge.core.parts import reach
from edge.core.policy import KeyPolicy, Policy
from wire.hosts import Hosts
from wire.http.accept import best_coding, reduced_accept
from wire.http.conditional import CONDITIONALS
from wire.http.fields import Fields, RequestHead
from wire.http.hops import end_to_end, with_loop_mark, with_via
from wire.http.recipient import with_one_hop_less

RANGE_FIELDS: tuple[str, ...] = ("range", "if-range")
UNKEYED = frozenset(
    {"x-forwarded-host", "x-forwarded-scheme", "x-forwarded-port", "x-forwarded-prefix", "x-forwarded-proto"}
    | {"forwarded", "x-host", "x-forwarded-server", "x-forwarded-ssl", "x-original-host"}
    | {"x-original-url", "x-rewrite-url", "x-http-method-override", "x-http-method", "x-method-override"}
)
"""What origins are known to obey and no key holds: it must not shape what others will be served."""


class Ask(Enum):
    """How a viewer's request is put to the upstream."""

    AS_IS = "as-is"
    """Preconditions and ranges and all: nothing of ours depends on the answer."""
    FILL = "fill"
    """The whole representation, under the viewer's own preconditions: we hold nothing to judge them by
    (10.1)."""
    VALIDATE = "validate"
    """Our preconditions in place of the viewer's."""
    COMPLETE = "complete"
    """The rest of a representation whose beginning we hold, if it is still that one (11.10)."""
    PLAIN = "plain"
    """The whole representation, no preconditions."""


def reduced(request: RequestHead, policy: Policy) -> RequestHead:
    """The request with its negotiation reduced to the site's classes, for key and upstream alike (8.6), and to what is
    stored for its method."""
    fields = request.fields
    encoding = fields.joined("accept-encoding")
    if encoding is not None and policy.compression.codings:
        fields = fields.replacing("Accept-Encoding", best_coding(encoding, policy.compression.codings))
    if request.method == "OPTIONS" and policy.key.options:  # both are about what a GET gets
        fields = fields.without((*CONDITIONALS, *RANGE_FIELDS))
    if policy.accept_classes and (accept := fields.joined("accept")) is not None:
        fields = fields.replacing("Accept", reduced_accept(accept, policy.accept_classes))
    return request if fields is request.fields else evolve(request, fields=fields)


def upstream_request(
    request: RequestHead, address: Address, policy: Policy, ask: Ask, entry: Entry | None = None
) -> RequestHead:
    """What to send; `entry` is what VALIDATE wants confirmed, or COMPLETE the rest of."""
    fields = end_to_end(with_one_hop_less(request)).without(
        UNKEYED - {name.lower() for name in policy.key.headers}
    )
    fields = fields.without(("host", "proxy-authorization", "expect"))
    if ask is not Ask.AS_IS:
        fields = fields.without(("content-length",))
    if ask is not Ask.AS_IS and not (ask is Ask.VALIDATE and entry is not None and entry.parts):
        fields = fields.without(RANGE_FIELDS)  # a part is confirmed for the range it holds (11.11)
    if ask in (Ask.VALIDATE, Ask.COMPLETE, Ask.PLAIN):
        fields = fields.without(CONDITIONALS)
    if ask is Ask.COMPLETE and entry is not None and entry.etag is not None:
        fields = fields.adding("Range", f"bytes={reach(entry)}-").adding("If-Range", entry.etag)
    if ask is Ask.VALIDATE and entry is not None:
        fields = _with_validators(fields, entry)
    host = _host_for(address, policy)
    fields = Fields((("Host", host), *fields)) if host else fields
    if (
        policy.tells_scheme and not policy.key.site
    ):  # where one site stands for both schemes, the answer must not depend on them
        fields = fields.replacing("X-Forwarded-Proto", address.scheme)
    fields = with_loop_mark(with_via(fields, request.version, policy.pseudonym), policy.node)
    return RequestHead(
        request.method, address.target, address.scheme, host and address.authority, "1.1", fields
    )


def _host_for(address: Address, policy: Policy) -> str:
    """The Host that goes upstream; empty: that of whoever is asked."""
    if policy.forwards_host:
        return policy.upstream_host or address.authority
    is_a_site = Hosts(policy.key.hosts).cloud_of(address.authority) is not None
    return address.authority if is_a_site else policy.upstream_host


def _with_validators(fields: Fields, entry: Entry) -> Fields:
    """Both, as they were received (RFC 9111 §4.3.1)."""
    if entry.etag is not None:
        fields = fields.adding("If-None-Match", entry.etag)
    modified = entry.fields.get("last-modified")
    return fields if modified is None else fields.adding("If-Modified-Since", modified)


def has_validator(entry: Entry) -> bool:
    """Whether a 304 could be asked for."""
    return entry.etag is not None or "last-modified" in entry.fields


def refresh_request(request: RequestHead, entry: Entry, key: KeyPolicy) -> RequestHead:
    """What a background validation asks with: the target, and only what chose the key and the variant (9.1)."""
    ranges = RANGE_FIELDS if entry.parts else ()
    chosen_by = {name.lower() for name in key.headers} | {name for name, _ in entry.vary}
    fields = request.fields.only({"host", "user-agent", *ranges, *chosen_by})
    cookies = counting_cookies(request.fields, key) if "cookie" not in fields else []
    if cookies:
        fields = fields.adding("Cookie", "; ".join(f"{name}={value}" for name, value in cookies))
    loop = request.fields.joined("cdn-loop")
    fields = fields if loop is None else fields.replacing("CDN-Loop", loop)
    return evolve(request, method="OPTIONS" if request.method == "OPTIONS" else "GET", fields=fields)
