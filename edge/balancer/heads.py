"""What the balancer changes in the heads that pass through it. Pure."""

from __future__ import annotations

import re

from attrs import evolve, frozen

from edge.balancer.cookies import without_own
from edge.balancer.place import HEADER, without_region
from wire.errors import InvalidRequest, MediaError, MethodNotAllowed
from wire.http.fields import Fields, RequestHead, ResponseHead
from wire.http.hops import end_to_end, with_exposed, with_forwarder, with_via
from wire.http.recipient import ends_here, with_one_hop_less

API_PREFIXES = ("/v1_1/", "/v2/")
_LENGTH = re.compile("[0-9]{1,18}")
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS"})
_STAY_BEHIND = ("expect", "x-forwarded-proto", "forwarded", HEADER)
"""Ours to say, or to nobody behind us."""


class LoopDetected(MediaError):
    """The request has been here before."""

    status = 508


@frozen
class Asked:
    """A viewer's request, judged fit to be passed on."""

    head: RequestHead
    client: str

    @property
    def is_for_api(self) -> bool:
        """Whether it is for an origin's API, which no cache has a say in."""
        return self.head.target.startswith(API_PREFIXES)

    @property
    def path(self) -> str:
        """What decides which edge of a region is at home with it."""
        return without_region(self.head.target)

    @property
    def is_about_us(self) -> bool:
        """Whether it asks this server what it can do, and nobody behind it."""
        return ends_here(self.head)

    def onward(self, node: str) -> RequestHead:
        """The head as the upstream gets it (sheet 16.1–16.3)."""
        fields = end_to_end(with_one_hop_less(self.head)).without(_STAY_BEHIND)
        fields = with_forwarder(without_own(fields), self.client)
        if self.is_for_api:  # an edge's answer is the same for both, and shared
            fields = fields.adding("X-Forwarded-Proto", self.head.scheme)
        target = self.head.target if self.is_for_api else self.path
        return evolve(self.head, target=target, fields=with_via(fields, self.head.version, node))


def asked(
    method: str, target: str, version: str, fields: Fields, client: str, node: str, scheme: str = "http"
) -> Asked:
    """The request as a value; raises `MediaError` for one that cannot be passed on."""
    if method in ("CONNECT", "TRACE"):
        raise MethodNotAllowed(f"{method} is not for this server")
    authority = fields.get("host") or ""
    if ends_here(RequestHead(method, target, fields=fields)):
        target = "*"
    elif not target.startswith("/"):
        scheme, colon, rest = target.partition("://")
        if not colon or scheme.lower() not in ("http", "https"):
            raise InvalidRequest("The request target must be a path")
        path = rest[len(rest.partition("/")[0].partition("?")[0]) :]  # absolute form (RFC 9112 §3.2.2)
        target = path if path.startswith("/") else "/" + path
    if any(member.split()[1:2] == [node] for member in fields.members("via")):
        raise LoopDetected("This request has been here before")
    return Asked(RequestHead(method, target, scheme, authority, version, fields), client)


def answered(head: ResponseHead, node: str, region: str) -> ResponseHead:
    """The upstream's head as the viewer gets it."""
    fields = with_via(end_to_end(head.fields), head.version, node).replacing(HEADER, region)
    if "transfer-encoding" in head.fields:
        fields = fields.without(["content-length"])  # chunked wins (RFC 9112 §6.3)
    if "access-control-allow-origin" in fields:
        exposed = fields.joined("access-control-expose-headers")
        fields = fields.replacing("Access-Control-Expose-Headers", with_exposed(exposed, (HEADER,)))
    return evolve(head, fields=fields)


def informed(head: ResponseHead, node: str) -> ResponseHead | None:
    """The upstream's 1xx as the viewer gets it (sheet 16.4); None for 100, which is between us and the upstream."""
    if head.status == 100:
        return None
    return evolve(head, fields=with_via(end_to_end(head.fields), head.version, node))


def body_length(method: str, head: ResponseHead) -> int | None:
    """How many body bytes will come; None when only their end will tell."""
    if method == "HEAD" or head.status in (204, 304):
        return 0
    if "transfer-encoding" in head.fields:
        return None
    length = head.fields.get("content-length")
    return int(length) if length is not None and _LENGTH.fullmatch(length) else None
