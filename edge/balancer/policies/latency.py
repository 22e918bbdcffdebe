"""The lowest latency: the way to the region, and what the PoP itself was measured to take."""

from __future__ import annotations

from edge.balancer.policies.interface import Candidate, Policy, Question, Rank
from edge.upstream.rendezvous import affinity

GRAIN_MS = 5.0  # what is closer than this is the same: objects must not wander with the noise


def _soon(pop: Candidate, answer_ms: float, _running: int) -> Rank:
    """A PoP that is swamped loses its viewers to one that is farther and faster."""
    return (round((pop.distance_ms + answer_ms) / GRAIN_MS),)


def _at_home(pop: Candidate, question: Question) -> Rank:
    return (-affinity(pop.name, question.key),)


latency = Policy(measured=_soon, asked=_at_home)
