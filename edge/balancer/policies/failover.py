"""One PoP for everybody; the next of the chain when it is not well."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Policy, Rank


def _in_the_chain(pop: Candidate) -> Rank:
    return (pop.place,)


failover = Policy(lasting=_in_the_chain)
