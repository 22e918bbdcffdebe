"""What the node of the vendors' control APIs is told."""

from __future__ import annotations

import attrs

from sim.topology.settle.ground import Ground
from sim.topology.settle.node import Node, Settings

NAME = "vendors"


def vendors_node(ground: Ground) -> Node:
    """One for both vendors and all their PoPs. Who asks another is told together with it."""
    told = ground.topology.vendors
    distributions: dict[str, Settings] = {}
    properties: dict[str, Settings] = {}
    for served in ground.served:
        pops = {
            each: ground.address(each, "control").url
            for each in (served.pop, *ground.topology.behind(served.pop))
        }
        if (distribution := served.by_cloudfront) is not None:
            of_it = distributions.setdefault(distribution.id, {"pops": {}, "has_tags": False})
            of_it["has_tags"] = of_it["has_tags"] or bool(distribution.tag_header)
            of_it["pops"] |= pops
        if (told_of := served.by_akamai) is not None:
            named = properties.setdefault(
                f"{told_of.cpcode}-{told_of.network}",
                {"pops": {}, "cpcode": told_of.cpcode, "network": told_of.network, "hostnames": []},
            )
            named["hostnames"] = list(dict.fromkeys((*named["hostnames"], *told_of.hostnames)))
            named["pops"] |= pops
    listen, control = ground.address(NAME), ground.address(NAME, "control")
    settings: Settings = {
        "name": NAME,
        "listen": str(listen),
        "control": str(control),
        "state": str(ground.state / "nodes" / NAME),
        "distributions": distributions,
        "properties": properties,
        "access_keys": {
            name: {"secret": key.secret, "distributions": list(key.distributions)}
            for name, key in told.access_keys.items()
        },
        "clients": {
            name: attrs.asdict(client) | {"properties": list(client.properties)}
            for name, client in told.clients.items()
        },
        "limits": attrs.asdict(told.limits),
        "rates": attrs.asdict(told.rates),
        "sigv4_skew_seconds": told.sigv4_skew.seconds,
        "edgegrid_skew_seconds": told.edgegrid_skew.seconds,
        "least_seconds": told.least.seconds,
        "patience_seconds": told.patience.seconds,
        "purge_seconds": told.confirm.seconds,
    }
    return Node(NAME, NAME, "", listen, control, settings)
