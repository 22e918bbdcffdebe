"""One PoP for everybody; the next of the chain when it is not well."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Question, Rank


def failover(pop: Candidate, _question: Question) -> Rank:
    """In the order of the chain."""
    return (pop.place,)
