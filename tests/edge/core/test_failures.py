"""Errors, and answers that break off: what stands in, who is told (sheet 12, 14, 18.5)."""

from __future__ import annotations

import pytest
from attrs import evolve

from edge.core.commands import (
    Abort,
    CompleteFlight,
    Deliver,
    Done,
    Drop,
    FailFlight,
    Fetch,
    Forward,
    LandFlight,
    ReleaseFlight,
    Respond,
    ShareFlight,
    Store,
)
from edge.core.events import (
    Failure,
    FlightFailed,
    FlightReleased,
    ResponseBodyCompleted,
    ResponseFailed,
    ResponseHeadArrived,
)
from tests.edge.core.playbook import (
    KEY,
    get,
    leading,
    ok,
    outcome,
    status_of,
    stored,
    waiting,
)
from wire.http.proxy_status import ProxyError


def test_an_error_is_stood_in_for() -> None:
    """14.3: stale-if-error; the followers decide for themselves."""
    entry = evolve(stored(65.0), stale_if_error=30.0)
    book = leading(get(), entry) >> ResponseHeadArrived(1.0, ok(503), 0.0)
    book << FailFlight(KEY, Failure.SERVER_ERROR) << Deliver
    assert book.head().fields.get("x-cache") == "STALE"
    book >> ResponseBodyCompleted(1.0, 0) << Done
    late = evolve(entry, lifetime=0.0)
    book = leading(get(), late) >> ResponseHeadArrived(1.0, ok(503), 0.0) << ReleaseFlight << Forward
    assert book.head().status == 503


def test_a_404_is_an_answer_and_replaces() -> None:
    """9.2, 14.3, 19.4: a 4xx is no error to stand in for; what it superseded goes."""
    entry = evolve(stored(65.0), stale_if_error=30.0)
    book = leading(get(), entry) >> ResponseHeadArrived(1.0, ok(404), 0.0)
    book << ReleaseFlight << Drop(entry) << Forward
    assert book.head().status == 404


def test_an_error_with_a_lifetime_does_not_replace() -> None:
    """9.2: 5xx leaves the entry alone, and is kept before it."""
    book = leading(get(), stored(61.0, ETag='"v1"'))
    book >> ResponseHeadArrived(1.0, ok(500, Cache_Control="max-age=60"), 0.0)
    book << ShareFlight << Forward >> ResponseBodyCompleted(2.0, 3)
    book << CompleteFlight << Store << LandFlight << Done


@pytest.mark.parametrize(
    ("reason", "status", "error"),
    [
        (Failure.UNREACHABLE, 502, "destination_unavailable"),
        (Failure.TIMED_OUT, 504, "http_response_timeout"),
        (Failure.CUT, 502, "connection_terminated"),
        (Failure.MALFORMED, 502, "http_protocol_error"),
        (Failure.BUSY, 503, "connection_limit_reached"),
        (Failure.BREAKER_OPEN, 503, "destination_unavailable"),
    ],
)
def test_no_answer_and_nothing_stored(reason: Failure, status: int, error: str) -> None:
    """14.3: 504 or 502 for none; 12.5: malformed is 502; 503 with Retry-After where nobody could be asked. Each
    says its kind (RFC 9209 §2.3)."""
    book = leading(get()) >> ResponseFailed(1.0, reason) << FailFlight(KEY, reason) << Respond
    assert status_of(book.last) == status
    assert "x-pop" in book.head().fields
    assert book.head().fields.get("retry-after") == ("1" if status == 503 else None)
    assert book.head().fields.get("proxy-status") == f"edge; error={error}"
    assert not outcome(book << Done).complete


@pytest.mark.parametrize(
    ("reason", "error", "status"),
    [
        (Failure.UNREACHABLE, ProxyError.CONNECTION_REFUSED, 502),
        (Failure.UNREACHABLE, ProxyError.CONNECTION_TIMEOUT, 504),
        (Failure.TIMED_OUT, ProxyError.CONNECTION_WRITE_TIMEOUT, 504),
        (Failure.CUT, ProxyError.HTTP_RESPONSE_INCOMPLETE, 502),
    ],
)
def test_what_took_too_long_is_a_504_for_leader_and_followers(
    reason: Failure, error: ProxyError, status: int
) -> None:
    """RFC 9209 §2.3: dialling that was given up is a timeout like any other; followers are told the same."""
    book = leading(get()) >> ResponseFailed(1.0, reason, error)
    book << FailFlight(KEY, reason, error) << Respond
    follower = waiting(get()) >> FlightFailed(1.0, reason, error) << Respond
    for each in (book, follower):
        assert status_of(each.last) == status
        assert each.head().fields.get("proxy-status") == f"edge; error={error.value}"


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        *(
            (Failure.UNREACHABLE, 504),
            (Failure.BREAKER_OPEN, 504),
            (Failure.CUT, 504),
            (Failure.TIMED_OUT, 504),
        ),
        (Failure.MALFORMED, 502),
    ],
)
def test_no_answer_where_stale_is_forbidden(reason: Failure, status: int) -> None:
    """14.2: 504 where the origin could not be reached; garbage is an answer of a kind (12.5)."""
    entry = evolve(stored(61.0), stale_forbidden=True)
    book = leading(get(), entry) >> ResponseFailed(1.0, reason) << FailFlight << Respond
    assert status_of(book.last) == status


def test_who_waited_in_vain_and_then_fails_says_so() -> None:
    """17.2."""
    book = waiting(get()) >> FlightReleased(0.5) << Fetch >> ResponseFailed(1.0, Failure.CUT) << Respond
    assert book.head().fields.get("cache-status") == "edge; fwd=uri-miss; collapsed=?0"


def test_a_body_that_breaks_off_is_cut_for_the_viewer_and_never_stored() -> None:
    """12.1, 18.5."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0)
    book << ShareFlight << Forward >> ResponseFailed(2.0, Failure.CUT)
    book << Abort() << FailFlight(KEY, Failure.CUT) << Done
    assert not outcome(book).complete
