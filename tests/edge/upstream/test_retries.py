"""Retries are a share of what is asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.upstream.retries import RetryBudget


@given(st.lists(st.booleans(), max_size=300), st.floats(0, 1), st.integers(0, 20))
def test_retries_never_exceed_the_savings_and_the_share(steps: list[bool], share: float, most: int) -> None:
    """However questions and failures alternate."""
    budget, asked, retried = RetryBudget(share, most), 0, 0
    for fails in steps:
        budget.asked()
        asked += 1
        retried += fails and budget.spend()
    assert retried <= most + share * asked + 1e-6


def test_a_quiet_node_may_retry_at_once() -> None:
    """One question, one failure: there is no load to protect."""
    assert RetryBudget().spend()


def test_when_everything_fails_a_fifth_is_asked_again() -> None:
    """In the long run."""
    budget = RetryBudget(share=0.2, most=10)
    retried = 0
    for _ in range(1000):
        budget.asked()
        retried += budget.spend()
    assert 195 <= retried <= 215
