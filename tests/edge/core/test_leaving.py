"""Viewers who leave before the end: what goes on, what stops, what is undone (sheet 12.6, 18.4)."""

from __future__ import annotations

import pytest

from edge.core.commands import (
    CancelFetch,
    CompleteFlight,
    Done,
    FailFlight,
    Forward,
    JoinFlight,
    LandFlight,
    LeaveFlight,
    ReleaseFlight,
    ShareFlight,
    Store,
)
from edge.core.events import (
    Failure,
    FlightJoined,
    ResponseBodyCompleted,
    ResponseHeadArrived,
    Role,
    ViewerLeft,
)
from tests.edge.core.playbook import (
    KEY,
    get,
    leading,
    looking,
    ok,
    outcome,
    waiting,
)


def test_a_fill_goes_on_for_others() -> None:
    """18.4: the fetch belongs to the cache."""
    book = leading(get()) >> ViewerLeft(0.5, followers=1)
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0) << ShareFlight
    book >> ResponseBodyCompleted(2.0, 10) << CompleteFlight << Store << LandFlight << Done


def test_a_fill_nobody_waits_for_is_cancelled() -> None:
    """12.6: before the head there is no knowing what it would be worth."""
    book = leading(get()) >> ViewerLeft(0.5) << CancelFetch() << ReleaseFlight(KEY) << Done
    book >> ViewerLeft(0.6)
    book.end()


@pytest.mark.parametrize(
    ("length", "received", "finishes"),
    [
        ("10", 0, True),
        ("9000000", 100, False),
        ("9000000", 4_600_000, True),
        (None, 100, True),
        (None, 1 << 21, False),
    ],
)
def test_an_abandoned_fill_is_finished_when_small_or_half_done(
    length: str | None, received: int, finishes: bool
) -> None:
    """12.6."""
    head = (
        ok(Cache_Control="max-age=60")
        if length is None
        else ok(Cache_Control="max-age=60", Content_Length=length)
    )
    book = leading(get()) >> ResponseHeadArrived(1.0, head, 0.0) << ShareFlight << Forward
    book >> ViewerLeft(2.0, received=received)
    if finishes:
        book >> ResponseBodyCompleted(3.0, 10) << CompleteFlight << Store << LandFlight << Done
    else:
        book << CancelFetch() << FailFlight(KEY, Failure.CUT) << Done
        assert not outcome(book).complete


def test_a_follower_who_leaves_leaves_the_flight() -> None:
    """No waiter is kept for a viewer who is gone."""
    waiting(get()) >> ViewerLeft(1.0) << LeaveFlight(KEY) << Done


@pytest.mark.parametrize(
    ("role", "undone"),
    [
        (Role.FOLLOWER, LeaveFlight(KEY)),
        (Role.LEADER, ReleaseFlight(KEY)),
        (Role.ALONE, None),
        (Role.LATE, None),
    ],
)
def test_who_leaves_while_joining_is_undone(role: Role, undone: LeaveFlight | ReleaseFlight | None) -> None:
    """Whatever the table then answers, no flight is left without someone to fly it."""
    book = looking(get()) << JoinFlight >> ViewerLeft(0.0) >> FlightJoined(0.0, role)
    if undone is not None:
        book << undone
    assert not outcome(book << Done).complete
    book.end()
