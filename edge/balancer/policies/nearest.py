"""The region with the shortest round trip; within it, by what is asked for."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Question, Rank
from edge.upstream.rendezvous import affinity


def nearest(pop: Candidate, question: Question) -> Rank:
    """So the edges of one region hold different objects instead of the same twice."""
    return pop.distance_ms, pop.region, -affinity(pop.name, question.key)
