"""A stale answer at once, and its validation behind the viewer's back (sheet 14.6)."""

from __future__ import annotations

from attrs import evolve

from edge.core.commands import (
    CancelFetch,
    CompleteFlight,
    Deliver,
    Done,
    FailFlight,
    Fetch,
    Freshen,
    FreshenFlight,
    JoinFlight,
    LandFlight,
    LookUp,
    Refresh,
    ShareFlight,
    Store,
)
from edge.core.events import (
    Failure,
    FlightJoined,
    ResponseBodyCompleted,
    ResponseFailed,
    ResponseHeadArrived,
    Role,
    StoreAnswered,
)
from edge.core.exchange import Exchange
from edge.core.policy import Policy
from tests.edge.core.playbook import (
    KEY,
    Playbook,
    get,
    looking,
    ok,
    outcome,
    playing,
    stored,
)


def test_stale_while_revalidate_answers_and_refreshes_behind() -> None:
    """14.6: at once from the store; one validation in the background."""
    entry = evolve(stored(61.0, ETag='"v1"', Cache_Control="max-age=60"), stale_while_revalidate=10.0)
    book = looking(get(Cookie="s=1"), entry) << Refresh
    assert isinstance(book.last, Refresh)
    refresh = book.last
    book << Deliver
    assert "ttl=-1" in str(book.head().fields.get("cache-status"))
    book << Done

    behind = Playbook(Exchange.refreshing(refresh.entry, refresh.request, Policy()))
    behind << JoinFlight(KEY, float("inf"), background=True) >> FlightJoined(0.0, Role.LEADER) << Fetch
    assert behind.sent().fields.get("if-none-match") == '"v1"'
    assert "cookie" not in behind.sent().fields
    behind >> ResponseHeadArrived(1.0, ok(304), 0.0) << Freshen << FreshenFlight
    behind >> ResponseBodyCompleted(1.0, 0) << Done


def test_who_is_cut_off_answers_stale_at_once_and_asks_behind() -> None:
    """14.4: without grace of its own, and only while there is nobody to ask."""
    entry = stored(61.0, ETag='"v1"', Cache_Control="max-age=60")
    book = playing(get()) << LookUp(KEY) >> StoreAnswered(0.0, (entry,), is_cut_off=True)
    book << Refresh << Deliver
    assert book.head().fields.get("x-cache") == "STALE"
    book << Done
    looking(get(), entry) << JoinFlight


def test_what_is_soon_stale_is_refreshed_ahead_of_it() -> None:
    """cdn-vendors §15.2: from so much of its lifetime on; before that a hit is a hit. No lane repeats such answers."""
    policy, old, young = Policy(refresh_ahead=0.5), stored(31.0), stored(29.0)
    book = looking(get(), old, policy=policy) << Refresh << Deliver
    assert isinstance(book.last, Deliver)
    assert book.last.leave is None
    assert book.head().fields.get("x-cache") == "HIT"
    book << Done
    looking(get(), young, policy=policy) << Deliver << Done
    looking(get(), old) << Deliver << Done


def test_a_refresh_says_nothing_to_anyone() -> None:
    """There is no viewer: no Forward, no Respond."""
    entry = evolve(stored(61.0, ETag='"v1"'), stale_while_revalidate=10.0)
    book = Playbook(Exchange.refreshing(entry, get(), Policy())) << JoinFlight
    book >> FlightJoined(0.0, Role.LEADER) << Fetch
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=9"), 0.0) << ShareFlight
    book >> ResponseBodyCompleted(2.0, 3) << CompleteFlight << Store << LandFlight << Done


def test_a_refresh_that_fails_leaves_the_entry_and_backs_off() -> None:
    """14.6."""
    entry = evolve(stored(61.0), stale_while_revalidate=10.0)
    for event in (ResponseFailed(1.0, Failure.CUT), ResponseHeadArrived(1.0, ok(503), 0.0)):
        book = Playbook(Exchange.refreshing(entry, get(), Policy())) << JoinFlight
        book >> FlightJoined(0.0, Role.LEADER) << Fetch >> event
        if isinstance(event, ResponseHeadArrived):
            book << CancelFetch()
        book << FailFlight << Done
        book.end()


def test_a_refresh_that_is_not_wanted_ends() -> None:
    """14.6: one at a time."""
    for role, is_fetched in ((Role.DECLINED, True), (Role.HELD_OFF, False)):
        book = Playbook(Exchange.refreshing(stored(61.0), get(), Policy())) << JoinFlight
        assert outcome(book >> FlightJoined(0.0, role) << Done).collapsed is is_fetched
