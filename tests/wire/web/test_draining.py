"""Counting what runs, and waiting for its end."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from wire.web.draining import InFlight


def test_nothing_running_is_drained_at_once() -> None:
    """No clock is needed for that."""
    assert Deferred.fromCoroutine(InFlight().drained(Clock(), 1.0)).result is True


def test_the_last_to_leave_ends_the_wait() -> None:
    """Two run; the first to leave changes nothing."""
    clock, in_flight = Clock(), InFlight()
    in_flight.entered()
    with in_flight.one():
        waiting = Deferred.fromCoroutine(in_flight.drained(clock, 5.0))
        assert in_flight.is_draining
    assert not waiting.called
    in_flight.left()
    assert waiting.result is True
    assert not clock.getDelayedCalls()


def test_patience_ends() -> None:
    """After its time the wait is over, whoever still runs."""
    clock, in_flight = Clock(), InFlight()
    in_flight.entered()
    waiting = Deferred.fromCoroutine(in_flight.drained(clock, 5.0))
    clock.advance(5.0)
    assert waiting.result is False
    in_flight.left()
