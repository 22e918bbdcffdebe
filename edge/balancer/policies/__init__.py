"""Which PoP fits a viewer best: a policy a file, named in one place."""

from typing import Literal

from edge.balancer.policies.consistent_hash import consistent_hash
from edge.balancer.policies.failover import failover
from edge.balancer.policies.interface import Candidate, Policy, Question, Rank
from edge.balancer.policies.latency import latency
from edge.balancer.policies.least_busy import least_busy
from edge.balancer.policies.nearest import nearest
from edge.balancer.policies.weighted import weighted

Route = Literal["nearest", "latency", "weighted", "least-busy", "hash", "failover"]

POLICIES: dict[Route, Policy] = {
    "nearest": nearest,
    "latency": latency,
    "weighted": weighted,
    "least-busy": least_busy,
    "hash": consistent_hash,
    "failover": failover,
}

LASTING: frozenset[Route] = frozenset({"nearest", "hash", "failover"})
"""Those by which the same question finds the same PoP while nothing is known otherwise: no chance is in it, and nothing
that every question changes.
"""

__all__ = ["LASTING", "POLICIES", "Candidate", "Policy", "Question", "Rank", "Route"]
