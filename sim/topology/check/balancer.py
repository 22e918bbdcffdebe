"""How viewers come to their PoP."""

from __future__ import annotations

import re
from collections import Counter

from sim.topology.check.findings import Findings, unknown
from sim.topology.choices import vendor_of
from sim.topology.model import LOOPBACK, Topology
from wire.document import Document

DOMAIN = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.ASCII)
LONGEST_NAME, LONGEST_LABEL = 253, 63
LONGEST_TTL_SECONDS = 86400
OWN_NAMES = ("ns", "api")  # below every zone


def dns(topology: Topology, document: Document) -> Findings:
    """Mode dns has a zone, and no other mode has one."""
    told, where = topology.balancer, ("balancer", "dns")
    if told.mode == "dns" and told.dns is None and "dns" not in document.keys_at("balancer"):
        yield ("balancer", "mode"), "mode dns needs to know its zone: dns: {zone: cdn.test}"
    if told.mode != "dns" and "mode" in document.keys_at("balancer") and told.dns is not None:
        yield where, f"only in mode: dns; this one is {told.mode}"
    if told.dns is None:
        return
    if not _is_domain(told.dns.zone):
        yield (*where, "zone"), "a zone is a name in lower case, like cdn.test"
    for index, name in enumerate(told.dns.names):
        if not _is_domain(name):
            yield (*where, "names", index), "expected a name below the zone, in lower case, like img"
    if told.dns.ttl.seconds != round(told.dns.ttl.seconds) or told.dns.ttl.seconds > LONGEST_TTL_SECONDS:
        yield (*where, "ttl"), "expected whole seconds, a day at most"


def _is_domain(name: str) -> bool:
    labels = name.split(".")
    return (
        bool(DOMAIN.fullmatch(name)) and len(name) <= LONGEST_NAME and max(map(len, labels)) <= LONGEST_LABEL
    )


def lookalikes(topology: Topology, document: Document) -> Findings:
    """No name is two things below the zone."""
    told = topology.balancer.dns
    if told is None:
        return
    for index, name in enumerate(told.names):
        if name in topology.pops:
            yield ("balancer", "dns", "names", index), f'"{name}" is the name of a PoP, which it leads to'
        if name in OWN_NAMES:
            yield ("balancer", "dns", "names", index), f'"{name}" is the name of the balancer itself'
    for pop in topology.edges:
        if pop in OWN_NAMES:
            yield ("pops", pop), f'in mode dns "{pop}" is the name of the balancer itself'


def viewers_ports(topology: Topology, document: Document) -> Findings:
    """DNS tells no port: in mode dns all edges listen at the balancer's, each at its own address."""
    told = topology.balancer
    if told.mode != "dns":
        return
    hosts: dict[str, str] = {}
    for name in topology.edges:
        pop = topology.pops[name]
        for side, written, front in (("listen", pop.listen, told.listen), ("tls", pop.tls, told.tls)):
            here = ("pops", name, side)
            if written is not None and side == "tls" and front is None:
                yield here, "in mode dns edges speak TLS at the balancer's port: give the balancer a tls"
            elif written is not None and written.port != (front.port if front is not None else 0):
                own = f"leave it out, or say tcp:{front.port}" if front is not None else "leave it out"
                yield here, f"in mode dns every edge listens at the balancer's port: {own}"
            elif (
                side == "tls"
                and written is not None
                and written.host != LOOPBACK
                and (pop.listen is None or pop.listen.host != written.host)
            ):
                yield here, "in mode dns an edge has one address: that of its listen"
        address = topology.listens(name, "listen")
        if address is not None and hosts.setdefault(address.host, name) != name:
            yield (
                ("pops", name, "listen"),
                f"in mode dns the address {address.host} is {hosts[address.host]}'s",
            )


def chain(topology: Topology, document: Document) -> Findings:
    """A chain is of edges, each once."""
    told = topology.balancer
    if told.chain and told.route != "failover" and "route" in document.keys_at("balancer"):
        yield ("balancer", "chain"), f"only route: failover goes by it; this one is {told.route}"
    counted = Counter(told.chain)
    for index, name in enumerate(told.chain):
        here = ("balancer", "chain", index)
        if name not in topology.edges:
            hint = " (that is a shield: viewers are not sent there)" if name in topology.pops else ""
            yield here, unknown("edge", name, topology.edges) + hint
        elif counted[name] > 1 and told.chain.index(name) != index:
            yield here, f'"{name}" is in it already'


def cdns(topology: Topology, document: Document) -> Findings:
    """Vendors are those that PoPs are labelled with, and one of them has weight."""
    told = topology.balancer.cdns
    known = tuple(sorted({vendor_of(topology, pop) for pop in topology.edges} - {""}))
    for vendor, weight in told.items():
        if vendor not in known:
            hint = "" if known else ": label PoPs by vendor:"
            yield ("balancer", "cdns", vendor), unknown("vendor", vendor, known) + hint
        if not 0 <= weight <= 1e6:
            yield ("balancer", "cdns", vendor), f"a weight is a number from 0 to 1,000,000, not {weight:g}"
    if told and not any(told.values()) and set(known) <= told.keys():
        yield ("balancer", "cdns"), "at least one needs a weight above 0"


def health(topology: Topology, document: Document) -> Findings:
    """Watching takes time, and so does waiting."""
    told = topology.balancer
    for name, amount in (("interval", told.health.interval), ("timeout", told.health.timeout)):
        if amount.seconds <= 0:
            yield ("balancer", "health", name), "a check needs some time"
    if told.queue.patience.seconds <= 0:
        yield ("balancer", "queue", "patience"), "a line needs some time"
    for name in ("idle", "head", "stall", "request"):
        if getattr(told.viewers, name).seconds <= 0:
            yield ("balancer", "viewers", name), "a viewer needs some time"
