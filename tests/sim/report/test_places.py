"""sim.report.places: regions, of what their nodes counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.report.gather import Counted, Tally
from sim.report.places import place_of, together
from sim.topology.model import Place

HERE = Place(50.1, 8.7)
BOUNDS = (0.01, 0.1, 1.0)


def tally(*counts: Counted) -> Tally:
    made = Tally()
    for counted in counts:
        made.add(counted)
    return made


def test_a_region_is_its_nodes_taken_together() -> None:
    """Ratios are of all questions, not means of means; latencies of all answers."""
    busy = tally(
        Counted(0, requests=0, bounds=BOUNDS, slots=(0, 0, 0, 0)),
        Counted(1, requests=90, hits=81, misses=9, bounds=BOUNDS, slots=(0, 90, 0, 0)),
    )
    idle = tally(
        Counted(0, requests=0, bounds=BOUNDS, slots=(0, 0, 0, 0)),
        Counted(1, requests=10, hits=0, misses=10, bounds=BOUNDS, slots=(0, 0, 0, 10)),
    )
    told = place_of("eu", HERE, ["ready", "stopped", "standby"], [busy, idle])
    assert (told["at"], told["ready"], told["of"]) == ([50.1, 8.7], 1, 2)
    assert (told["requests_per_second"], told["hit_ratio"]) == (100.0, 0.81)
    assert told["p95"] == {"ms": 1000.0, "is_over": True}


def test_where_nobody_asks_there_is_no_ratio() -> None:
    told = place_of("eu", HERE, ["ready"], [Tally()])
    assert (told["requests_per_second"], told["hit_ratio"], told["p95"]) == (0, None, None)


SLOTS = st.lists(st.integers(0, 1000), min_size=4, max_size=4).map(tuple)


@given(st.lists(SLOTS, min_size=1))
def test_histograms_add_up(counted: list[tuple[int, ...]]) -> None:
    bounds, slots = together((BOUNDS, each) for each in counted)
    assert bounds == BOUNDS
    assert slots == tuple(map(sum, zip(*counted, strict=True)))


def test_a_node_of_another_version_is_left_out() -> None:
    assert together([(BOUNDS, (1, 1, 1, 1)), ((0.5,), (7, 7)), ((), ())]) == (BOUNDS, (1, 1, 1, 1))
    assert together([]) == ((), ())
