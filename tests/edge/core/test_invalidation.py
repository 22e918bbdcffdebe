"""What unsafe requests make invalid (sheet 13.2, 13.4)."""

from __future__ import annotations

import pytest

from edge.core.entry import Entry
from edge.core.invalidation import invalidated, prospect_of_post
from edge.core.key import address_of
from edge.core.policy import Policy
from edge.core.storing import Filling
from tests.edge.core.playbook import get, ok
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
        ("OPTIONS", ok(), ()),
        ("PROPFIND", ok(), ()),
        ("GET", ok(), ()),
    ],
)
def test_what_is_invalid_afterwards(method: str, head: ResponseHead, invalid: tuple[str, ...]) -> None:
    """13.4: its own URI, Location and Content-Location of the same origin; errors and safe methods
    nothing."""
    assert keys(method, head) == invalid


@pytest.mark.parametrize(
    ("method", "head", "is_stored"),
    [
        ("POST", ok(Content_Location="/a", Cache_Control="max-age=60"), True),
        ("POST", ok(Content_Location="/b", Cache_Control="max-age=60"), False),
        ("POST", ok(Cache_Control="max-age=60"), False),
        ("POST", ok(Content_Location="/a", ETag='"v"'), False),
        ("PUT", ok(Content_Location="/a", Cache_Control="max-age=60"), False),
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
