"""sim.report.gather: rates from counts."""

from typing import Any

import pytest

from sim.report.gather import Counted, Tally
from sim.report.top import Took


def counted(at: float, requests: int, pid: int = 1, **more: Any) -> Counted:
    return Counted(at=at, pid=pid, requests=requests, **more)


def test_a_rate_is_taken_over_a_few_seconds() -> None:
    tally = Tally()
    for second in range(6):
        tally.add(counted(second, second * 10))
    assert tally.requests_per_second == pytest.approx(10)


def test_a_restarted_node_begins_at_nothing() -> None:
    """Its counters start again at 0: a difference across the restart would be negative."""
    tally = Tally()
    tally.add(counted(0, 1000))
    tally.add(counted(1, 3, pid=2))
    assert tally.requests_per_second == 0
    tally.add(counted(2, 8, pid=2))
    assert tally.requests_per_second == pytest.approx(5)


def test_ratios_are_unknown_before_there_is_anything_to_divide() -> None:
    tally = Tally()
    assert Tally().hit_ratio is None
    assert Tally().cache_fill is None
    tally.add(counted(0, 4, hits=3, misses=1, cache_bytes=5, cache_limit=20))
    assert (tally.hit_ratio, tally.cache_fill) == (0.75, 0.25)


def test_a_silent_node_has_no_rate() -> None:
    tally = Tally()
    tally.add(counted(0, 0))
    tally.add(counted(1, 5))
    assert tally.is_answering
    tally.lost()
    assert tally.requests_per_second == 0
    assert not tally.is_answering


def test_a_status_of_any_shape_is_read_for_what_it_has() -> None:
    """A balancer has no cache; a broken answer must not break the view."""
    status = {
        "pid": 7,
        "requests": 5,
        "hits": "many",
        "cache": {"hot_bytes": 1, "disk_bytes": 2, "hot_limit": 10},
    }
    assert Counted.parse(status, at=1.0) == Counted(at=1.0, pid=7, requests=5, cache_bytes=3, cache_limit=10)
    assert Counted.parse({"cache": None}, at=1.0) == Counted(at=1.0)


def test_latency_is_that_of_the_last_half_minute() -> None:
    """A slow start is forgotten, as it is by those who look."""
    tally = Tally()
    tally.add(counted(0, 10, bounds=(0.1, 1.0), slots=(0, 10, 0)))
    assert tally.latency(0.5) is None
    for second in range(1, 40):
        tally.add(counted(second, 10 + second, bounds=(0.1, 1.0), slots=(second, 10, 0)))
    assert tally.latency(0.5) == Took(0.05)
    assert tally.requests_per_second == pytest.approx(1)
    tally.lost()
    assert tally.latency(0.5) is None
