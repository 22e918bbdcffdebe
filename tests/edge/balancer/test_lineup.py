"""Whom a line-up puts first is whom the whole order does."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.balancer.choose import in_order
from edge.balancer.lineup import Lineup
from edge.balancer.policies import POLICIES, Candidate, Question, Route
from tests.contracts.test_policies import questions, routes, vendor_weights, worlds

moments = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.floats(0, 400), st.integers(0, 50), st.floats(0, 1)), max_size=8
)

well = worlds.map(
    lambda pops: [evolve(pop, is_up=True, is_draining=False, weight=pop.weight or 1.0) for pop in pops]
)
"""Who is not ready returns."""


@given(worlds | well, st.lists(st.tuples(questions, moments), min_size=1, max_size=4), routes, vendor_weights)
def test_the_first_is_that_of_the_whole_order(
    pops: list[Candidate],
    asked: list[tuple[Question, dict[str, tuple[float, int, float]]]],
    route: Route,
    vendors: dict[str, float],
) -> None:
    """Of one line-up and several questions: what was measured meanwhile counts, and how much of its share who returns
    has back by now; what the line-up was made of does not."""
    policy = POLICIES[route]
    lineup = Lineup.of(pops, policy, vendors)
    for question, moment in asked:
        now = {pop.name: moment.get(pop.name, (0.0, 0, pop.share)) for pop in pops}
        shares = {pop.name: max(pop.share, now[pop.name][2]) for pop in pops}
        as_of_now = [
            evolve(pop, answer_ms=now[pop.name][0], running=now[pop.name][1], share=shares[pop.name])
            for pop in pops
        ]
        order = in_order(as_of_now, question, policy, vendors)
        first = lineup.first(question, lambda name, now=now: now[name][:2], shares.__getitem__)  # type: ignore[misc]
        assert first == (order[0].name if order else None)
