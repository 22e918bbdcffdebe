"""What a node counts adds up, whoever answered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.control.tally import BUCKETS, Tally
from edge.core.outcome import Outcome, Verdict


@given(st.lists(st.floats(0, 100), max_size=30), st.integers(0, 50))
def test_every_answer_is_in_one_slot_of_the_histogram(seconds: list[float], express: int) -> None:
    """Those of the express lane in the first; the cumulative buckets end at the total."""
    tally = Tally(express_hits=express)
    for each in seconds:
        tally.answered(Outcome(Verdict.MISS, 200, "", "", 0.0, 0.0), 1, each)
    assert sum(tally.slots) == tally.total == len(seconds) + express
    assert tally.slots[0] >= express
    buckets, total = tally.latency()
    assert [bound for bound, _ in buckets] == [*map(str, BUCKETS), "+Inf"]
    counts = [count for _, count in buckets]
    assert counts == sorted(counts)
    assert counts[-1] == tally.total
    assert abs(total - sum(seconds)) < 1e-6
