"""sim.links.road: requests and answers that take the time of the link between a viewer and a PoP."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address

from sim.links.way import Way, window_of
from tests.support.far_viewer import VIEWER, Far, body_of
from tests.support.h2_client import Viewer
from wire.web.limits import ConnectionLimits

FAST = Way(0.1, 8e6)
CUT = Way(0.1, 8e6, cut=True)
HEAD = 300  # bytes of a question and the head of its answer, about


def seconds_of(far: Far, size: int, step: float) -> float:
    """How long a viewer waits for all of a picture."""
    began, before = far.clock.seconds(), len(far.pipe.written)
    far.ask(size)
    took = far.until(lambda: far.channel.request is None, step) - began
    assert far.pipe.written[before:].endswith(body_of(size))
    return took


@pytest.mark.parametrize("size", [1_000, 100_000, 10_000_000])
@pytest.mark.parametrize(
    ("way", "access", "rtt", "rate"),
    [
        (Way(0.2, 200e6), None, 0.2, 200e6),
        (Way(0.002, 50e6), None, 0.002, 50e6),
        (Way(0.16, 200e6), Way(0.04, 20e6), 0.2, 20e6),
        (Way(0.004, 2e6), Way(0.02, 50e6), 0.024, 2e6),
    ],
)
def test_a_viewer_waits_as_long_as_the_arithmetic_says(
    size: int, way: Way, access: Way | None, rtt: float, rate: float
) -> None:
    """On a new connection two round trips and the bytes at the rate of the slower line, on one that is open already one
    round trip less: within 5 %."""
    far = Far(way, access=access)
    sending = (size + HEAD) * 8 / rate
    expected = 2 * rtt + sending
    assert seconds_of(far, size, expected / 2000) == pytest.approx(expected, rel=0.05)
    expected -= rtt
    assert seconds_of(far, size, expected / 2000) == pytest.approx(expected, rel=0.05)


@settings(max_examples=40)
@given(
    size=st.integers(1, 300_000),
    rtt=st.floats(0.001, 1.0),
    rate=st.floats(1e5, 1e9),
    own_rtt=st.floats(0, 0.3),
    own_rate=st.floats(1e5, 1e9),
    is_secure=st.booleans(),
)
def test_so_it_is_for_any_link_and_any_line(
    size: int, rtt: float, rate: float, own_rtt: float, own_rate: float, *, is_secure: bool
) -> None:
    """TLS costs a round trip more (RFC 8446 §2)."""
    far = Far(Way(rtt, rate), access=Way(own_rtt, own_rate), scheme="https" if is_secure else "http")
    whole = rtt + own_rtt
    slower = min(rate, own_rate)
    # what the faster of two wires adds is a piece of what the slower one sends: 5 ms of it, or a segment
    more = max(0.005, 1460 * 8 / slower)
    expected = (3 if is_secure else 2) * whole + (size + HEAD) * 8 / slower
    took = seconds_of(far, size, expected / 1000)
    assert expected * 0.95 - HEAD * 8 / slower <= took <= expected * 1.05 + 2 * more


@pytest.mark.parametrize("size", [1_000, 100_000, 10_000_000])
@pytest.mark.parametrize(
    ("way", "access", "rtt", "rate"),
    [
        (Way(0.2, 200e6), Way(0.0, 1e9, slow_start=True), 0.2, 200e6),
        (Way(0.002, 1e9), Way(0.045, 50e6, slow_start=True), 0.047, 50e6),
        (Way(0.16, 200e6), Way(0.04, 20e6, slow_start=True), 0.2, 20e6),
        (Way(0.004, 2e6), Way(0.02, 50e6, slow_start=True), 0.024, 2e6),
    ],
)
def test_a_cold_connection_takes_the_round_trips_of_slow_start_and_a_warm_one_none(
    size: int, way: Way, access: Way, rtt: float, rate: float
) -> None:
    """As the sheet has it (workloads.md §6), within 5 %: ⌈log2(S / 14,600 + 1)⌉ of them, the question's among them,
    behind the handshake."""
    far = Far(way, access=access)
    sending = (size + HEAD) * 8 / rate
    expected = (1 + math.ceil(math.log2(size / 14_600 + 1))) * rtt + sending
    assert seconds_of(far, size, expected / 2000) == pytest.approx(expected, rel=0.05)
    expected = rtt + sending
    assert seconds_of(far, size, expected / 2000) == pytest.approx(expected, rel=0.05)


def test_a_question_with_a_body_starts_slowly_too() -> None:
    """100 KB on a new connection: two windows more are waited for, half a round trip after the handshake."""
    far = Far(FAST, access=Way(0.1, 1e9, slow_start=True))
    far.channel.dataReceived(
        b"POST /10 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"." * 100_000
    )
    far.until(lambda: bool(far.picture.asked_at), 0.001)
    assert far.picture.asked_at == [pytest.approx(0.2 + 0.1 + 2 * 0.2 + 0.1, rel=0.05)]


def test_an_answer_is_counted_when_it_sets_out_and_once() -> None:
    """Whoever writes a log has it all then, with most of it still on its way; and no piece counts again at the end."""
    far = Far(FAST)
    far.ask(10_000)
    request = far.channel.request
    far.until(lambda: far.picture.written == 10_000, 0.001)
    assert not far.pipe.written
    assert request.carried.sent > 10_000
    far.until(lambda: far.channel.request is None, 0.001)
    assert request.carried.sent == len(far.pipe.written)


def test_an_opened_connection_has_greeted_already() -> None:
    """A browser that connects before it asks waits for the question alone."""
    far = Far(FAST)
    far.clock.advance(5)
    assert seconds_of(far, 10, 0.001) == pytest.approx(0.1, rel=0.05)


def test_questions_of_one_connection_come_one_after_the_other() -> None:
    """Pipelined or not; the answers in their order, each after its own round trip."""
    far = Far(FAST)
    far.ask(5)
    far.ask(7)
    far.until(lambda: bytes(far.pipe.written).endswith(body_of(7)), 0.001)
    assert far.picture.asked_at == [pytest.approx(0.15, abs=0.01), pytest.approx(0.25, abs=0.01)]


def test_who_sends_is_made_to_wait_and_nothing_is_hoarded() -> None:
    """What is written and has not come is a window at most, however slow the link."""
    far, most = Far(Way(0.05, 1e6)), 0
    far.ask(4_000_000)
    for _ in range(2000):
        far.clock.advance(0.005)
        most = max(most, far.picture.written - len(far.body))
    assert 0 < most <= Way(0.05, 1e6).window
    assert len(far.body) * 8 / 10 == pytest.approx(1e6, rel=0.05)


def test_a_viewer_that_reads_nothing_stops_the_sender_within_a_window() -> None:
    """The socket's pause holds the lane, which in time holds who writes; its resume lets all go on."""
    far = Far(FAST)
    far.ask(2_000_000)
    far.until(lambda: bool(far.body), 0.01)
    far.pipe.producer.pauseProducing()
    before = len(far.body)
    far.clock.pump([0.1] * 100)
    assert len(far.body) == before
    assert far.picture.written - before <= FAST.window
    far.pipe.producer.resumeProducing()
    far.until(lambda: len(far.body) == 2_000_000, 0.1)
    assert far.body == body_of(2_000_000)


