"""Other methods than GET: written through, answered from a GET's, or refused (sheet 13)."""

from __future__ import annotations

from typing import Any

import pytest

from edge.core.commands import (
    CancelFetch,
    Done,
    Fetch,
    Forward,
    Freshen,
    Invalidate,
    Respond,
    Store,
)
from edge.core.events import (
    ResponseBodyCompleted,
    ResponseHeadArrived,
    ViewerLeft,
)
from edge.core.policy import Policy
from tests.edge.core.playbook import (
    KEY,
    get,
    looking,
    ok,
    outcome,
    playing,
    status_of,
    stored,
)
from tests.edge.core.tabletop import Script, Tabletop, answering
from wire.http.fields import RequestHead


def test_an_unsafe_request_is_written_through_and_invalidates() -> None:
    """13.1, 13.4."""
    book = playing(get(method="POST", Content_Length="3")) << Fetch
    assert isinstance(book.last, Fetch)
    assert book.last.body
    assert book.sent().fields.get("content-length") == "3"
    book >> ResponseHeadArrived(1.0, ok(303, Location="/b"), 0.0)
    book << Invalidate((KEY, "http://ex.com/b")) << Forward
    assert "fwd=method" in str(book.head().fields.get("cache-status"))
    book >> ResponseBodyCompleted(1.0, 0) << Done


def test_an_unsafe_requests_answer_may_serve_later_gets() -> None:
    """13.2: invalidate, then store."""
    head = ok(Content_Location="/a", Cache_Control="max-age=60")
    book = playing(get(method="POST")) << Fetch >> ResponseHeadArrived(1.0, head, 0.0)
    book << Invalidate((KEY,)) << Forward >> ResponseBodyCompleted(1.0, 4) << Store << Done


@pytest.mark.parametrize(("method", "status"), [("CONNECT", 405), ("TRACE", 405)])
def test_refused_methods(method: str, status: int) -> None:
    """13.1."""
    book = playing(get(method=method)) << Respond
    assert status_of(book.last) == status
    book << Done


@pytest.mark.parametrize(
    "request_", [get("*", method="OPTIONS"), get("/a", method="OPTIONS", Max_Forwards="0")]
)
def test_options_about_the_server_is_answered_by_it(request_: RequestHead) -> None:
    """RFC 9110 §9.3.7, §7.6.2: what is allowed here, and nobody behind is asked."""
    book = playing(request_) << Respond
    assert status_of(book.last) == 204
    assert "OPTIONS" in str(book.head().fields.get("allow"))
    assert "content-length" not in book.head().fields
    assert "cache-status" not in book.head().fields
    book << Done
    assert outcome(book).status == 204


def test_options_of_a_resource_goes_on_with_one_hop_less() -> None:
    """13.1: forwarded, never stored (RFC 9110 §7.6.2)."""
    book = playing(get(method="OPTIONS", Max_Forwards="2")) << Fetch
    assert book.sent().fields.all("max-forwards") == ("1",)
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0) << Forward
    book >> ResponseBodyCompleted(1.0, 0) << Done


def test_head_is_answered_from_a_get_entry() -> None:
    """13.3: same head, no body."""
    book = looking(get(method="HEAD"), stored()) << Respond
    assert isinstance(book.last, Respond)
    assert book.head().fields.get("content-length") == "10"
    assert book.last.body == b""
    book << Done


def test_a_forwarded_head_freshens_what_it_would_select() -> None:
    """13.3: validators equal: fresh again; different: stale."""
    entry = stored(61.0, ETag='"v1"')
    book = looking(get(method="HEAD"), entry) << Fetch
    assert book.sent().method == "HEAD"
    head = ok(ETag='"v1"', Cache_Control="max-age=60", X="2", Content_Length="10")
    book >> ResponseHeadArrived(1.0, head, 0.0) << Freshen
    assert isinstance(book.last, Freshen)
    assert book.last.entry.is_fresh(1.0)
    assert book.last.entry.fields.get("x") == "2"
    book << Respond >> ResponseBodyCompleted(1.0, 0) << Done


@pytest.mark.parametrize(("head", "asks_again"), [({"ETag": '"v1"'}, False), ({"ETag": '"v2"'}, True)])
def test_a_forwarded_head_speaks_of_the_parts_too(head: dict[str, Any], asks_again: bool) -> None:
    """13.3, 11.8: what is held as parts is freshened, or stale, part by part."""
    edge = Tabletop(Policy(range_fill="forward", object_bytes=6))  # each may be kept, the whole may not

    def part(first: int) -> Script:
        place = f"bytes {first}-{first + 4}/10"
        return answering(206, b"01234", Cache_Control="max-age=60", ETag='"v1"', Content_Range=place)

    for first in (0, 5):
        edge.ask(get(Range=f"bytes={first}-{first + 4}"), part(first))
    edge.now += 61
    edge.ask(get(method="HEAD"), answering(Content_Length="10", **head))
    for first in (0, 5):
        again = edge.begin(get(Range=f"bytes={first}-{first + 4}"))
        assert (again.fetch is not None) is asks_again


def test_an_abandoned_write_may_have_been_carried_out() -> None:
    """13.4, in doubt: believe nothing that is stored."""
    book = playing(get(method="PUT")) << Fetch >> ViewerLeft(1.0) << CancelFetch()
    book << Invalidate((KEY,)) << Done
