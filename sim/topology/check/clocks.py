"""Whose clocks go wrong."""

from __future__ import annotations

from sim.topology.check.findings import Findings, unknown
from sim.topology.model import Topology
from sim.topology.scaling import instance_names
from wire.document import Document


def clocks(topology: Topology, document: Document) -> Findings:
    """Nodes there are have them."""
    pools = topology.origins.items()
    instances = (each for name, pool in pools for each in instance_names(name, pool.instances))
    known = (*topology.origins, *instances, *topology.pops, "vendors", "balancer")
    for name in topology.clocks:
        if name not in known:
            yield ("clocks", name), unknown("node", name, known)