def test_behind_a_cut_nothing_is_heard_until_it_is_mended() -> None:
    """Neither a question nor what is under way of an answer; then all of it comes."""
    far = Far(CUT)
    far.ask(1000)
    far.clock.pump([1.0] * 60)
    assert (far.picture.asked_at, bytes(far.pipe.written)) == ([], b"")
    far.change(FAST)
    far.until(lambda: bool(far.picture.asked_at), 0.01)
    far.change(CUT)
    far.clock.pump([1.0] * 60)
    assert far.pipe.written == b""
    far.change(FAST)
    far.until(lambda: far.body == body_of(1000), 0.01)
    assert len(far.picture.asked_at) == 1


@pytest.mark.parametrize("when", [0.0, 0.12, 0.17, 0.3])
@pytest.mark.parametrize("size", [0, 1_000_000])
def test_who_leaves_leaves_nothing_behind(when: float, size: int) -> None:
    """While it greets, asks, waits or listens; and what was done for it ends."""
    far = Far(FAST)
    far.ask(size)
    far.clock.pump([0.01] * round(when * 100))
    far.leave()
    assert (far.cable.riders, far.clock.getDelayedCalls()) == ({}, [])
    assert far.picture.left == len(far.picture.asked_at)


def test_a_reset_ends_the_connection_and_what_was_done_for_it() -> None:
    far = Far(FAST)
    far.ask(0)
    far.until(lambda: bool(far.picture.asked_at), 0.01)
    far.cable.reset()
    assert far.pipe.is_aborted
    far.leave()
    assert (far.picture.left, far.cable.riders, far.clock.getDelayedCalls()) == (1, {}, [])


