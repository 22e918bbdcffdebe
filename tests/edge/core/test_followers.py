"""Who waits for another's fetch, and what each turn of it means for them (sheet 18)."""

from __future__ import annotations

import pytest
from attrs import evolve

from edge.core.commands import (
    Deliver,
    Done,
    FailFlight,
    Fetch,
    Follow,
    Forward,
    JoinFlight,
    LeaveFlight,
    LookUp,
    Respond,
    ShareFlight,
)
from edge.core.events import (
    Failure,
    FlightFailed,
    FlightFreshened,
    FlightHeadArrived,
    FlightJoined,
    FlightPromoted,
    FlightReleased,
    ResponseHeadArrived,
    Role,
    StoreAnswered,
    ViewerLeft,
)
from edge.core.policy import Policy
from tests.edge.core.playbook import (
    KEY,
    Playbook,
    get,
    looking,
    ok,
    outcome,
    playing,
    status_of,
    stored,
    waiting,
)


def test_a_follower_drinks_from_the_leaders_body() -> None:
    """18.1: from the growing entry, marked as collapsed."""
    entry = evolve(stored(), body_id="")
    book = waiting(get()) >> FlightHeadArrived(1.0, entry) << Follow
    assert "collapsed" in str(book.head().fields.get("cache-status"))
    assert outcome(book << Done).collapsed


def test_who_joins_a_whole_body_has_a_hit() -> None:
    """All is here and only the store does not know: nothing was forwarded for this viewer, nothing awaited."""
    book = waiting(get()) >> FlightHeadArrived(1.0, evolve(stored(), body_id=""), is_whole=True) << Follow
    assert book.head().fields.get("x-cache") == "HIT"
    assert "hit" in str(book.head().fields.get("cache-status"))
    assert not outcome(book << Done).collapsed


def test_a_follower_with_other_vary_values_joins_its_own_variant() -> None:
    """18.3: two classes of viewers cost two fetches, not one each."""
    book = waiting(get(X_Shape="2")) >> FlightHeadArrived(1.0, stored(vary="1"))
    book << LeaveFlight(KEY) << JoinFlight
    assert isinstance(book.last, JoinFlight)
    assert book.last.key != KEY
    book >> FlightJoined(1.0, Role.FOLLOWER) >> FlightHeadArrived(2.0, stored(vary="3"))
    book << LeaveFlight << Fetch


def test_a_follower_for_whom_it_is_not_fresh_enough_fetches() -> None:
    """18.3: it passes 7 for its own request, or it is no answer."""
    book = waiting(get(Cache_Control="min-fresh=100")) >> FlightHeadArrived(1.0, stored())
    book << LeaveFlight(KEY) << Fetch


def test_a_released_follower_fetches_in_vain_waited() -> None:
    """18.1, 17.2: collapsed=?0."""
    book = waiting(get()) >> FlightReleased(1.0) << Fetch
    book >> ResponseHeadArrived(2.0, ok(Cache_Control="private"), 1.0) << Forward
    assert book.head().fields.get("cache-status") == "edge; fwd=uri-miss; collapsed=?0"


def test_a_promoted_follower_leads() -> None:
    """18.5."""
    book = waiting(get()) >> FlightPromoted(1.0) << Fetch
    book >> ResponseHeadArrived(2.0, ok(Cache_Control="max-age=9"), 1.0) << ShareFlight << Forward


def test_a_promoted_follower_asks_nobody_where_nobody_is() -> None:
    """14.4, 18.5: it goes on with what it holds, and lets the others do so; who holds nothing asks all the same."""
    cut_off = FlightPromoted(1.0, is_cut_off=True)
    book = waiting(get(), stored(61.0)) >> cut_off << FailFlight(KEY, Failure.UNREACHABLE) << Deliver
    assert book.head().fields.get("x-cache") == "STALE"
    book << Done
    waiting(get(), stored(61.0)) >> FlightPromoted(1.0) << Fetch
    waiting(get()) >> cut_off << Fetch


