"""To each PoP its weight's share of all questions, by chance."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Policy, Question, Rank
from edge.upstream.rendezvous import drawn


def _drawn(pop: Candidate, question: Question) -> Rank:
    """A draw for every question; the second choice is drawn among the others by the same shares."""
    return (-drawn(pop.name, question.draw, pop.weight),)


weighted = Policy(asked=_drawn)
