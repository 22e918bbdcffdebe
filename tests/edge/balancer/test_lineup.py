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
    st.sampled_from("abcdefgh"), st.tuples(st.floats(0, 400), st.integers(0, 50)), max_size=8
)


@given(worlds, st.lists(st.tuples(questions, moments), min_size=1, max_size=4), routes, vendor_weights)
def test_the_first_is_that_of_the_whole_order(
    pops: list[Candidate],
    asked: list[tuple[Question, dict[str, tuple[float, int]]]],
    route: Route,
    vendors: dict[str, float],
) -> None:
    """Of one line-up and several questions: what was measured meanwhile counts, what it was made of does not."""
    policy = POLICIES[route]
    pops = [evolve(pop, share=1.0) for pop in pops]
    lineup = Lineup.of(pops, policy, vendors)
    for question, moment in asked:
        now = {pop.name: moment.get(pop.name, (0.0, 0)) for pop in pops}
        as_of_now = [evolve(pop, answer_ms=now[pop.name][0], running=now[pop.name][1]) for pop in pops]
        order = in_order(as_of_now, question, policy, vendors)
        first = lineup.first(question, now.__getitem__)
        assert first == (order[0].name if order else None)
