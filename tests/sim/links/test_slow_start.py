"""sim.links.slow_start: what a new connection's windows cost."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.links.schedule import InSeries, Schedule
from sim.links.slow_start import INITIAL_WINDOW, Cold, SlowStart
from sim.links.way import Way

PIECES = st.lists(st.tuples(st.integers(0, 400_000), st.floats(0, 0.5)), min_size=1, max_size=25)
WAYS = st.builds(
    Way,
    rtt_seconds=st.floats(0, 1),
    bits_per_second=st.floats(1e5, 1e10),
    loss=st.sampled_from([0.0, 0.05]),
    jitter_seconds=st.sampled_from([0.0, 0.01]),
)


def trips_of(size: int) -> int:
    """Round trips that so many bytes take on a cold connection, the question's among them (workloads.md §6)."""
    return math.ceil(math.log2(size / 14_600 + 1))


def cold(shared: Way, own: Way, seed: int = 1) -> Cold:
    both = InSeries(Schedule(shared, Random(seed)), Schedule(own, Random(seed)))
    return Cold(both, SlowStart(), shared.rtt_seconds + own.rtt_seconds, both.bits_per_second)


@pytest.mark.parametrize("size", [1, 1_000, 14_600, 14_601, 43_800, 43_801, 100_000, 10_000_000])
def test_a_cold_connection_takes_the_round_trips_that_the_sheet_says(size: int) -> None:
    """Whether all is sent at once or piece by piece; the first of them is the question's own, half of it the
    answer's."""
    rtt, rate = 0.1, 50e6
    expected = (trips_of(size) - 0.5) * rtt + size * 8 / rate
    at_once = cold(Way(0.06, 1e9), Way(0.04, rate))
    assert at_once.departure(size, 0.0) == pytest.approx(expected, rel=0.05, abs=0.001)
    timing, left, comes = cold(Way(0.06, 1e9), Way(0.04, rate)), size, 0.0
    while left:
        piece = min(left, timing.piece())
        comes = timing.departure(piece, 0.0)
        left -= piece
    assert comes == pytest.approx(expected, rel=0.05, abs=0.001)


def test_a_warm_connection_waits_for_nothing() -> None:
    timing = cold(Way(0.06, 1e9), Way(0.04, 50e6))
    timing.start.is_over = True
    assert timing.departure(10_000_000, 0.0) == pytest.approx(
        0.05 + 0.08 + 1.6
    )  # on one wire, then the other
    assert timing.piece() > INITIAL_WINDOW


def test_who_paused_for_a_round_trip_has_been_heard() -> None:
    """Nothing is under way then: a whole window is free."""
    timing = cold(Way(0.1, 1e9), Way(0.0, 1e9))
    assert timing.departure(14_600, 0.0) == pytest.approx(0.05, abs=0.001)
    assert timing.departure(14_600, 5.0) == pytest.approx(5.05, abs=0.001)
    assert timing.departure(1, 5.0) == pytest.approx(5.15, abs=0.001)


def test_behind_a_cut_nothing_comes_and_nothing_is_spent() -> None:
    """What sets out again when it is mended does so in a first window."""
    start = SlowStart()
    assert start.leaves(10_000, math.inf, 0.1, 1e9) == math.inf
    assert start.leaves(14_600, 3.0, 0.1, 1e9) == 3.0
    start.begin_anew()
    assert start.leaves(14_600, 4.0, 0.1, 1e9) == 4.0
    assert start.leaves(1, 4.0, 0.1, 1e9) == pytest.approx(4.1)


def test_windows_that_nobody_confirms_let_nothing_through() -> None:
    """The way back is cut: a first window comes, and no more."""
    start = SlowStart()
    assert start.leaves(14_600, 1.0, math.inf, 1e9) == 1.0
    assert start.leaves(1, 1.0, math.inf, 1e9) == math.inf


@given(WAYS, WAYS, PIECES, st.integers())
def test_nothing_overtakes_and_nothing_comes_sooner_than_on_a_warm_one(
    shared: Way, own: Way, pieces: list[tuple[int, float]], seed: int
) -> None:
    """Monotone time; and where nothing goes wrong, later by no more than the round trips of all the bytes."""
    timing, warm = cold(shared, own, seed), cold(shared, own, seed)
    warm.start.is_over = True
    now, last, total = 0.0, 0.0, 0
    for size, pause in pieces:
        now += pause
        total += size
        comes, soonest = timing.departure(size, now), warm.departure(size, now)
        assert comes >= last
        assert comes >= soonest
        if not (shared.loss or own.loss or shared.jitter_seconds or own.jitter_seconds):
            # one piece on the faster wire, which a smaller one behind it is not
            slack = max(size for size, _ in pieces) * 8 / max(shared.bits_per_second, own.bits_per_second)
            waited = max(trips_of(total) - 1, 0) * timing.round_trip_seconds
            assert comes <= soonest + waited + slack + 1e-6
        last = comes
