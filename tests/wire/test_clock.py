"""wire.clock."""

import time

import pytest

from wire.clock import RIGHT, Clock


def test_the_steady_clock_starts_at_wall_time_and_never_runs_back() -> None:
    """Ages are counted on it, and wall times are told from it."""
    clock = RIGHT.steady()
    first = clock()
    assert abs(first - time.time()) < 1.0
    assert clock() >= first


@pytest.mark.parametrize("skew", [-300.0, 300.0])
def test_a_clock_that_goes_wrong_goes_wrong_by_as_much_in_both_ways_of_asking(skew: float) -> None:
    """Five minutes fast or slow: what is told to viewers and what ages are counted on are one clock."""
    clock = Clock(skew)
    assert abs(clock.wall() - time.time() - skew) < 1.0
    assert abs(clock.steady()() - time.time() - skew) < 1.0