def test_no_connection_grows_older_than_its_link_allows() -> None:
    """By its own age, not that of the request."""
    far = Far(Way(0.1, 8e6, reset_seconds=5))
    assert seconds_of(far, 10, 0.01) < 1
    far.clock.advance(3)
    far.ask(0)
    far.clock.advance(1.0)
    assert not far.pipe.is_aborted
    far.clock.advance(1.0)
    assert far.pipe.is_aborted


def test_an_answer_that_never_gets_through_is_given_up_in_time() -> None:
    """It is written, and yet the viewer has not got it: the request's time limit holds, and the viewer is cut off."""
    far = Far(FAST, limits=ConnectionLimits(request_seconds=10))
    far.ask(100)
    far.until(lambda: bool(far.picture.asked_at), 0.01)
    far.change(CUT)
    far.clock.pump([1.0] * 11)
    assert far.pipe.is_aborted
    assert far.cable.riders == {}


def test_the_last_answer_of_a_connection_arrives_before_its_end() -> None:
    """`Connection: close`, or HTTP/1.0: the end travels behind the bytes."""
    far = Far(Way(0.1, 8e6, slow_close_seconds=1))
    far.ask(1000, "Connection: close")
    whole_at = far.until(lambda: far.body == body_of(1000), 0.01)
    assert not far.pipe.is_closed
    assert far.until(lambda: far.pipe.is_closed, 0.01) == pytest.approx(whole_at + 1, abs=0.02)


def test_a_line_is_changed_while_an_answer_is_under_way() -> None:
    """Slower from here on: what has come has come, and the rest sets out again. Healed, it is as before."""
    size, way = 1_000_000, Way(0.1, 80e6)
    far = Far(way)
    far.ask(size)
    far.until(lambda: len(far.body) > size / 2, 0.001)
    began, left = far.clock.seconds(), size - len(far.body)
    far.change_access(Way(0.2, 8e6))
    far.until(lambda: far.body == body_of(size), 0.005)
    assert far.clock.seconds() - began == pytest.approx(0.15 + left * 8 / 8e6, rel=0.05)
    assert seconds_of(far, 100_000, 0.001) == pytest.approx(0.3 + 0.1, rel=0.05)
    far.change_access(Way())
    assert seconds_of(far, 100_000, 0.001) == pytest.approx(0.1 + 0.01, rel=0.05)


def test_who_comes_later_has_the_line_as_it_is_by_then() -> None:
    """What it stalls once it does from when that was said."""
    far = Far(FAST, access=Way(0.1, 1e9))
    far.change_access(Way(0.1, 1e9, stall_seconds=5))
    far.clock.advance(4)
    assert seconds_of(far, 10, 0.01) == pytest.approx(1 + 0.2, rel=0.1)
    far.clock.advance(30)
    assert seconds_of(far, 10, 0.01) == pytest.approx(0.2, rel=0.1)


def test_a_line_that_is_cut_is_waited_for_and_one_that_is_reset_is_not() -> None:
    far = Far(FAST)
    far.change_access(CUT)
    far.ask(10)
    far.clock.pump([1.0] * 30)
    assert far.picture.asked_at == []
    far.change_access(Way())
    far.until(lambda: far.body == body_of(10), 0.01)
    far.change_access(Way(reset_seconds=35))  # old enough in five seconds, half an answer from here
    far.ask(10_000_000)
    assert far.until(lambda: far.pipe.is_aborted, 0.1) == pytest.approx(35, abs=0.2)


