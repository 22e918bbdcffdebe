"""Whose X-Forwarded-Proto counts."""

from __future__ import annotations

import pytest

from edge.core.asking import Ask, upstream_request
from edge.core.forwarders import NOBODY, Forwarders
from edge.core.key import address_of
from edge.core.policy import KeyPolicy, Policy
from wire.http.fields import Fields, RequestHead

OURS = Forwarders.of(["127.0.0.0/8", "::1", "10.0.0.7"])
TOLD = Fields.of(X_Forwarded_Proto="HTTPS")


@pytest.mark.parametrize(
    ("forwarders", "peer", "fields", "scheme"),
    [
        (OURS, "127.3.0.1", TOLD, "https"),
        (OURS, "::1", TOLD, "https"),
        (OURS, "10.0.0.7", TOLD, "https"),
        (OURS, "10.0.0.8", TOLD, "http"),
        (OURS, "unknown", TOLD, "http"),
        (OURS, "127.0.0.1", Fields(), "http"),
        (OURS, "127.0.0.1", Fields.of(X_Forwarded_Proto="gopher"), "http"),
        (OURS, "127.0.0.1", Fields.of(X_Forwarded_Proto="https, http"), "http"),
        (NOBODY, "127.0.0.1", TOLD, "http"),
    ],
)
def test_only_proxies_that_are_known_are_believed(
    forwarders: Forwarders, peer: str, fields: Fields, scheme: str
) -> None:
    """Unkeyed input else (sheet 22.2)."""
    assert forwarders.scheme_of(fields, peer, "http") == scheme


def test_who_asked_first_is_told_by_those_who_are_believed() -> None:
    """16.3."""
    fields = Fields.of(X_Forwarded_For="9.9.9.9, 8.8.8.8, 10.0.0.7")
    assert OURS.viewer_of(fields, "127.0.0.1") == "8.8.8.8"
    assert OURS.viewer_of(fields, "7.7.7.7") == "7.7.7.7"
    assert NOBODY.viewer_of(fields, "127.0.0.1") == "127.0.0.1"


def test_introductions_are_taken_from_those_who_are_believed() -> None:
    """RFC 7239; X-Forwarded-Proto is the nearer word."""
    fields = Fields.of(Forwarded='for="9.9.9.9:7";proto=https;region=eu')
    told = OURS.introduced(fields, "127.0.0.1")
    assert told is not None
    assert (told.address, told.port, told.region) == ("9.9.9.9", 7, "eu")
    assert OURS.introduced(fields, "7.7.7.7") is NOBODY.introduced(fields, "127.0.0.1") is None
    schemes = [each.scheme_of(fields, "127.0.0.1", "http") for each in (OURS, NOBODY)]
    assert schemes == ["https", "http"]
    assert OURS.scheme_of(fields, "7.7.7.7", "http") == "http"
    assert OURS.scheme_of(fields.adding("X-Forwarded-Proto", "http"), "127.0.0.1", "https") == "http"
    assert OURS.scheme_of(Fields.of(Forwarded="for=9.9.9.9"), "127.0.0.1", "http") == "http"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("site", ["", "shop"])
def test_the_upstream_hears_the_scheme_where_the_key_holds_it(scheme: str, site: str) -> None:
    """A viewer's own word never goes on; where one site stands for both schemes, none does (22.2)."""
    fields = Fields.of(Host="a.example", X_Forwarded_Proto="gopher")
    head, policy = RequestHead("GET", "/x", scheme, fields=fields), Policy(key=KeyPolicy(site=site))
    asked = upstream_request(head, address_of(head, policy.key), policy, Ask.FILL)
    assert asked.fields.all("x-forwarded-proto") == (() if site else (scheme,))
