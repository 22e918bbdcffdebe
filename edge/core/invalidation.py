"""What an unsafe request makes invalid (sheet 13)."""

from __future__ import annotations

from urllib.parse import urljoin

from attrs import evolve

from edge.core.commands import Invalidate
from edge.core.entry import Entry
from edge.core.key import Address, BadRequest, address_of, split_key
from edge.core.policy import Policy
from edge.core.storing import Filling, Refusal, prospect_of
from edge.core.tags import group_tags, path_tag
from edge.core.targeted import ruling_of
from wire.http.fields import RequestHead, ResponseHead

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY", "PRI"})


def invalidated(
    request: RequestHead, address: Address, head: ResponseHead, policy: Policy
) -> Invalidate | None:
    """What the answer to an unsafe request makes invalid: its own URI, those of Location and Content-Location on
    the same origin (RFC 9111 §4.4), and the cache groups it names (RFC 9875 §3). Nothing where the answer is an
    error."""
    if request.method in SAFE or not 200 <= head.status < 400:
        return None
    addresses = [address]
    for name in ("location", "content-location"):
        text = head.fields.get(name)
        other = _same_origin(text, request, address, policy) if text else None
        if other is not None:
            addresses.append(other)
    keys = dict.fromkeys(key for each in addresses for key in (each.key, each.base))
    tags = dict.fromkeys(group_tags(head.fields, "cache-group-invalidation", split_key(address.key)[0]))
    if policy.finds_by_url:  # a URL has more keys than those of this request
        tags |= dict.fromkeys(path_tag(each.base) for each in addresses)
    return Invalidate(tuple(keys), tuple(tags))


def _same_origin(text: str, request: RequestHead, address: Address, policy: Policy) -> Address | None:
    try:
        url = urljoin(f"{address.scheme}://{address.authority}{address.target}", text).partition("#")[0]
        other = address_of(evolve(request, target=url), policy.key)
    except (BadRequest, ValueError):
        return None
    same = (other.scheme, other.authority) == (address.scheme, address.authority)
    return other if same else None


def prospect_of_post(
    request: RequestHead, address: Address, head: ResponseHead, filling: Filling, policy: Policy
) -> Entry | None:
    """A POST's answer that may serve later GETs: explicitly fresh, and Content-Location is the target
    (13.2)."""
    location = head.fields.get("content-location")
    if request.method != "POST" or location is None or not 200 <= head.status < 300:
        return None
    other = _same_origin(location, request, address, policy)
    control = ruling_of(head.fields, policy).control
    explicit = control.has("max-age") or control.has("s-maxage") or "expires" in head.fields
    if other is None or other.key != address.key or not explicit:
        return None
    judged = prospect_of(head, filling, policy)
    return None if isinstance(judged, Refusal) or judged.vary else judged
