"""Distances, and what they cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.balancer.geo import Place, great_circle_km, rtt_ms

FRANKFURT, SINGAPORE, ASHBURN = (50.1, 8.7), (1.35, 103.8), (39.0, -77.5)
PLACES = {"eu": FRANKFURT, "sea": SINGAPORE, "nae": ASHBURN}

places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_frankfurt_is_ten_thousand_kilometres_from_singapore() -> None:
    """A figure anyone can look up."""
    assert great_circle_km(FRANKFURT, SINGAPORE) == pytest.approx(10_260, rel=0.01)


@given(places, places)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_globe(here: Place, there: Place) -> None:
    """No pair of places is further apart than antipodes."""
    assert great_circle_km(here, there) == pytest.approx(great_circle_km(there, here), abs=1e-6)
    assert 0 <= great_circle_km(here, there) <= 20_016


def test_an_unmeasured_round_trip_costs_17_4_ms_per_1000_km() -> None:
    """The median of many measured pairs (workloads.md §6)."""
    assert rtt_ms("eu", "sea", {}, PLACES) == pytest.approx(178.5, rel=0.01)


def test_a_measured_round_trip_counts_in_both_directions() -> None:
    """One figure per pair is enough; it beats any estimate."""
    measured = {"eu": {"sea": 158.0}}
    assert rtt_ms("eu", "sea", measured, PLACES) == 158.0
    assert rtt_ms("sea", "eu", measured, PLACES) == 158.0


def test_home_is_near_and_nowhere_is_infinitely_far() -> None:
    """A region without a place can still be chosen, last."""
    assert rtt_ms("eu", "eu", {}, PLACES) < 5
    assert rtt_ms("eu", "atlantis", {}, PLACES) == float("inf")
