"""What the balancer is told."""

from __future__ import annotations

from sim.topology.model import Pop, instance_names
from sim.topology.settle.ground import Ground
from sim.topology.settle.node import Node, Settings
from sim.topology.settle.ways import way


def balancer_node(ground: Ground) -> Node:
    """The front door."""
    told = ground.topology
    listen, control = ground.address("balancer"), ground.address("balancer", "control")

    def upstream(name: str, pop: Pop | None = None) -> Settings:
        place = {"region": pop.region} if pop else {}
        return {
            "name": name,
            **place,
            "url": ground.address(name).url,
            "control": ground.address(name, "control").url,
            **({"secure_url": ground.secure_url(name)} if pop else {}),
        }

    settings: Settings = {
        "name": "balancer",
        "listen": str(listen),
        "control": str(control),
        **ground.tls("balancer"),
        "mode": told.balancer.mode,
        "route": told.balancer.route,
        "first_byte_seconds": 2 * max(map(ground.patience, told.origins)),  # an edge may try twice
        # What no origin would take in one request need not be kept on its way.
        "api_body_bytes": max(each.max_upload.bytes for each in told.origins.values()),
        "hosts": dict(told.hosts),
        "home": ground.address("page").url,
        "spool_directory": str(ground.state / "nodes" / "balancer"),
        "regions": {
            name: {
                "at": [region.at.latitude, region.at.longitude],
                "viewers": [str(range_) for range_ in region.viewers],
            }
            for name, region in told.regions.items()
        },
        "pops": [upstream(name, pop) for name, pop in told.pops.items() if pop.role == "edge"],
        "origins": [
            upstream(name)
            for origin, origin_told in told.origins.items()
            for name in instance_names(origin, origin_told.instances)
        ],
        "rtt_ms": {
            one: {other: round(way(told, (one,), (other,)).rtt_seconds * 1000, 3) for other in told.regions}
            for one in told.regions
        },
    }
    return Node("balancer", "balancer", "", listen, control, settings)
