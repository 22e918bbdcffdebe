"""sim.links.cable: links that change while connections are on them."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.error import ConnectionLost
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock

from sim.links.cable import Cable
from sim.links.shaped import ShapedEndpoint
from sim.links.way import Way
from tests.sim.links.test_shaped import Inside, Loopback, Socket, run

FAST = Way(0.1, 8e6)
CUT = Way(0.1, 8e6, cut=True)


class Riding:
    """One connection over a cable, and the clock of both."""

    def __init__(self, way: Way = FAST) -> None:
        self.clock = Clock()
        self.cable = Cable(way, way, self.clock, Random(1))
        loopback, made = Loopback(), list[Any]()
        endpoint = ShapedEndpoint(loopback, self.cable)
        endpoint.connect(Factory.forProtocol(Inside)).addCallback(made.append)
        self.clock.advance(way.rtt_seconds)
        (self.inside,) = made
        self.inside.clock = self.clock
        self.socket: Socket = loopback.socket

    def change(self, way: Way) -> None:
        self.cable.change(way, way)

    def is_over(self) -> bool:
        """Whether the protocol inside knows."""
        return self.inside.lost_at is not None


def test_what_is_cut_off_comes_when_the_cable_is_mended() -> None:
    """Both ways; not a byte before, and none twice: a cut costs time."""
    riding = Riding()
    riding.socket.offer(1_000)
    riding.inside.transport.write(b"hello")
    riding.change(CUT)
    run(riding.clock, 30, 0.5)
    assert (riding.inside.received, riding.socket.written) == ([], b"")
    riding.change(FAST)
    run(riding.clock, 0.2)
    assert (riding.inside.size, riding.socket.written) == (1_000, b"hello")


def test_a_cut_holds_a_window_and_no_more() -> None:
    """Whoever sends is made to wait, and goes on afterwards."""
    riding = Riding()
    riding.change(CUT)
    sent = sum(riding.socket.offer(1 << 24) for _ in range(10))
    assert 0 < sent <= CUT.window
    assert [riding.socket.is_paused, riding.inside.size] == [True, 0]
    riding.change(FAST)
    run(riding.clock, 1.0)
    assert [riding.socket.is_paused, riding.inside.size] == [False, sent]


def test_an_end_does_not_pass_a_cut() -> None:
    """The far end is gone, and nobody here knows yet."""
    riding = Riding()
    riding.change(CUT)
    riding.socket.loseConnection()
    run(riding.clock, 30, 0.5)
    assert not riding.is_over()
    riding.change(FAST)
    run(riding.clock, 0.2)
    assert riding.is_over()
    assert not riding.cable.riders


@pytest.mark.parametrize("is_gone", [False, True])
def test_who_gives_up_behind_a_cut_is_rid_of_it(is_gone: bool) -> None:
    """Whether or not the far end is there still."""
    riding = Riding()
    riding.change(CUT)
    if is_gone:
        riding.socket.loseConnection()
    riding.inside.transport.abortConnection()
    assert riding.inside.lost_at == riding.clock.seconds()
    assert (riding.cable.riders, riding.clock.getDelayedCalls()) == ({}, [])


def test_nobody_connects_over_a_cut() -> None:
    """A greeting is said again when it is mended, if somebody still waits."""
    clock, loopback = Clock(), Loopback()
    cable = Cable(FAST, CUT, clock, Random(1))
    made: list[Any] = []
    for _ in range(2):
        connecting = ShapedEndpoint(loopback, cable).connect(Factory.forProtocol(Inside))
        connecting.addCallbacks(made.append, lambda _: None)
    clock.advance(60)
    assert made == []
    connecting.cancel()
    cable.change(FAST, FAST)
    clock.advance(0.11)
    assert len(made) == 1


def test_a_reset_is_the_end_of_all_at_once() -> None:
    """What was under way is lost with the connection, and those who write are told."""
    riding = Riding()
    riding.socket.offer(1_000)
    failed: list[Any] = []
    connecting = ShapedEndpoint(Loopback(), riding.cable).connect(Factory.forProtocol(Inside))
    connecting.addErrback(failed.append)
    riding.cable.reset()
    assert riding.inside.lost_at == riding.clock.seconds()
    assert riding.inside.reason.check(ConnectionLost)
    assert failed[0].check(ConnectionLost)
    assert riding.socket.closed()
    assert (riding.inside.received, riding.cable.riders, riding.clock.getDelayedCalls()) == ([], {}, [])


def test_no_connection_grows_older_than_its_link_allows() -> None:
    """As told when it was made, or since."""
    riding = Riding(Way(0.1, 8e6, reset_seconds=5))
    run(riding.clock, 4.9, 0.1)
    assert not riding.is_over()
    run(riding.clock, 0.2, 0.1)
    assert riding.is_over()
    riding = Riding()
    run(riding.clock, 4, 0.5)
    riding.change(Way(0.1, 8e6, reset_seconds=3))
    riding.clock.advance(0)
    assert riding.is_over()
    assert riding.clock.getDelayedCalls() == []


def test_a_slow_close_is_felt_by_who_waits_for_the_end() -> None:
    riding = Riding(Way(0.1, 8e6, slow_close_seconds=2))
    began = riding.clock.seconds()
    riding.socket.offer(1_000)
    riding.socket.loseConnection()
    run(riding.clock, 3.0, 0.01)
    assert riding.inside.received[-1][0] == pytest.approx(began + 0.05, abs=0.02)
    assert riding.inside.lost_at == pytest.approx(began + 2.05, abs=0.03)


def test_a_faster_link_is_faster_for_what_waits_already() -> None:
    """A backlog is not held to the terms of yesterday."""
    riding = Riding(Way(0.0, 1e3))
    riding.socket.offer(100_000)  # 800 s
    riding.change(Way(0.0, 8e6))
    run(riding.clock, 0.2)
    assert riding.inside.size == 100_000


WAYS = [FAST, CUT, Way(0.0, 1e9), Way(0.5, 1e5, loss=0.3, jitter_seconds=0.4), Way(0.1, 1e6, stall_seconds=2)]
STEPS = st.one_of(st.binary(min_size=1, max_size=3000), st.sampled_from(WAYS), st.none())


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=25))
def test_whatever_changes_bytes_and_their_order_are_conserved(steps: list[bytes | Way | None]) -> None:
    """Sent again is not sent twice."""
    riding, whole = Riding(), b""
    for step in steps:
        match step:
            case bytes():
                whole += step
                riding.socket.protocol.dataReceived(step)
                riding.inside.transport.write(step)
            case Way():
                riding.change(step)
            case None:
                riding.clock.advance(0.07)
        assert whole.startswith(b"".join(data for _, data in riding.inside.received))
        assert whole.startswith(riding.socket.written)
    riding.change(FAST)
    run(riding.clock, 1.0, 0.01)
    assert b"".join(data for _, data in riding.inside.received) == whole == riding.socket.written
    assert riding.clock.getDelayedCalls() == []
