"""What a PoP is told."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from attrs import evolve

from sim.topology.choices import choices_of, merged, ways_of, with_token
from sim.topology.keyed import key_below
from sim.topology.model import LOOPBACK, Pop, Region, Topology
from sim.topology.scaling import instance_names, standby_names
from sim.topology.served import renditions_below, tags_below, told_of_purges
from sim.topology.settle.ground import Ground
from sim.topology.settle.node import Node, Settings
from sim.topology.settle.vendors import NAME as VENDORS

SIDES = ("listen", "control")


def pop_node(ground: Ground, name: str) -> Node:
    """The PoP of that name."""
    told = ground.topology.pops[name]
    origin = ground.topology.origin_of(name)
    upstreams = upstreams_of(ground.topology, told.parent, origin)
    second = second_of(ground.topology, told)
    seconds = upstreams_of(ground.topology, *second)
    settings: Settings = {
        "name": name,
        "pop": name,
        "region": told.region,
        "role": told.role,
        "listen": str(ground.address(name)),
        "control": str(ground.address(name, "control")),
        **ground.tls(name),
        "upstreams": [ground.address(upstream).url for upstream in upstreams],
        **_secondary(ground, seconds, second[0]),
        "standby": [*_standby(ground, origin), *_standby(ground, second[1])],
        "parents": _parents(ground, name, told.parent, second[0]),
        "origin_shields": [each for each in ground.topology.behind(name) if _is_origin_shield(ground, each)],
        "upstream_hosts": _hosts(ground, upstreams, origin) | _hosts(ground, seconds, second[1]),
        "checks": {
            "urls": {
                ground.address(upstream).url: ground.address(upstream, "control").url + "/readyz"
                for upstream in (*upstreams, *seconds)
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
        **_purges(ground, name),
    }
    chosen = choices_of(ground.topology, name)
    ways = ways_of(chosen)
    settings = merged(settings, _with_urls(ground, chosen, ways)) | _trusted(ground, told, chosen)
    settings["key"] = key_below(ground.topology, ground.served, name, settings["key"])
    links = tuple(
        link
        for upstream in dict.fromkeys((*upstreams, *seconds, *ways))
        # a check takes the way that questions take: who is cut off is not well
        for link in ground.link(
            (name, told.region),
            names_of(ground.topology, upstream),
            tuple(str(ground.address(upstream, side)) for side in SIDES),
        )
    )
    node = Node(
        name,
        told.role,
        told.region,
        ground.address(name),
        ground.address(name, "control"),
        settings,
        links,
        ground.changes(name),
    )
    if told.role == "shield":  # viewers are not led there
        return node
    return evolve(
        node, links=(*links, *ground.viewers_links(name), *ground.access()), viewers=ground.viewers()
    )


def _with_urls(ground: Ground, chosen: Settings, ways: tuple[str, ...]) -> Settings:
    """What a PoP chooses, with other PoPs by their URLs."""
    if not ways:
        return chosen
    through = {"through": [ground.address(way).url for way in ways]}
    return merged(chosen, {"akamai": {"sure_route": through}})


def _parents(ground: Ground, name: str, *parents: str | None) -> list[str]:
    """Whom a vendor's PoP asks for what may be kept alone (cdn-vendors §5.1, §15.1)."""
    if not any(each.pop == name and each.plays_vendor for each in ground.served):
        return []
    tier = (parent for parent in parents if parent and not _is_origin_shield(ground, parent))
    return [ground.address(parent).url for parent in tier]


def _is_origin_shield(ground: Ground, pop: str) -> bool:
    return ground.topology.pops[pop].origin_shield


def _purges(ground: Ground, name: str) -> Settings:
    """What there is to say of vendors' purges."""
    if name not in told_of_purges(ground.topology, ground.served):
        return {}
    return {
        "purges": ground.address(VENDORS, "control").url,
        "tags": dict(tags_below(ground.topology, ground.served, name)),
        "renditions": renditions_below(ground.topology, ground.served, name),
        "geography": {region: _locality(told) for region, told in ground.topology.regions.items()},
    }


def _locality(told: Region) -> Settings:
    """What a database of addresses would say of a region's viewers."""
    return {
        "viewers": [str(each) for each in told.viewers],
        "country": told.country,
        "subdivision": told.subdivision,
        "city": told.city,
        "time_zone": told.time_zone,
        "at": [told.at.latitude, told.at.longitude],
        "asn": told.asn,
    }


def _trusted(ground: Ground, told: Pop, chosen: Settings) -> Settings:
    """The balancer says who asked, whether it carries all requests or a few: a viewer's address is not its own."""
    if told.role != "edge":
        return {}
    front = {ground.address("balancer").host, LOOPBACK}
    own = [each for each in sorted(front) if not ip_address(each).is_unspecified]
    return {"trusted_proxies": [*own, *chosen.get("trusted_proxies", ())]}


def names_of(topology: Topology, node: str) -> tuple[str, ...]:
    """What a PoP or an instance of an origin is called, the narrowest first, its region last."""
    if node in topology.pops:
        return node, topology.pops[node].region
    pool = next(
        name for name, told in topology.origins.items() if node in instance_names(name, told.instances)
    )
    return *dict.fromkeys((node, pool)), topology.origins[pool].region


def second_of(topology: Topology, told: Pop) -> tuple[str | None, str | None]:
    """Of a PoP's origin group the second member: the parent by which it is asked, and the origin."""
    if told.secondary in topology.pops:
        return told.secondary, topology.origin_of(told.secondary)
    return None, told.secondary


def _secondary(ground: Ground, upstreams: Iterable[str], parent: str | None) -> Settings:
    """What there is to say of a second member."""
    urls = [ground.address(upstream).url for upstream in upstreams]
    return {"secondary": {"upstreams": urls, "balance": "first" if parent else "hash"}} if urls else {}


def _hosts(ground: Ground, upstreams: Iterable[str], origin: str | None) -> Settings:
    """A parent hands on the Host that it is asked by: it is that of the origin behind it."""
    if origin is None:
        return {}
    first = instance_names(origin, ground.topology.origins[origin].instances)[0]
    asked = (name for name in upstreams if name in ground.topology.pops)
    return {ground.address(name).url: str(ground.address(first)) for name in asked}


def _standby(ground: Ground, origin: str | None) -> list[str]:
    if origin is None:
        return []
    names = standby_names(origin, ground.topology.origins[origin].instances)
    return [ground.address(name).url for name in names]


def _access_log(ground: Ground, name: str, told: Pop) -> Settings:
    if told.access_log == "none":
        return {}
    path = ground.state / "log" / f"{name}.access.log"
    return {
        "access_log": str(path),
        "access_log_format": told.access_log,
        "access_log_hourly": told.access_log_hourly,
    }


def upstreams_of(topology: Topology, parent: str | None, origin: str | None) -> dict[str, str]:
    """Who is asked for what is an origin's, the first choice first: name → region. The origin's shield comes before it,
    also for who asks that by another parent (cdn-vendors §5.1)."""
    shields = (name for name in topology.rank(parent) if topology.pops[name].origin_shield) if parent else ()
    first = {name: topology.pops[name].region for name in (parent, *shields) if name}
    if origin is None:
        return first
    settings = topology.origins[origin]
    return first | dict.fromkeys(instance_names(origin, settings.instances), settings.region)
