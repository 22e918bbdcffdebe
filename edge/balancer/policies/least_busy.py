"""Who has the fewest requests running for its weight."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Policy, Question, Rank
from edge.upstream.rendezvous import luck


def _busy(pop: Candidate, _answer_ms: float, running: int) -> Rank:
    """Counted with the one to come, so that idle PoPs too are chosen by weight."""
    return ((running + 1) / pop.weight if pop.weight else float("inf"),)


def _near(pop: Candidate) -> Rank:
    return (pop.distance_ms,)


def _by_chance(pop: Candidate, question: Question) -> Rank:
    return (-luck(pop.name, question.draw),)


least_busy = Policy(_busy, _near, _by_chance)
