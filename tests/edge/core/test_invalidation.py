"""What unsafe requests make invalid (sheet 13.2, 13.4)."""

from __future__ import annotations

import pytest

from edge.core.entry import Entry
from edge.core.invalidation import invalidated, prospect_of_post
from edge.core.key import address_of
from edge.core.policy import KeyPolicy, Policy
from edge.core.storing import Filling
from edge.core.tags import path_tag
from tests.edge.core.playbook import get, ok
from wire.http.dates import format_date
from wire.http.fields import ResponseHead

A, B = "http://ex.com/a", "http://ex.com/b"


def keys(method: str, head: ResponseHead) -> tuple[str, ...]:
    request = get(method=method)
    outdated = invalidated(request, address_of(request, Policy().key), head, Policy())
    return outdated.keys if outdated is not None else ()


@pytest.mark.parametrize(
    ("method", "head", "invalid"),
    [
        ("POST", ok(), (A,)),
        ("DELETE", ok(500), ()),
        ("PUT", ok(404), ()),
        ("FOO-METHOD", ok(204), (A,)),
        ("POST", ok(303, Location="/b"), (A, B)),
        ("POST", ok(303, Location="b"), (A, B)),
        ("POST", ok(201, Content_Location="http://EX.com:80/b"), (A, B)),
        ("POST", ok(303, Location="http://other/b"), (A,)),
        ("POST", ok(303, Location="https://ex.com/b"), (A,)),
        ("POST", ok(303, Location="http://[bad/b"), (A,)),
        ("POST", ok(303, Location="/b#part"), (A, B)),
        ("POST", ok(199), ()),
        ("POST", ok(200), (A,)),
        ("POST", ok(399), (A,)),
        ("POST", ok(400), ()),
        ("OPTIONS", ok(), ()),
        *((method, ok(), ()) for method in ("GET", "HEAD", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY")),
        ("get", ok(), (A,)),
    ],
)
def test_what_is_invalid_afterwards(method: str, head: ResponseHead, invalid: tuple[str, ...]) -> None:
    """13.4: its own URI, Location and Content-Location of the same origin; errors and safe methods
    nothing."""
    assert keys(method, head) == invalid


@pytest.mark.parametrize(
    "chosen", [KeyPolicy(headers=("X-Tier",)), KeyPolicy(cookies=("tier",))], ids=["header", "cookie"]
)
def test_a_url_has_more_keys_than_the_requests_own(chosen: KeyPolicy) -> None:
    """13.4, 2.3: those of other headers and cookies go by the tag of the URL."""
    request = get(method="POST", X_Tier="1", Cookie="tier=1")
    outdated = invalidated(request, address_of(request, chosen), ok(), Policy(key=chosen))
    assert outdated is not None
    assert (A in outdated.keys, outdated.tags) == (True, (path_tag(A),))


@pytest.mark.parametrize(
    ("method", "head", "is_stored"),
    [
        ("POST", ok(Content_Location="/a", Cache_Control="max-age=60"), True),
        ("POST", ok(Content_Location="/b", Cache_Control="max-age=60"), False),
        ("POST", ok(Cache_Control="max-age=60"), False),
        ("POST", ok(Content_Location="/a", ETag='"v"'), False),
        ("PUT", ok(Content_Location="/a", Cache_Control="max-age=60"), False),
        ("POST", ok(Content_Location="/a", Cache_Control="s-maxage=60"), True),
        ("POST", ok(Content_Location="/a", Expires=format_date(60.0)), True),
        ("POST", ok(199, Content_Location="/a", Cache_Control="max-age=60"), False),
        ("POST", ok(299, Content_Location="/a", Cache_Control="max-age=60"), True),
        ("POST", ok(300, Content_Location="/a", Cache_Control="max-age=60"), False),
        ("POST", ok(Content_Location="http://other/a", Cache_Control="max-age=60"), False),
        ("POST", ok(Content_Location="/a", Cache_Control="max-age=60", Vary="X"), False),
        ("POST", ok(Content_Location="/a", Cache_Control="no-store, max-age=60"), False),
        ("POST", ok(404, Content_Location="/a", Cache_Control="max-age=60"), False),
    ],
)
def test_which_answers_to_post_may_serve_gets(method: str, head: ResponseHead, is_stored: bool) -> None:
    """13.2: explicit freshness, and Content-Location is the target."""
    request = get(method=method)
    address = address_of(request, Policy().key)
    filling = Filling(address, request.fields, 0.0, 0.0)
    judged = prospect_of_post(request, address, head, filling, Policy())
    assert isinstance(judged, Entry) is is_stored
