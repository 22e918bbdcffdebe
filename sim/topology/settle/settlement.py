"""Every node of a world, told what it must know."""

from __future__ import annotations

from attrs import frozen

from sim.topology.model import instance_names
from sim.topology.served import plays_vendors
from sim.topology.settle.balancer import balancer_node
from sim.topology.settle.ground import Ground
from sim.topology.settle.node import Node
from sim.topology.settle.origin import origin_node
from sim.topology.settle.pop import pop_node
from sim.topology.settle.vendors import vendors_node


@frozen
class Settlement(Ground):
    """The whole world, settled."""

    def nodes(self) -> tuple[Node, ...]:
        """Every node, those that others ask first."""
        origins = [
            origin_node(self, origin, name)
            for origin, settings in self.topology.origins.items()
            for name in instance_names(origin, settings.instances)
        ]
        depth = {name: len(self.topology.rank(name)) for name in self.topology.pops}
        pops = [pop_node(self, name) for name in sorted(self.topology.pops, key=lambda name: depth[name])]
        vendors = [vendors_node(self)] if plays_vendors(self.topology) else []
        return (*origins, *pops, *vendors, balancer_node(self))
