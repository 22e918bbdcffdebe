"""What a PoP is told."""

from __future__ import annotations

from sim.topology.choices import choices_of, merged, with_token
from sim.topology.model import Pop, Topology, instance_names
from sim.topology.settle.ground import Ground
from sim.topology.settle.node import Node, Settings

SIDES = ("listen", "control")


def pop_node(ground: Ground, name: str) -> Node:
    """The PoP of that name."""
    told = ground.topology.pops[name]
    origin = ground.topology.origin_of(name)
    upstreams = upstreams_of(ground.topology, told, origin)
    settings: Settings = {
        "name": name,
        "pop": name,
        "region": told.region,
        "role": told.role,
        "listen": str(ground.address(name)),
        "control": str(ground.address(name, "control")),
        **ground.tls(name),
        "upstreams": [ground.address(upstream).url for upstream in upstreams],
        "checks": {
            "urls": {
                ground.address(upstream).url: ground.address(upstream, "control").url + "/readyz"
                for upstream in upstreams
            }
        },
        # a parent only hands on the errors of the origins behind it
        **({"outlier_errors": 0} if told.parent else {}),
        # a parent comes before the origins behind it; among instances, one URL always asks the same one,
        # so that many misses for it meet in one flight and cost one render
        "balance": "first" if told.parent else "hash",
        "hot_bytes": told.hot.bytes,
        "workers": told.workers,
        "eviction": told.eviction,
        **_access_log(ground, name, told),
        "disk_bytes": told.disk.bytes,
        "cache_dir": str(ground.state / "nodes" / name / "cache"),
        # every host is an alias of the one site behind it, but those that say which cloud is meant; and a
        # query never changes a picture, but a viewer's token says who may see it: whoever shows one shares
        # with nobody else
        "key": {
            "site": origin or name,
            "hosts": dict(ground.topology.hosts),
            **with_token({}),
        },
        # a reload in a browser shows what a viewer of a CDN sees: a hit
        "client_cc": "ignore",
        "accept_classes": ["image/avif", "image/webp"],
        # a follower waits as long as a render may take before it asks for itself
        "flights": {"wait_seconds": ground.patience(origin)},
        "limits": {"first_byte_seconds": ground.patience(origin)},
        "peers": ground.controls(but=name),
    }
    settings = merged(settings, choices_of(ground.topology, name))
    links = tuple(
        link
        for upstream in upstreams
        # a check takes the way that questions take: who is cut off is not well
        for link in ground.link(
            (name, told.region),
            names_of(ground.topology, upstream),
            tuple(str(ground.address(upstream, side)) for side in SIDES),
        )
    )
    address, control = ground.address(name), ground.address(name, "control")
    changes = str(ground.state / "nodes" / name / "links.json")
    return Node(name, told.role, told.region, address, control, settings, links, changes)


def names_of(topology: Topology, node: str) -> tuple[str, ...]:
    """What a PoP or an instance of an origin is called, the narrowest first, its region last."""
    if node in topology.pops:
        return node, topology.pops[node].region
    pool = next(
        name for name, told in topology.origins.items() if node in instance_names(name, told.instances)
    )
    return *dict.fromkeys((node, pool)), topology.origins[pool].region


def _access_log(ground: Ground, name: str, told: Pop) -> Settings:
    if told.access_log == "none":
        return {}
    path = ground.state / "log" / f"{name}.access.log"
    return {"access_log": str(path), "access_log_format": told.access_log}


def upstreams_of(topology: Topology, pop: Pop, origin: str | None) -> dict[str, str]:
    """Whom a PoP asks, the first choice first: name → region."""
    parent = {pop.parent: topology.pops[pop.parent].region} if pop.parent else {}
    if origin is None:
        return parent
    settings = topology.origins[origin]
    return parent | dict.fromkeys(instance_names(origin, settings.instances), settings.region)
