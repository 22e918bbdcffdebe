"""sim.links.schedule: when bytes that enter a link leave it."""

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.links.schedule import Schedule
from sim.links.way import SEGMENT, Way

WAYS = st.builds(
    Way,
    rtt_seconds=st.floats(0, 1),
    bits_per_second=st.floats(1e4, 1e10),
    loss=st.sampled_from([0.0, 0.01, 0.5, 1.0]),
    jitter_seconds=st.sampled_from([0.0, 0.01, 2.0]),
    stall_seconds=st.sampled_from([0.0, 0.3]),
    every_seconds=st.sampled_from([0.0, 1.0]),
)


def test_a_piece_takes_half_a_round_trip_and_its_own_length() -> None:
    """1,000,000 bytes at 8 Mbit/s are a second on the wire; 100 ms of distance one way."""
    schedule = Schedule(Way(0.2, 8e6), Random(1))
    assert schedule.departure(1_000_000, now=5.0) == pytest.approx(6.1)


def test_pieces_queue_for_the_wire_but_not_for_the_distance() -> None:
    """A long pipe holds many pieces at once."""
    schedule = Schedule(Way(2.0, 8e6), Random(1))
    assert [schedule.departure(1_000_000, now=0.0) for _ in range(3)] == pytest.approx([2.0, 3.0, 4.0])


def test_an_idle_wire_saves_nothing_up() -> None:
    """Bandwidth not used is gone."""
    schedule = Schedule(Way(0.0, 8e6), Random(1))
    schedule.departure(1_000_000, now=0.0)
    assert schedule.departure(1_000_000, now=10.0) == pytest.approx(11.0)


def test_a_lost_segment_costs_a_round_trip_and_holds_up_what_follows() -> None:
    """TCP hands bytes over in order."""
    schedule = Schedule(Way(1.0, 1e9, loss=1.0), Random(1))
    first = schedule.departure(SEGMENT, now=0.0)
    assert first == pytest.approx(1.5, rel=1e-3)
    assert schedule.departure(0, now=0.0) >= first


def test_jitter_is_more_or_less_and_in_order() -> None:
    """Around the latency, never beyond the jitter; what comes later never comes earlier."""
    schedule = Schedule(Way(0.2, 1e12, jitter_seconds=0.02), Random(1))
    taken = [schedule.departure(1, at) - at for at in range(200)]
    assert (0.08 <= min(taken) < 0.09, 0.11 < max(taken) <= 0.121) == (True, True)
    close = [schedule.departure(1, 300 + at / 1000) for at in range(200)]
    assert close == sorted(close)


def test_a_wire_that_stalls_sends_nothing_meanwhile() -> None:
    """Of every ten seconds the first two; what waits is sent at the rate, not in one gulp."""
    schedule = Schedule(Way(0.0, 8e6, stall_seconds=2, every_seconds=10), Random(1), now=100.0)
    assert schedule.departure(1_000_000, now=101.0) == pytest.approx(103)
    assert schedule.departure(1_000_000, now=101.0) == pytest.approx(104)
    assert schedule.departure(1_000_000, now=109.5) == pytest.approx(110.5)  # begun before it stalls
    assert schedule.departure(1_000_000, now=109.5) == pytest.approx(113)


def test_a_stall_that_is_told_once_is_over_once() -> None:
    schedule = Schedule(Way(0.0, 8e6, stall_seconds=5), Random(1), now=100.0)
    assert [schedule.departure(1_000_000, now) for now in (100.0, 200.0)] == pytest.approx([106, 201])


def test_nothing_comes_out_of_a_cut_until_it_is_mended() -> None:
    """And what was cut off takes its time anew."""
    schedule = Schedule(Way(0.2, 8e6), Random(1))
    schedule.change(Way(0.2, 8e6, cut=True), now=5.0)
    assert schedule.departure(1, now=5.0) == math.inf == schedule.greeting_seconds()
    schedule.change(Way(0.2, 8e6), now=50.0)
    assert schedule.departure(1_000_000, now=50.0) == pytest.approx(51.1)


def test_a_slow_close_keeps_the_end_but_not_the_bytes() -> None:
    schedule = Schedule(Way(0.2, 8e6, slow_close_seconds=3), Random(1))
    assert schedule.departure(1_000_000, 0.0) == pytest.approx(1.1)
    assert schedule.end(0.0) == pytest.approx(4.1)
    assert schedule.departure(0, 0.0) == pytest.approx(1.1)  # another connection's


@settings(max_examples=150)
@given(WAYS, st.lists(st.tuples(st.integers(0, 1_000_000), st.floats(0, 1)), max_size=30), st.integers())
def test_nothing_overtakes_and_nothing_arrives_before_it_could(
    way: Way, pieces: list[tuple[int, float]], seed: int
) -> None:
    """Monotone time, whatever is lost; and a whole never comes faster than its rate allows."""
    schedule, now, last, total = Schedule(way, Random(seed)), 0.0, 0.0, 0
    for size, pause in pieces:
        now += pause
        leaves = schedule.departure(size, now)
        total += size
        assert leaves >= last
        earliest = max(0.0, way.rtt_seconds / 2 - way.jitter_seconds)
        assert leaves >= now + earliest + size * 8 / way.bits_per_second - 1e-9
        assert leaves >= total * 8 / way.bits_per_second - 1e-9
        last = leaves


def test_a_run_can_be_repeated() -> None:
    """The same seed loses the same segments."""
    one, two = (Schedule(Way(0.1, 1e6, 0.3), Random(7)) for _ in range(2))
    assert [one.departure(3000, t) for t in range(20)] == [two.departure(3000, t) for t in range(20)]


@given(WAYS)
def test_a_window_fills_the_link_within_bounds(way: Way) -> None:
    """Smaller, and distance would cap the rate; unbounded, and a slow reader would cost memory."""
    assert 256 * 1024 <= way.window <= 16 << 20
    bandwidth_delay = way.bits_per_second / 8 * way.rtt_seconds
    assert way.window >= min(bandwidth_delay, 16 << 20)
