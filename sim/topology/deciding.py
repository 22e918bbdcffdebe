"""Which of a vendor's rules decide about a path, at every PoP that plays one."""

from __future__ import annotations

from typing import Any

from edge.core.key import normal_target
from edge.personality.cloudfront.behavior import PathBehavior
from edge.personality.cloudfront.settings import Distribution
from edge.personality.cloudfront.treatments import Treatments
from sim.topology.model import Topology
from sim.topology.served import served_by


def deciding(topology: Topology, path: str) -> dict[str, dict[str, Any]]:
    """PoP → how CloudFront's rules there come out for a raw path, with or without a query."""
    normal = normal_target(path.partition("?")[0])
    return {
        each.pop: _of(distribution, normal)
        for each in served_by(topology)
        if (distribution := each.by_cloudfront) is not None
    }


def _of(distribution: Distribution, path: str) -> dict[str, Any]:
    treatments = Treatments.of(distribution)
    told = treatments.at(path).behavior
    lifetimes = told.lifetimes
    return {
        "distribution": distribution.id,
        "behavior": told.path_pattern if isinstance(told, PathBehavior) else "default",
        "signature": bool(treatments.gates(path)),
        "methods": told.methods,
        "protocol": told.protocol,
        "ttl": {"least": lifetimes.least, "default": lifetimes.default, "most": lifetimes.most},
    }
