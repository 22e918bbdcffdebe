"""An upstream whose machine has left the network: who waits there is helped long before the checks have found out.

In virtual time, over a way out on which each call is taken, or not, as the test says.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionAborted
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from edge.core.events import Failure as Reason
from edge.upstream.connection import UpstreamConnection
from edge.upstream.dials import UNREAD_SECONDS
from edge.upstream.failing import UpstreamFailed
from edge.upstream.lines import LOOK_SECONDS, THERE_SECONDS, Lines
from edge.upstream.usual import FIRST_SECONDS, LEAST_SECONDS
from wire.http.fields import RequestHead, ResponseHead
from wire.http.proxy_status import ProxyError

URL = "http://far"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
TWO_LOOKS = 2 * LOOK_SECONDS
UNUSUAL = LEAST_SECONDS + UNREAD_SECONDS


class Cable(StringTransport):
    """To an upstream that says what the test says."""

    def __init__(self, connection: UpstreamConnection) -> None:
        super().__init__()
        self.connection = connection

    def abortConnection(self) -> None:
        self.connection.connectionLost(Failure(ConnectionAborted()))

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Nothing is sent."""


@define
class Calls:
    """A way out."""

    is_cut: bool = False
    made: list[Deferred[Any]] = field(factory=list)

    def endpointForURI(self, uri: object) -> Calls:
        return self

    def connect(self, factory: Any) -> Deferred[Any]:
        connection = factory.buildProtocol(None)
        call: Deferred[Any] = Deferred() if self.is_cut else succeed(connection)
        self.made.append(call)
        if not self.is_cut:
            connection.makeConnection(Cable(connection))
        return call


@define
class Asker:
    """Who waits for an answer."""

    failures: list[UpstreamFailed] = field(factory=list)

    def interim_arrived(self, head: ResponseHead) -> None:
        """None comes."""

    def head_arrived(self, head: ResponseHead) -> None:
        """It did."""

    def data_arrived(self, data: bytes) -> None:
        """Nor does any of these."""

    def message_ended(self) -> None:
        """It is over."""

    def failed(self, failure: UpstreamFailed) -> None:
        self.failures.append(failure)


@define
class Taken:
    """What came of wanting a connection."""

    connections: list[UpstreamConnection] = field(factory=list)
    failures: list[UpstreamFailed] = field(factory=list)


class Stage:
    """A pool in virtual time, whose owner knows of somebody else to ask."""

    def __init__(self) -> None:
        self.clock, self.calls = Clock(), Calls()
        self.lines = Lines(self.clock, self.calls, connect_seconds=10.0)
        self.missing: list[str] = []
        self.lines.on_missing = self._went_missing

    def _went_missing(self, upstream: str) -> None:
        self.missing.append(upstream)
        self.lines.hang_up(upstream)

    def taken(self, *, fresh: bool = False) -> Taken:
        """A connection, or why there is none; neither, as long as that is open."""
        taken = Taken()
        taking = Deferred.fromCoroutine(self.lines.take(URL, fresh=fresh))
        taking.addCallbacks(taken.connections.append, lambda failure: taken.failures.append(failure.value))
        return taken

    def asks(self, method: str = "GET") -> tuple[Asker, UpstreamConnection]:
        """On a connection that was kept."""
        connection = self.lines.take_idle(URL)
        assert connection is not None
        asker = Asker()
        connection.ask(RequestHead(method, "/a"), asker)
        return asker, connection

    def passes(self, seconds: float) -> None:
        """In small steps, as a clock does."""
        for _ in range(round(seconds / 0.01)):
            self.clock.advance(0.01)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def answers(connection: UpstreamConnection) -> None:
    """The question that is out; the connection is kept for the next."""
    connection.dataReceived(ANSWER)
    connection.read_on()


def settled(stage: Stage) -> None:
    """The upstream took calls, all of them at once, and none of late."""
    for _ in range(20):
        (connection,) = stage.taken(fresh=True).connections
        connection.ask(RequestHead("GET", "/a"), Asker())
        answers(connection)
    stage.passes(THERE_SECONDS + LOOK_SECONDS)


def test_who_waits_is_told_soon_after_the_machine_has_gone(stage: Stage) -> None:
    """Whether on a kept connection or for a new one: nothing comes of either."""
    settled(stage)
    stage.calls.is_cut = True
    asker, connection = stage.asks()
    taken = stage.taken(fresh=True)
    stage.passes(UNUSUAL - 0.02)
    assert (asker.failures, taken.failures, stage.missing) == ([], [], [])
    stage.passes(0.04)
    assert stage.missing == [URL]
    assert [failed.reason for failed in asker.failures] == [Reason.CUT]
    assert connection.is_hung_up
    (failed,) = taken.failures
    assert (failed.reason, failed.error) == (Reason.UNREACHABLE, ProxyError.CONNECTION_TIMEOUT)
    assert "takes no call" in str(failed)


