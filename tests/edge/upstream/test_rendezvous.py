"""Who is at home with what."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.upstream.rendezvous import RANGE, affinity, drawn, luck, part, score

words = st.text(max_size=20)


@given(words, words, st.floats(1e-6, 1e6))
def test_scores_are_positive_and_finite(name: str, key: str, weight: float) -> None:
    """So that who has any weight always comes before who has none."""
    assert 0 <= affinity(name, key) < RANGE
    assert 0 < part(name, key) < 1
    assert 0 < score(name, key, weight) < float("inf")
    assert score(name, key, 0.0) == 0


@given(words, st.integers(0, RANGE - 1), st.floats(1e-6, 1e6))
def test_so_is_what_is_drawn(name: str, draw: int, weight: float) -> None:
    """Zero and all ones among the draws."""
    assert 0 < luck(name, draw) < 1
    assert 0 < drawn(name, draw, weight) < float("inf")
    assert drawn(name, draw, 0.0) == 0


def test_luck_is_even_and_one_names_tells_nothing_of_anothers() -> None:
    """Of draws in a row, too: sixteen equal parts each, and of both together. Within five standard deviations."""
    count, parts = 40_000, 16
    pairs = Counter((int(luck("a", n) * parts), int(luck("b", n) * parts)) for n in range(count))
    for place in range(2):
        each = Counter[int]()
        for pair, times in pairs.items():
            each[pair[place]] += times
        assert all(abs(times - count / parts) < 5 * (count / parts) ** 0.5 for times in each.values())
    expected = count / parts**2
    assert len(pairs) == parts**2
    assert all(abs(times - expected) < 5 * expected**0.5 for times in pairs.values())


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
