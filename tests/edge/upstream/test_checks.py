"""The checks' own clock and patience, in virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen
from treq.testing import RequestTraversalAgent
from twisted.internet import error as errors
from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.client import ResponseNeverReceived
from twisted.web.resource import Resource

from edge.upstream.checks import Checks
from edge.upstream.standings import Miss, Standing, Standings

URL, CONTROL = "http://fra:8080", "http://fra:9090/readyz"


class Ready(Resource):
    """A control endpoint that says what it is told to."""

    isLeaf = True
    code = 200
    asked = 0

    def render_GET(self, request: Any) -> bytes:
        self.asked += 1
        assert request.uri == b"/readyz"
        request.setResponseCode(self.code)
        return b'{"ready": false, "reasons": ["draining"]}'


class Silent:
    """An agent whose questions are never answered."""

    def __init__(self) -> None:
        self.cancelled = 0

    def request(self, *args: object, **told: object) -> Deferred[object]:
        return Deferred(self._cancelled)

    def _cancelled(self, _: object) -> None:
        self.cancelled += 1


@frozen
class Failing:
    """An agent of whose questions nothing comes."""

    error: Exception

    def request(self, *args: object, **told: object) -> Deferred[object]:
        return fail(self.error)


def checks_with(agent: Any) -> tuple[Checks, Standings, Clock]:
    clock = Clock()
    standings = Standings(now=clock.seconds, fall=2, rise=2)
    standings.watch([URL])
    checks = Checks(standings, {URL: CONTROL}, agent, clock, interval_seconds=0.5, timeout_seconds=1.0)
    checks.startService()
    return checks, standings, clock


def test_every_interval_asks_once() -> None:
    """At the start, and then twice a second."""
    ready = Ready()
    agent = RequestTraversalAgent(ready)
    checks, standings, clock = checks_with(agent)
    for _ in range(4):
        agent.flush()
        clock.advance(0.5)
    assert ready.asked == 5
    assert standings.records[URL].passed == 5
    checks.stopService()


def test_whoever_says_not_ready_is_down_within_a_second_and_back_within_another() -> None:
    """Two checks either way; the reason is kept for people."""
    ready = Ready()
    agent = RequestTraversalAgent(ready)
    checks, standings, clock = checks_with(agent)
    agent.flush()
    ready.code = 503
    for _ in range(2):
        clock.advance(0.5)
        agent.flush()
    assert standings.records[URL].standing is Standing.DOWN
    assert "draining" in standings.records[URL].reason
    ready.code = 200
    for _ in range(2):
        clock.advance(0.5)
        agent.flush()
    assert standings.is_up(URL)
    checks.stopService()


def test_whoever_is_silent_is_down_within_three_seconds() -> None:
    """A stopped process still accepts connections; patience ends after a second each."""
    agent = Silent()
    checks, standings, clock = checks_with(agent)
    clock.pump([0.25] * 10)
    assert agent.cancelled == 2
    assert standings.records[URL].standing is Standing.DOWN
    assert standings.records[URL].reason == "no answer within 1 s"
    assert standings.is_out_of_reach(URL)
    checks.stopService()


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (errors.ConnectionRefusedError(), Miss.REFUSED),
        (errors.NoRouteError(), Miss.REFUSED),
        (ResponseNeverReceived([Failure(errors.ConnectionLost())]), Miss.REFUSED),
        (errors.TimeoutError(), Miss.UNANSWERED),
        (errors.TCPTimedOutError(), Miss.UNANSWERED),
    ],
)
def test_who_refuses_is_told_from_who_does_not_answer(error: Exception, how: Miss) -> None:
    """To ask the one costs no time."""
    checks, standings, _ = checks_with(Failing(error))
    assert standings.records[URL].last_miss is how
    checks.stopService()


def test_a_suspect_is_asked_at_once() -> None:
    """Not at the next tick: viewers are waiting to know."""
    ready = Ready()
    agent = RequestTraversalAgent(ready)
    checks, standings, _ = checks_with(agent)
    agent.flush()
    standings.failed(URL)
    agent.flush()
    assert ready.asked == 2
    checks.stopService()


def test_stopping_ends_every_question() -> None:
    """No timer and no request outlives the node, and none of it counts against anyone."""
    agent = Silent()
    checks, standings, clock = checks_with(agent)
    checks.stopService()
    assert clock.getDelayedCalls() == []
    assert (agent.cancelled, standings.records[URL].missed) == (1, 0)
