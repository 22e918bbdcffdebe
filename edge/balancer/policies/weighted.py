"""To each PoP its weight's share of all questions, by chance."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Question, Rank
from edge.upstream.rendezvous import score


def weighted(pop: Candidate, question: Question) -> Rank:
    """A draw for every question; the second choice is drawn among the others by the same shares."""
    return (-score(pop.name, question.draw, pop.weight),)