WAYS = [FAST, CUT, Way(0.0, 1e9), Way(0.5, 1e6, loss=0.3, jitter_seconds=0.4), Way(0.1, 1e6, stall_seconds=2)]
COLD = [Way(0.1, 5e6, sigma=0.5, slow_start=True), Way(0.0, 1e9, slow_start=True)]
STEPS = st.lists(
    st.one_of(
        st.sampled_from(WAYS),
        st.tuples(st.just("access"), st.sampled_from([*WAYS, *COLD, Way()])),
        st.sampled_from(["pause", "resume", "wait"]),
    ),
    max_size=20,
)


@settings(max_examples=60)
@given(STEPS, st.integers(1, 600_000), st.sampled_from([None, Way(0.03, 5e6), *COLD]))
def test_whatever_changes_an_answer_comes_whole_and_once(
    steps: list[Way | str | tuple[str, Way]], size: int, access: Way | None
) -> None:
    """Bytes and their order are conserved, and at no time is there more under way than a window."""
    far = Far(FAST, access=access)
    far.ask(size)
    largest = FAST.window
    for step in steps:
        match step:
            case Way():
                largest = max(largest, step.window)
                far.change(step)
            case ("access", Way() as own):
                largest = max(largest, window_of(1e9, 0.5 + own.drawn(4).rtt_seconds))
                far.change_access(own)
            case "pause":
                far.pipe.producer.pauseProducing()
            case "resume":
                far.pipe.producer.resumeProducing()
        far.clock.pump([0.03] * 3)
        assert body_of(size).startswith(far.body)
        assert far.picture.written - len(far.body) <= largest + 65536
    far.pipe.producer.resumeProducing()
    far.change(FAST)
    far.change_access(Way())
    far.until(lambda: far.body == body_of(size), 0.05)
    far.until(lambda: not far.cable.riders, 0.05)
    far.leave()
    assert far.clock.getDelayedCalls() == []


def test_streams_of_one_connection_share_the_link_and_wait_for_each_other_only_there() -> None:
    """HTTP/2: the handshakes are paid once, and a stream whose window is full holds up no other."""
    far = Far(FAST, scheme="https")
    viewer = Viewer(far.site, far.clock, reads=False)
    viewer.channel.peer = VIEWER
    viewer.client.increment_flow_control_window(
        1 << 20
    )  # the connection's: there are still those of the streams
    first, second = viewer.begin("/300000"), viewer.begin("/1000")
    viewer.talk()

    def is_whole() -> bool:
        viewer.talk()
        return viewer.answers[second].is_whole

    far.until(is_whole, 0.01)
    assert viewer.answers[second].body == body_of(1000)
    assert far.picture.asked_at == [pytest.approx(0.25, abs=0.02)] * 2
    assert not viewer.answers[first].is_whole


def test_a_viewer_who_is_brought_by_the_balancer_has_come_its_way_already() -> None:
    """A link is felt once; who asks from next door feels none."""
    far = Far(FAST)
    far.ask(10, "Via: 1.1 balancer")
    far.clock.advance(0.0)
    assert far.body == body_of(10)
    assert math.isclose(far.picture.asked_at[0], 0.0)


def test_who_moves_has_the_line_of_where_he_lives_now() -> None:
    """By a header, on a connection that is open already."""
    far = Far(Way(0.1, 1e9), access=Way(0.2, 1e9), address=IPv4Address("TCP", "127.0.0.1", 1))
    assert seconds_of(far, 10, 0.001) == 0
    far.clock.advance(5)
    began, before = far.clock.seconds(), len(far.pipe.written)
    far.ask(10, "X-Viewer-Region: asia")
    far.until(lambda: len(far.pipe.written) > before, 0.001)
    assert far.clock.seconds() - began == pytest.approx(0.3, rel=0.05)
