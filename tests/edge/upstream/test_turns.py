"""So many at once, the rest in line: under every order of events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge.core.events import Failure as Reason
from edge.settings import Concurrency
from edge.upstream.failing import UpstreamFailed
from edge.upstream.turns import Turns


def reason_of(asking: Deferred[None]) -> Reason:
    failures: list[Any] = []
    asking.addErrback(failures.append)
    assert isinstance(failures[0].value, UpstreamFailed)
    return failures[0].value.reason


def take(turns: Turns) -> Deferred[None]:
    return Deferred.fromCoroutine(turns.take())


def test_turns_go_to_those_who_wait_in_the_order_they_came() -> None:
    """One runs, two wait; the first of them is next."""
    turns = Turns(Concurrency(requests=1, waiting=2), Clock())
    one, two, three = take(turns), take(turns), take(turns)
    assert (one.called, two.called, three.called) == (True, False, False)
    turns.give_back()
    assert (two.called, three.called) == (True, False)
    assert (turns.running, turns.waiting) == (1, 1)


def test_a_line_that_is_full_refuses_at_once() -> None:
    """An unbounded line would only make everybody late."""
    turns = Turns(Concurrency(requests=1, waiting=1), Clock())
    take(turns), take(turns)
    assert reason_of(take(turns)) is Reason.BUSY


def test_nobody_waits_longer_than_was_said() -> None:
    """And who gave up is not given a turn later."""
    clock = Clock()
    turns = Turns(Concurrency(requests=1, waiting=9, waiting_seconds=2.0), clock)
    take(turns)
    late = take(turns)
    clock.advance(2.1)
    assert reason_of(late) is Reason.BUSY
    assert turns.waiting == 0
    turns.give_back()
    assert turns.running == 0


def test_who_leaves_the_line_leaves_no_gap() -> None:
    """A cancelled wait is gone."""
    turns = Turns(Concurrency(requests=1), Clock())
    take(turns)
    gone, next_one = take(turns), take(turns)
    gone.cancel()
    gone.addErrback(lambda _: None)
    turns.give_back()
    assert next_one.called
    assert turns.waiting == 0


@given(st.lists(st.sampled_from(["take", "give back", "leave", "late"]), max_size=40), st.integers(1, 3))
def test_never_more_than_there_are_turns_and_none_is_lost(steps: list[str], requests: int) -> None:
    """Whatever happens: running ≤ turns, nobody waits while a turn is free, and all come back at the end."""
    clock = Clock()
    turns = Turns(Concurrency(requests=requests, waiting=4, waiting_seconds=1.0), clock)
    asked: list[Deferred[None]] = []
    running = 0
    for step in steps:
        if step == "take":
            asked.append(take(turns))
        elif step == "give back" and running:
            running -= 1
            turns.give_back()
        elif step == "leave" and asked:
            asked[-1].cancel()
        elif step == "late":
            clock.advance(1.1)
        for one in [one for one in asked if one.called]:
            asked.remove(one)
            outcome: list[bool] = []
            one.addCallbacks(lambda _, outcome=outcome: outcome.append(True), lambda _: None)
            running += len(outcome)
        assert running == turns.running <= requests
        assert turns.waiting == len(asked)
        assert not (turns.waiting and turns.running < requests)
    while turns.running:
        turns.give_back()
    assert turns.waiting == 0
    assert all(one.called for one in asked)


def test_a_question_may_not_be_put_more_often_than_the_settings_allow() -> None:
    """Zero turns would be an upstream that is never asked."""
    with pytest.raises(ValueError, match="requests"):
        Concurrency(requests=0)
