"""What holds under every routing policy: see `edge.balancer.choose` and `edge.balancer.policies`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.balancer.choose import Tier, in_order, tier
from edge.balancer.policies import POLICIES, Candidate, Question, Route

every_policy = pytest.mark.parametrize("route", POLICIES)
routes = st.sampled_from(sorted(POLICIES))
words = st.text(max_size=12)
questions = st.builds(Question, key=words, draw=st.integers(0, 2**64 - 1))
VENDORS = ("", "akamai", "cloudfront")
vendor_weights = st.dictionaries(st.sampled_from(VENDORS), st.sampled_from([0.0, 0.5, 1.0, 3.0]))
candidates = st.builds(
    Candidate,
    name=st.sampled_from("abcdefgh"),
    region=st.sampled_from(["eu", "na", "sea"]),
    distance_ms=st.floats(0, 400),
    answer_ms=st.floats(0, 400),
    weight=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    running=st.integers(0, 50),
    place=st.integers(0, 7),
    vendor=st.sampled_from(VENDORS),
    is_up=st.booleans(),
    is_draining=st.booleans(),
    share=st.sampled_from([0.05, 0.5, 1.0]),
)
worlds = st.lists(candidates, max_size=8, unique_by=lambda pop: pop.name)
POPS = tuple(
    Candidate(name, region, distance, place=place)
    for place, (name, region, distance) in enumerate(
        [("ash", "na", 92.0), ("fra-a", "eu", 2.0), ("fra-b", "eu", 2.0), ("sin", "sea", 158.0)]
    )
)


def order(
    pops: Sequence[Candidate], question: Question, route: Route, vendors: dict[str, float] | None = None
) -> list[str]:
    return [pop.name for pop in in_order(pops, question, POLICIES[route], vendors or {})]


@given(worlds, questions, routes, vendor_weights)
def test_nobody_is_forgotten_and_nobody_asked_twice(
    pops: list[Candidate], question: Question, route: Route, vendors: dict[str, float]
) -> None:
    """Whoever may be asked is somewhere in the order: the last resort, too."""
    assert sorted(order(pops, question, route, vendors)) == sorted(pop.name for pop in pops)


@given(worlds, questions, routes, vendor_weights)
def test_no_viewer_is_sent_to_an_ejected_pop_while_a_healthy_one_is_left(
    pops: list[Candidate], question: Question, route: Route, vendors: dict[str, float]
) -> None:
    """Nor to a draining one while one is up that is not, of whatever vendor."""
    chosen = in_order(pops, question, POLICIES[route], vendors)
    assert [pop.is_up for pop in chosen] == sorted((pop.is_up for pop in chosen), reverse=True)
    draining = [pop.is_draining for pop in chosen if pop.is_up]
    assert draining == sorted(draining)


@given(worlds, questions, routes, vendor_weights)
def test_reserves_wait_until_nobody_else_is_left(
    pops: list[Candidate], question: Question, route: Route, vendors: dict[str, float]
) -> None:
    """A weight of 0, of a PoP or of its vendor, under every policy."""
    chosen = [pop for pop in in_order(pops, question, POLICIES[route], vendors) if pop.is_up]
    idle = [not (pop.weight and vendors.get(pop.vendor, 1.0)) for pop in chosen if not pop.is_draining]
    assert idle == sorted(idle)


@given(worlds, questions, routes, vendor_weights)
def test_the_vendor_is_chosen_before_the_pop(
    pops: list[Candidate], question: Question, route: Route, vendors: dict[str, float]
) -> None:
    """All of one vendor's PoPs that are well come before the next vendor's."""
    chosen = [
        pop.vendor
        for pop in in_order(pops, question, POLICIES[route], vendors)
        if tier(pop, question, vendors.get(pop.vendor, 1.0)) is Tier.READY
    ]
    changes = sum(one != other for one, other in pairwise(chosen))
    assert changes == max(0, len(set(chosen)) - 1)


@given(worlds, questions, routes, st.randoms(use_true_random=False))
def test_the_order_of_the_document_decides_nothing(
    pops: list[Candidate], question: Question, route: Route, rng: Random
) -> None:
    """Two balancers of one world, or a restarted one, choose alike."""
    shuffled = rng.sample(pops, len(pops))
    assert order(pops, question, route) == order(shuffled, question, route)


@given(worlds, questions, routes)
def test_who_leaves_moves_only_its_own(pops: list[Candidate], question: Question, route: Route) -> None:
    """The others keep their order: no policy compares one PoP with another."""
    before = order(pops, question, route)
    for lost in pops:
        left = [pop for pop in pops if pop is not lost]
        assert order(left, question, route) == [name for name in before if name != lost.name]


@every_policy
@pytest.mark.parametrize("shares", [(70, 30), (1, 1), (90, 10), (1, 0)])
def test_vendors_get_their_weights(route: Route, shares: tuple[int, int]) -> None:
    """Of 4,000 questions, within four standard deviations; who has no weight gets none."""
    pops = [evolve(pop, vendor=vendor) for pop, vendor in zip(POPS, "abab", strict=True)]
    weights = dict(zip("ab", map(float, shares), strict=True))
    vendor_of = {pop.name: pop.vendor for pop in pops}
    firsts = Counter(vendor_of[order(pops, Question(f"/{n}", n), route, weights)[0]] for n in range(4000))
    expected = shares[0] / sum(shares)
    assert abs(firsts["a"] / 4000 - expected) <= 4 * (expected * (1 - expected) / 4000) ** 0.5


@every_policy
def test_when_a_vendor_is_lost_another_takes_all_it_had(route: Route) -> None:
    """And gives it back: the rest of the vendors keep what was theirs."""
    pops = [evolve(pop, vendor=vendor) for pop, vendor in zip(POPS, "abcb", strict=True)]
    lost = [evolve(pop, is_up=pop.vendor != "b") for pop in pops]
    vendor_of = {pop.name: pop.vendor for pop in pops}
    for n in range(200):
        question = Question(f"/{n}", n)
        before, after = order(pops, question, route)[0], order(lost, question, route)[0]
        assert vendor_of[after] != "b"
        assert after == before or vendor_of[before] == "b"


@every_policy
def test_who_returns_wins_its_keys_back_a_few_at_a_time(route: Route) -> None:
    """As large a part of them as its share; a key that is back stays, and the others notice nothing."""
    away = [evolve(pop, is_up=pop.name != "fra-a") for pop in POPS]
    questions = [Question(f"/{n}", n) for n in range(2000)]
    gone = {question: order(away, question, route)[0] for question in questions}
    whole = {question: order(POPS, question, route)[0] for question in questions}
    mine = [question for question in questions if whole[question] == "fra-a"]
    back: set[Question] = set()
    for share in (0.05, 0.25, 0.5, 1.0):
        pops = [evolve(pop, share=share if pop.name == "fra-a" else 1.0) for pop in POPS]
        now = {question: order(pops, question, route)[0] for question in questions}
        won = {question for question in questions if now[question] == "fra-a"}
        assert back <= won <= set(mine)
        assert all(now[question] == gone[question] for question in set(questions) - won)
        assert abs(len(won) - share * len(mine)) <= 4 * (share * (1 - share) * len(mine)) ** 0.5
        back = won
