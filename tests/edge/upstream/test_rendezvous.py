"""Who is at home with what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.upstream.rendezvous import RANGE, affinity, part, score

words = st.text(max_size=20)


@given(words, words, st.floats(1e-6, 1e6))
def test_scores_are_positive_and_finite(name: str, key: str, weight: float) -> None:
    """So that who has any weight always comes before who has none."""
    assert 0 <= affinity(name, key) < RANGE
    assert 0 < part(name, key) < 1
    assert 0 < score(name, key, weight) < float("inf")
    assert score(name, key, 0.0) == 0


@given(words, words, words)
def test_with_equal_weights_the_order_is_that_of_the_hash(one: str, other: str, key: str) -> None:
    """A weight that all have changes nothing."""
    if affinity(one, key) >> 11 != affinity(other, key) >> 11:
        by_hash = affinity(one, key) > affinity(other, key)
        assert (score(one, key, 1.0) > score(other, key, 1.0)) is by_hash


def test_a_choice_outlives_the_process_that_made_it() -> None:
    """Caches on disk are found again by whoever chooses next year: the function may never change."""
    assert affinity("fra-a", "/cat.jpg") == 0x07776260DED8F957
    assert part("fra-a", "/cat.jpg") == pytest.approx(0.029165409708)
