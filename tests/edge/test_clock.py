"""The clock that a node's cache goes by."""

from edge.clock import steady_clock


def test_the_steady_clock_starts_at_wall_time_and_never_runs_back() -> None:
    """A jump of the wall clock ages nothing (sheet 22.6)."""
    clock = steady_clock()
    readings = [clock() for _ in range(100)]
    assert readings == sorted(readings)
    assert readings[0] > 1_700_000_000