def test_followers_of_a_failed_flight_get_the_error_or_what_is_stale() -> None:
    """18.5, 14.4."""
    book = waiting(get()) >> FlightFailed(1.0, Failure.TIMED_OUT) << Respond
    assert status_of(book.last) == 504
    book << Done
    waiting(get(), stored(61.0)) >> FlightFailed(1.0, Failure.TIMED_OUT) << Deliver << Done


def test_a_follower_sees_for_itself_what_error_there_was() -> None:
    """14.3: the leader stood in with a stale response; whoever may not, asks."""
    waiting(get()) >> FlightFailed(1.0, Failure.SERVER_ERROR) << Fetch


def test_followers_of_a_validation_are_served_what_it_confirmed() -> None:
    """18.6, 9.6."""
    book = waiting(get(), stored(61.0)) >> FlightFreshened(1.0, stored()) << Deliver
    assert book.head().fields.get("x-cache") == "REVALIDATED"
    book << Done
    waiting(get(X_Shape="2")) >> FlightFreshened(1.0, stored(vary="1")) << Fetch


def test_who_is_late_looks_again_once() -> None:
    """What landed between look-up and joining is in the store."""
    book = looking(get()) << JoinFlight(KEY, 0.0) >> FlightJoined(1.0, Role.LATE) << LookUp(KEY)
    book >> StoreAnswered(1.0) << JoinFlight(KEY, float("inf"))


def member(book: Playbook) -> set[str]:
    """Our member of Cache-Status, word by word."""
    return set(str(book.head().fields.get("cache-status")).split("; "))


def test_what_followers_are_told_to_the_letter() -> None:
    """17.2, 18.1, 18.6."""
    arriving = waiting(get()) >> FlightHeadArrived(1.0, stored()) << Follow
    assert member(arriving) == {"edge", "fwd=uri-miss", "collapsed", "stored", "ttl=59"}
    there = waiting(get()) >> FlightHeadArrived(1.0, stored(), is_whole=True) << Follow
    assert member(there) == {"edge", "hit", "ttl=59"}
    confirmed = waiting(get(), stored(61.0)) >> FlightFreshened(1.0, stored()) << Deliver
    assert member(confirmed) == {"edge", "fwd=stale", "fwd-status=304", "collapsed", "ttl=59"}
    assert outcome(confirmed << Done).collapsed


@pytest.mark.parametrize(
    ("wanted", "size", "received", "is_whole", "follows"),
    [
        ("bytes=0-99", 1000, 0, False, True),
        ("bytes=0-100", 1000, 0, False, False),
        ("bytes=0-100", 1000, 1, False, True),
        ("bytes=0-9, 900-909", 1000, 0, False, False),
        ("bytes=900-909", 1000, 0, True, True),
        ("bytes=900-909", -1, 0, False, True),
        ("items=0-9", 1000, 0, False, True),
        ("bytes=0-9", 0, 0, False, True),
    ],
)
def test_who_waits_for_a_part_far_ahead(
    wanted: str, size: int, received: int, is_whole: bool, follows: bool
) -> None:
    """11.6, 18.3: no further than `range_fill_bytes` (100) beyond what has arrived."""
    book = looking(get(Range=wanted), policy=Policy(range_fill_bytes=100)) << JoinFlight
    book >> FlightJoined(0.0, Role.FOLLOWER)
    book >> FlightHeadArrived(1.0, evolve(stored(), size=size), received=received, is_whole=is_whole)
    assert isinstance(book.pending[0], Follow if follows else LeaveFlight)


def test_whoever_leaves_has_no_whole_answer() -> None:
    """18.4: while it looks up there is no flight to leave."""
    book = waiting(get()) >> ViewerLeft(1.0) << LeaveFlight(KEY) << Done
    assert not outcome(book).complete
    book = playing(get()) << LookUp(KEY) >> ViewerLeft(1.0) << Done
    assert not outcome(book).complete
