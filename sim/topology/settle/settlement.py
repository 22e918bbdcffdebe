"""Every node of a world, told what it must know."""

from __future__ import annotations

from attrs import evolve, frozen

from sim.topology.model import Topology
from sim.topology.scaling import instance_names
from sim.topology.served import plays_vendors
from sim.topology.settle.balancer import balancer_node
from sim.topology.settle.ground import Ground
from sim.topology.settle.node import Node
from sim.topology.settle.origin import origin_node
from sim.topology.settle.pop import pop_node
from sim.topology.settle.vendors import vendors_node
from wire.clock import Clock


@frozen
class Settlement(Ground):
    """The whole world, settled."""

    def nodes(self) -> tuple[Node, ...]:
        """Every node, those that others ask first."""
        origins = [
            with_clock(self.topology, origin_node(self, origin, name), origin)
            for origin, settings in self.topology.origins.items()
            for name in instance_names(origin, settings.instances)
        ]
        depth = {name: len(self.topology.behind(name)) for name in self.topology.pops}
        pops = [pop_node(self, name) for name in sorted(self.topology.pops, key=lambda name: depth[name])]
        vendors = [vendors_node(self)] if plays_vendors(self.topology) else []
        others = (with_clock(self.topology, node) for node in (*pops, *vendors, balancer_node(self)))
        return (*origins, *others)


def with_clock(topology: Topology, node: Node, pool: str = "") -> Node:
    """The node with the clock that the topology gives it by its own name, or by that of its pool."""
    skew = topology.clocks.get(node.name) or topology.clocks.get(pool)
    return node if skew is None else evolve(node, clock=Clock(skew.seconds))
