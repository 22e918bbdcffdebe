"""The conversation of one exchange, step by step (the docstring of Exchange is the contract)."""

from __future__ import annotations

import pytest

from edge.core.commands import (
    CompleteFlight,
    Deliver,
    Done,
    Fetch,
    Forward,
    JoinFlight,
    LandFlight,
    LookUp,
    ReleaseFlight,
    Respond,
    ShareFlight,
    Store,
)
from edge.core.events import (
    FlightJoined,
    ResponseBodyCompleted,
    ResponseBodyOutgrew,
    ResponseHeadArrived,
    Role,
    StoreAnswered,
)
from edge.core.exchange import Exchange, Step, UnexpectedEvent
from edge.core.outcome import Verdict
from edge.core.policy import Policy
from tests.edge.core.playbook import (
    KEY,
    Playbook,
    get,
    leading,
    looking,
    ok,
    outcome,
    playing,
    status_of,
    stored,
)
from wire.http.fields import RequestHead


def test_a_fresh_entry_is_delivered() -> None:
    """7.1, 6.4: one look-up, one answer."""
    book = looking(get(), stored(12.9)) << Deliver
    assert book.head().fields.get("age") == "12"
    assert book.head().fields.get("content-length") == "10"
    assert outcome(book << Done).verdict is Verdict.HIT


def test_a_miss_is_fetched_shared_forwarded_and_stored() -> None:
    """The whole way of a storable answer."""
    book = looking(get()) << JoinFlight(KEY, 0.0)
    book >> FlightJoined(0.0, Role.LEADER) << Fetch
    assert book.sent().fields.get("host") == "ex.com"
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60", Content_Length="10"), 0.0)
    book << ShareFlight << Forward
    assert book.head().fields.get("cache-status") == "edge; fwd=uri-miss; stored; ttl=59"
    book >> ResponseBodyCompleted(2.0, 10) << CompleteFlight << Store
    assert isinstance(book.last, Store)
    assert book.last.entry.size == 10
    book << LandFlight(KEY) << Done
    book.end()
    came_to = outcome(book)
    assert (came_to.stored, came_to.key, came_to.status) == (True, KEY, 200)
    assert (came_to.started_at, came_to.answered_at) == (0.0, 1.0)


def test_an_answer_for_one_releases_the_flight_and_keeps_nothing() -> None:
    """18.1: at the head, not at the end; hit-for-miss is remembered."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(Cache_Control="private"), 0.0)
    book << ReleaseFlight(KEY, remember=True) << Forward
    assert isinstance(book.last, Forward)
    assert not book.last.keep
    book >> ResponseBodyCompleted(2.0, 10) << Done
    assert not outcome(book).stored


def test_a_server_error_is_not_remembered_as_unshareable() -> None:
    """18.2 speaks of responses that are dynamic, not of an origin's bad minute."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(503), 0.0)
    book << ReleaseFlight(KEY, remember=False) << Forward


def test_a_body_that_outgrows_the_limit_goes_through_and_is_not_stored() -> None:
    """12.7: and others are no longer made to wait for it."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0)
    book << ShareFlight << Forward >> ResponseBodyOutgrew(2.0) << ReleaseFlight(KEY, remember=True)
    book >> ResponseBodyCompleted(3.0, 1 << 40) << LandFlight << Done
    assert not outcome(book).stored


@pytest.mark.parametrize(
    "request_head",
    [
        get(Authorization="x"),
        get(Cache_Control="no-cache"),
        get(Cache_Control="max-age=0"),
        get(Cache_Control="no-store"),
        get(method="HEAD"),
    ],
)
def test_some_requests_fetch_for_themselves(request_head: RequestHead) -> None:
    """18.3, 18.6."""
    looking(request_head) << Fetch


def test_only_if_cached_never_asks() -> None:
    """7.8: not even to validate."""
    for entries in ((), (stored(61.0),)):
        book = looking(get(Cache_Control="only-if-cached"), *entries) << Respond
        assert status_of(book.last) == 504
        assert "cache-status" not in book.head().fields
        book << Done


def test_a_get_with_a_body_is_refused() -> None:
    """22.2."""
    for request in (get(Content_Length="3"), get(Transfer_Encoding="chunked")):
        assert status_of((playing(request) << Respond).last) == 400
    looking(get(Content_Length="0"))


def test_a_request_that_came_round_is_refused() -> None:
    """16.2: 508."""
    book = playing(get(CDN_Loop="other, pixeledge; node=edge")) << Respond
    assert status_of(book.last) == 508


def test_an_ambiguous_request_is_refused() -> None:
    """2.4."""
    assert status_of((playing(RequestHead("GET", "/a")) << Respond).last) == 400


def test_what_starts_anew_stays_what_it_was() -> None:
    """A prefetch leaves to others what they fetch already, also when what it had found is gone."""
    for first, background in (
        (Exchange(get(), Policy()), False),
        (Exchange.prefetching(get(), Policy()), True),
    ):
        Playbook(first) << LookUp >> StoreAnswered(0.0, (stored(61.0),)) << JoinFlight
        again = Playbook(first.anew(), 1.0) << LookUp(KEY) >> StoreAnswered(2.0)
        again << JoinFlight(KEY, 1.0, background=background)


def test_events_out_of_turn_are_our_own_bug() -> None:
    """A machine that guesses hides it."""
    book = playing(get()) << LookUp
    with pytest.raises(UnexpectedEvent):
        book >> ResponseBodyCompleted(0.0, 0)
    assert book.exchange.step is Step.LOOKING_UP
    with pytest.raises(UnexpectedEvent):
        book.exchange.start(0.0)
    errand = leading(get())
    with pytest.raises(UnexpectedEvent):
        errand >> ResponseBodyCompleted(0.0, 0)
