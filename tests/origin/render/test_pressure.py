import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.render.pressure import WINDOW_SECONDS, Pressed, Pressure


def test_a_pool_that_does_nothing_is_not_pressed() -> None:
    """Nor is one that has just begun, of no time at all."""
    assert Pressure(2, began_at=10.0).at(10.0) == Pressed()
    assert Pressure(2, began_at=10.0).at(99.0) == Pressed()


def test_utilisation_is_the_part_of_all_workers_time_that_jobs_take() -> None:
    """One of two workers busy for half the window is a quarter."""
    pressure = Pressure(2, began_at=0.0)
    pressure.joined(1, 10.0)
    pressure.taken(1, 10.0)
    pressure.over(1, 10.0 + WINDOW_SECONDS / 2)
    assert pressure.at(10.0 + WINDOW_SECONDS).utilisation == pytest.approx(0.25)


def test_a_job_that_still_runs_takes_time_already() -> None:
    """A render of ten seconds must not look like idleness until it is over."""
    pressure = Pressure(1, began_at=0.0)
    pressure.joined(1, 0.0)
    pressure.taken(1, 0.0)
    assert pressure.at(10.0).utilisation == 1.0


def test_who_waits_still_counts_with_the_wait_so_far() -> None:
    """Where nothing is taken any more, no wait ends that could be measured."""
    pressure = Pressure(1, began_at=0.0)
    pressure.joined(1, 5.0)
    assert pressure.at(9.0).queue_wait_seconds == 4.0
    pressure.over(1, 9.0)  # it gave up
    assert pressure.at(9.0).queue_wait_seconds == 0.0


def test_waits_are_forgotten_after_the_window() -> None:
    """The figures are of now."""
    pressure = Pressure(1, began_at=0.0)
    pressure.joined(1, 0.0)
    pressure.taken(1, 2.0)
    pressure.over(1, 2.5)
    assert pressure.at(2.5).queue_wait_seconds == 2.0
    assert pressure.at(2.6 + WINDOW_SECONDS) == Pressed()


def test_one_long_wait_among_many_short_ones_is_not_the_queue() -> None:
    """95 of a hundred say how it is."""
    pressure = Pressure(1, began_at=0.0)
    for number in range(100):
        pressure.joined(number, 0.0 if number == 7 else 2.0)
        pressure.taken(number, 2.0)
        pressure.over(number, 2.0)
    assert pressure.at(2.0).queue_wait_seconds == 0.0


def test_what_never_joined_presses_nobody() -> None:
    """Mezzanines are made in idle moments."""
    pressure = Pressure(1, began_at=0.0)
    pressure.taken(1, 1.0)
    pressure.over(1, 2.0)
    assert pressure.at(2.0) == Pressed()


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), max_size=30), st.floats(0, 20))
def test_figures_are_within_their_bounds(jobs: list[tuple[float, float]], later: float) -> None:
    """Whatever comes, and however the jobs overlap."""
    pressure, now = Pressure(3, began_at=0.0), 0.0
    for number, (waited, worked) in enumerate(jobs):
        pressure.joined(number, now)
        now += waited
        pressure.taken(number, now)
        now += worked
        if number % 2:
            pressure.over(number, now)
    told = pressure.at(now + later)
    assert 0.0 <= told.utilisation <= 1.0
    assert 0.0 <= told.queue_wait_seconds <= max((waited for waited, _ in jobs), default=0.0) + 1e-9
