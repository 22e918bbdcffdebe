"""One attempt's answer: told once, and never waited for without end."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from edge.core.events import Failure as Reason
from edge.settings import Limits
from edge.upstream.answer import Answer
from edge.upstream.failing import UpstreamFailed
from tests.support.loose_ends import no_loose_ends
from wire.http.fields import ResponseHead

LIMITS = Limits(first_byte_seconds=3.0, between_bytes_seconds=10.0, send_seconds=5.0)
CUT = UpstreamFailed(Reason.CUT, "cut")


def an_answer() -> tuple[Answer, Clock]:
    clock = Clock()
    return Answer(clock, LIMITS, lambda _: None), clock


def failure_of(awaited: Deferred[Any]) -> UpstreamFailed:
    """What it failed with; taken, so that it is no loose end."""
    seen: list[Failure] = []
    awaited.addErrback(seen.append)
    assert isinstance(seen[0].value, UpstreamFailed)
    return seen[0].value


@pytest.mark.parametrize("again", ["failed", "dropped", "both"])
def test_a_head_that_failed_leaves_no_failure_for_an_end_nobody_awaits(again: str) -> None:
    """The upstream is lost, then the viewer's body is cut or the viewer leaves: still one failure."""
    with no_loose_ends():
        answer, clock = an_answer()
        answer.expect_head()
        answer.failed(CUT)
        assert failure_of(answer.head) is CUT
        if again in ("failed", "both"):
            answer.failed(UpstreamFailed(Reason.CUT, "the request's body was cut short"))
        if again in ("dropped", "both"):
            answer.drop()
        assert not answer.end.called
        assert clock.getDelayedCalls() == []
        del answer


@pytest.mark.parametrize("has_head", [False, True])
def test_an_answer_dropped_before_anybody_awaited_it_is_forgotten(has_head: bool) -> None:
    """Whoever asked went away in the same breath."""
    with no_loose_ends():
        answer, clock = an_answer()
        answer.expect_head()
        if has_head:
            answer.head_arrived(ResponseHead(200))
        answer.drop()
        assert clock.getDelayedCalls() == []
        del answer


def test_a_body_may_be_silent_for_as_long_as_was_said_and_no_longer() -> None:
    """And not at all while we ourselves hold it back."""
    answer, clock = an_answer()
    answer.expect_head()
    answer.head_arrived(ResponseHead(200))
    clock.advance(100.0)  # the head is being considered
    answer.expect_body(2.0)
    answer.watch_body()
    clock.advance(1.5)
    answer.data_arrived(b"x")
    clock.advance(1.5)
    assert not answer.end.called
    answer.held_back(True)
    clock.advance(60.0)
    answer.held_back(False)
    clock.advance(1.9)
    assert not answer.end.called
    clock.pump([0.2, 2.0])
    assert failure_of(answer.end).reason is Reason.TIMED_OUT


def test_a_question_that_is_not_taken_is_given_up() -> None:
    """However long its answer might be waited for."""
    answer, clock = an_answer()
    with answer.room_expected():
        clock.advance(4.9)
        assert not answer.head.called
    clock.advance(60.0)  # it was taken in time
    with answer.room_expected():
        clock.advance(5.1)
        assert failure_of(answer.head).reason is Reason.TIMED_OUT
    assert clock.getDelayedCalls() == []