def test_a_question_on_a_kept_connection_is_enough_to_find_out(stage: Stage) -> None:
    """A call is made for it, and for no other reason."""
    settled(stage)
    stage.calls.is_cut = True
    made = len(stage.calls.made)
    asker, _ = stage.asks()
    stage.passes(TWO_LOOKS + UNUSUAL + 0.02)
    assert len(stage.calls.made) == made + 1
    assert [failed.reason for failed in asker.failures] == [Reason.CUT]


def test_who_takes_calls_may_take_its_time(stage: Stage) -> None:
    """An image may take long to render. It is called once a second, and each call is kept for the next who asks."""
    settled(stage)
    made = len(stage.calls.made)
    asker, _ = stage.asks()
    stage.passes(10 * THERE_SECONDS)
    assert (asker.failures, stage.missing) == ([], [])
    assert 7 <= len(stage.calls.made) - made <= 10
    assert stage.lines.open_count == len(stage.calls.made)
    assert stage.lines.running(URL) == 1
    kept = iter(lambda: stage.lines.take_idle(URL), None)
    assert len(list(kept)) == len(stage.calls.made) - 1


def test_who_answers_is_not_called(stage: Stage) -> None:
    """However many questions: each is another."""
    settled(stage)
    made = len(stage.calls.made)
    for _ in range(40):
        _, connection = stage.asks()
        stage.passes(LOOK_SECONDS - 0.02)
        answers(connection)
    assert len(stage.calls.made) == made


def test_whose_answer_has_begun_is_there(stage: Stage) -> None:
    """However long the rest of it takes."""
    settled(stage)
    made = len(stage.calls.made)
    _, connection = stage.asks()
    connection.dataReceived(ANSWER[:-10])
    stage.passes(5 * THERE_SECONDS)
    assert len(stage.calls.made) == made


def test_a_call_that_was_taken_at_the_last_moment_was_taken(stage: Stage) -> None:
    """What came while we were busy is read first."""
    settled(stage)
    stage.calls.is_cut = True
    taken = stage.taken(fresh=True)
    stage.passes(LEAST_SECONDS + UNREAD_SECONDS / 2)
    connection = UpstreamConnection()
    connection.makeConnection(Cable(connection))
    stage.calls.made[-1].callback(connection)
    stage.passes(1.0)
    assert (taken.connections, stage.missing) == ([connection], [])


def test_where_nobody_else_is_left_questions_are_waited_for_and_calls_are_not(stage: Stage) -> None:
    """Then only those are hung up on who have something to go on with. A call tells nobody to begin."""
    settled(stage)
    asker, _ = stage.asks()
    stage.calls.is_cut = True
    taken = stage.taken(fresh=True)
    stage.lines.hang_up(URL, validations_only=True)
    assert asker.failures == []
    assert [failed.reason for failed in taken.failures] == [Reason.UNREACHABLE]


def test_nobody_looks_while_nobody_waits(stage: Stage) -> None:
    """A pool at rest has no timer but that of its idle connections."""
    settled(stage)
    assert all(call.getTime() - stage.clock.seconds() > 10.0 for call in stage.clock.getDelayedCalls())


def test_what_may_not_be_done_twice_is_waited_for(stage: Stage) -> None:
    """The machine may be back, and at work on it."""
    settled(stage)
    stage.calls.is_cut = True
    asker, connection = stage.asks("POST")
    stage.passes(5.0)
    assert stage.missing
    assert (asker.failures, connection.is_open) == ([], True)


def test_who_was_never_reached_gets_more_time(stage: Stage) -> None:
    """Nobody knows how far away it is."""
    stage.calls.is_cut = True
    taken = stage.taken()
    stage.passes(FIRST_SECONDS)
    assert (stage.missing, taken.failures) == ([], [])
    stage.passes(UNREAD_SECONDS + 0.02)
    assert stage.missing == [URL]
    assert len(taken.failures) == 1


def test_a_way_that_became_longer_is_learned(stage: Stage) -> None:
    """What was given up is waited for twice as long the next time, until one comes about."""
    settled(stage)
    stage.calls.is_cut = True
    for _ in range(3):
        stage.taken(fresh=True)
        stage.passes(0.5)
        call = stage.calls.made[-1]
        if not call.called:
            connection = UpstreamConnection()
            connection.makeConnection(Cable(connection))
            call.callback(connection)
    assert stage.missing == [URL, URL]


def test_a_node_that_ends_waits_for_no_call(stage: Stage) -> None:
    settled(stage)
    stage.calls.is_cut = True
    taken = stage.taken(fresh=True)
    stage.asks()
    Deferred.fromCoroutine(stage.lines.close())
    assert [failed.reason for failed in taken.failures] == [Reason.UNREACHABLE]
    assert stage.lines.take_idle(URL) is None
    assert stage.clock.getDelayedCalls() == []
    assert not stage.lines._lines[URL]
