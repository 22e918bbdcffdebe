"""What is asked for alone decides, wherever the viewer is: each object is at home at one PoP."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Policy, Question, Rank
from edge.upstream.rendezvous import score


def _at_home(pop: Candidate, question: Question) -> Rank:
    """By rendezvous: when a PoP leaves, only its own objects move, and they move apart. A weight is a share of
    the objects."""
    return (-score(pop.name, question.key, pop.weight),)


consistent_hash = Policy(asked=_at_home)
