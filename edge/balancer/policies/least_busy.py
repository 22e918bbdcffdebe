"""Who has the fewest requests running for its weight."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Question, Rank
from edge.upstream.rendezvous import affinity


def least_busy(pop: Candidate, question: Question) -> Rank:
    """Counted with the one to come, so that idle PoPs too are chosen by weight; then the nearest, then by
    chance."""
    busy = (pop.running + 1) / pop.weight if pop.weight else float("inf")
    return busy, pop.distance_ms, -affinity(pop.name, question.draw)
