"""What the balancer is told."""

from __future__ import annotations

from sim.topology.balancing import Health, Viewers
from sim.topology.choices import PLAIN, played_by, vendor_of
from sim.topology.model import Pop
from sim.topology.scaling import instance_names, standby_names
from sim.topology.settle.ground import BALANCER, Ground
from sim.topology.settle.node import Node, Settings
from sim.topology.settle.ways import way


def balancer_node(ground: Ground) -> Node:
    """The front door."""
    told = ground.topology
    listen, control = ground.address("balancer"), ground.address("balancer", "control")
    page = ground.address("page")

    def upstream(name: str, pop: Pop | None = None) -> Settings:
        place = {"region": pop.region} if pop else {}
        return {
            "name": name,
            **place,
            "url": ground.address(name).url,
            "control": ground.address(name, "control").url,
            **(_as_pop(ground, name, pop) if pop else {}),
        }

    settings: Settings = {
        "name": BALANCER,
        "listen": str(listen),
        "control": str(control),
        **ground.tls("balancer"),
        "mode": told.balancer.mode,
        "route": told.balancer.route,
        "chain": list(told.balancer.chain),
        "cdns": dict(told.balancer.cdns),
        "sticky": told.balancer.sticky,
        "retry_share": told.balancer.retries.part,
        **_health(told.balancer.health),
        "concurrency": {
            "requests": told.balancer.queue.requests,
            "waiting": told.balancer.queue.waiting,
            "waiting_seconds": told.balancer.queue.patience.seconds,
        },
        "viewers": _viewers(told.balancer.viewers),
        **_dns(ground),
        "first_byte_seconds": 2 * max(map(ground.patience, told.origins)),  # an edge may try twice
        # What no origin would take in one request need not be kept on its way.
        "api_body_bytes": max(each.max_upload.bytes for each in told.origins.values()),
        "hosts": dict(told.hosts),
        "home": page.url if page.port else "",
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
            upstream(name) | {"standby": name in standby_names(origin, origin_told.instances)}
            for origin, origin_told in told.origins.items()
            for name in instance_names(origin, origin_told.instances)
        ],
        "rtt_ms": {
            one: {other: round(way(told, (one,), (other,)).rtt_seconds * 1000, 3) for other in told.regions}
            for one in told.regions
        },
    }
    links = tuple(link for pop in told.edges for link in ground.viewers_links(pop))
    changes = ground.changes(BALANCER)
    links = (*links, *ground.access())
    return Node(BALANCER, "balancer", "", listen, control, settings, links, changes, ground.viewers())


def _as_pop(ground: Ground, name: str, pop: Pop) -> Settings:
    return {
        "secure_url": ground.secure_url(name),
        "weight": pop.weight,
        "vendor": vendor_of(ground.topology, name),
        "introduce": played_by(ground.topology, name) != PLAIN,
    }


def _health(told: Health) -> Settings:
    return {
        "check_interval_seconds": told.interval.seconds,
        "check_timeout_seconds": told.timeout.seconds,
        "fall": told.fall,
        "rise": told.rise,
        "slow_return_seconds": told.slow_return.seconds,
        "outlier_errors": told.outlier_errors,
    }


def _viewers(told: Viewers) -> Settings:
    return {
        "idle_seconds": told.idle.seconds,
        "head_seconds": told.head.seconds,
        "stall_seconds": told.stall.seconds,
        "request_seconds": told.request.seconds,
        "connections": told.connections,
        "connections_per_address": told.connections_per_address,
    }


def _dns(ground: Ground) -> Settings:
    dns = ground.topology.balancer.dns
    if dns is None:
        return {}
    below = [name.removesuffix(f".{dns.zone}") for name in ground.topology.dns_names if name != dns.zone]
    return {
        "dns": {
            "listen": str(ground.address("balancer", "dns")),
            "zone": dns.zone,
            "names": below,
            "ttl_seconds": round(dns.ttl.seconds),
            "answers": dns.answers,
        }
    }
