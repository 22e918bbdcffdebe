"""sim.topology.distance: measured where a table knows, else by the great circle."""

import pytest

from sim.topology.distance import MEASURED_MS, MEASURED_REGIONS, kilometres, round_trip_ms
from sim.topology.model import Place


def test_the_table_is_symmetric_and_complete() -> None:
    """A round trip is the same seen from both ends."""
    assert all(len(row) == len(MEASURED_REGIONS) == len(MEASURED_MS) for row in MEASURED_MS)
    assert all(MEASURED_MS[i][j] == MEASURED_MS[j][i] for i in range(11) for j in range(i))


def test_a_measured_pair_is_taken_from_the_table() -> None:
    """workloads.md §6: Virginia to Singapore."""
    assert round_trip_ms("na-east", "se-asia", {}) == 212


def test_an_unmeasured_pair_goes_by_distance() -> None:
    """17.4 ms per 1,000 km; Berlin to Jakarta is some 10,800 km."""
    places = {"berlin": Place(52.5, 13.4), "jakarta": Place(-6.2, 106.8)}
    assert kilometres(places["berlin"], places["jakarta"]) == pytest.approx(10_800, rel=0.01)
    assert round_trip_ms("berlin", "jakarta", places) == pytest.approx(188, rel=0.01)


def test_inside_one_region_it_is_short() -> None:
    assert round_trip_ms("berlin", "berlin", {"berlin": Place(52.5, 13.4)}) == 1.0
