"""Whom PoPs ask."""

from __future__ import annotations

from sim.topology.check.findings import Findings, unknown
from sim.topology.model import Topology
from sim.topology.served import served_by
from wire.document import Document


def parents(topology: Topology, document: Document) -> Findings:
    """A PoP asks one PoP or one origin that is there."""
    origins, pops = document.keys_at("origins"), document.keys_at("pops")
    for name, pop in topology.pops.items():
        if (pop.parent is None) == (pop.upstream is None):
            yield ("pops", name), "give either a parent (another PoP) or an upstream (an origin)"
        if pop.upstream is not None and pop.upstream not in origins:
            hint = " (that is a PoP: say parent)" if pop.upstream in pops else ""
            yield ("pops", name, "upstream"), unknown("origin", pop.upstream, origins) + hint
        if pop.parent is not None and pop.parent not in pops:
            hint = " (that is an origin: say upstream)" if pop.parent in origins else ""
            yield ("pops", name, "parent"), unknown("PoP", pop.parent, pops) + hint


def secondaries(topology: Topology, document: Document) -> Findings:
    """The second member of an origin group is another origin, perhaps with PoPs of its own before it."""
    origins, pops = document.keys_at("origins"), document.keys_at("pops")
    fail_over = {served.pop for served in served_by(topology) if served.fails_over}
    for name, pop in topology.pops.items():
        where, second = ("pops", name, "secondary"), pop.secondary
        if second is None:
            continue
        if second not in (*origins, *pops):
            yield where, unknown("origin or PoP", second, (*origins, *pops))
        elif name == second or (second in pops and name in topology.behind(second)):
            yield where, f"{second} asks {name} itself"
        elif (topology.origin_of(second) if second in pops else second) == topology.origin_of(name):
            yield where, f"leads to {topology.origin_of(name)}, as the first member does"
        elif name not in fail_over:
            yield (
                where,
                "is asked after answers that cloudfront.failover or akamai.site_failover of this PoP names",
            )


def shields(topology: Topology, document: Document) -> Findings:
    """An origin has one shield of its own, next to it (cdn-vendors §5.1)."""
    found: dict[str, str] = {}
    for name, pop in topology.pops.items():
        if not pop.origin_shield:
            continue
        where = ("pops", name, "origin_shield")
        if pop.role != "shield":
            yield where, "an origin shield is asked by other PoPs alone: say role: shield"
        if pop.upstream is None:
            yield where, "an origin shield stands before an origin: give it an upstream"
        elif (other := found.setdefault(pop.upstream, name)) != name:
            yield where, f"{pop.upstream} has an origin shield: {other}"


def gates(topology: Topology, document: Document) -> Findings:
    """Who asks another PoP has taken away what let the viewer in."""
    asked = {name for pop in topology.pops.values() for name in (pop.parent, pop.secondary)}
    for served in served_by(topology):
        if served.pop in asked and served.has_gates and topology.pops[served.pop].role == "edge":
            yield (
                ("pops", served.pop),
                "a PoP that others ask cannot ask viewers for tokens: make it a shield",
            )


def ways(topology: Topology, document: Document) -> Findings:
    """What goes through another edge goes through one that serves the same, and lets everybody in."""
    served = {each.pop: each for each in served_by(topology)}
    for name, each in served.items():
        told = each.by_akamai
        for way in told.sure_route.through if told is not None and told.sure_route is not None else ():
            other = served.get(way)
            theirs = other.by_akamai if other is not None else None
            if told is None or theirs is None or way == name:
                yield ("pops", name), f"sure_route goes through other PoPs that play Akamai: {way} is none"
            elif (theirs.cpcode, theirs.network) != (told.cpcode, told.network):
                yield (
                    ("pops", name),
                    f"sure_route goes through PoPs of the same property: {way} serves another",
                )
            elif theirs.tokens or topology.pops[way].role != "edge":
                yield ("pops", name), f"sure_route goes through edges that ask for no token: {way} is none"


def cycles(topology: Topology, document: Document) -> Findings:
    """Nobody asks itself in the end."""
    told: set[str] = set()
    for start in topology.pops:
        walk = [start]
        while (
            (pop := topology.pops.get(walk[-1])) is not None
            and pop.parent is not None
            and pop.parent not in walk
        ):
            walk.append(pop.parent)
        if pop is None or pop.parent is None:
            continue
        ring = walk[walk.index(pop.parent) :]
        if told.isdisjoint(ring):
            told.update(ring)
            yield ("pops", ring[0], "parent"), f"goes round in a circle: {' → '.join([*ring, ring[0]])}"
