"""The region with the shortest round trip; within it, by what is asked for."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Policy, Question, Rank
from edge.upstream.rendezvous import affinity


def _near(pop: Candidate) -> Rank:
    return pop.distance_ms, pop.region


def _at_home(pop: Candidate, question: Question) -> Rank:
    """So the edges of one region hold different objects instead of the same twice."""
    return (-affinity(pop.name, question.key),)


nearest = Policy(lasting=_near, asked=_at_home)
