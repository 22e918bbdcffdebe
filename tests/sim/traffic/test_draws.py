"""sim.traffic.draws: the distributions are the ones they are named for."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.traffic.draws import Zipf, lognormal_of, share_of


@given(st.integers(0, 2**40), st.lists(st.integers(0, 2**40) | st.text(max_size=5), max_size=4))
def test_a_keys_share_is_its_own_for_ever(seed: int, key: list[int | str]) -> None:
    share = share_of(seed, *key)
    assert 0 < share < 1
    assert share == share_of(seed, *key)
    assert share != share_of(seed + 1, *key)


def test_shares_are_spread_evenly() -> None:
    tenths = [0] * 10
    for number in range(20_000):
        tenths[int(share_of(1, "x", number) * 10)] += 1
    assert all(abs(count - 2000) < 4 * math.sqrt(2000) for count in tenths)


@pytest.mark.parametrize("exponent", [0.64, 0.8, 0.95, 1.0, 1.2])
def test_zipf_ranks_follow_their_exponent(exponent: float) -> None:
    """The maximum likelihood of what was drawn is where it should be (workloads.md §12: within 0.03)."""
    count, rng = 10_000, Random(1)
    zipf = Zipf(count, exponent)
    drawn = [zipf.draw(rng) for _ in range(40_000)]
    assert 1 <= min(drawn) <= max(drawn) <= count
    logs = sum(math.log(rank) for rank in drawn) / len(drawn)

    def slope(guess: float) -> float:
        """The derivative of the log-likelihood: the mean log rank that the guess expects, less the one seen."""
        weights = [rank**-guess for rank in range(1, count + 1)]
        expected = sum(w * math.log(r) for r, w in enumerate(weights, start=1)) / sum(weights)
        return float(expected - logs)

    low, high = 0.0, 3.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    assert abs(low - exponent) < 0.03


@given(st.integers(1, 50), st.floats(0, 2.5), st.integers())
def test_a_rank_is_one_of_them(count: int, exponent: float, seed: int) -> None:
    zipf, rng = Zipf(count, exponent), Random(seed)
    assert all(1 <= zipf.draw(rng) <= count for _ in range(20))


@pytest.mark.parametrize(("count", "exponent"), [(0, 1.0), (5, -0.1)])
def test_there_is_no_zipf_of_nothing(count: int, exponent: float) -> None:
    with pytest.raises(ValueError, match="at least"):
        Zipf(count, exponent)


def test_quantiles_of_lognormal() -> None:
    assert lognormal_of(0.5, 10_000, 1.27) == pytest.approx(10_000)
