"""Where things stand, who lives there, and what lies between."""

from __future__ import annotations

from itertools import combinations

from sim.links.link import viewers_of
from sim.topology.check.findings import Findings, unknown
from sim.topology.model import Terms, Topology
from sim.topology.scaling import instance_names
from wire.document import Document, Path


def places(topology: Topology, document: Document) -> Findings:
    """Nodes stand in regions there are."""
    known = document.keys_at("regions")
    for part, nodes in (("origins", topology.origins), ("pops", topology.pops)):
        for name, node in nodes.items():
            if node.region not in known:
                yield (part, name, "region"), unknown("region", node.region, known)


def links(topology: Topology, document: Document) -> Findings:
    """A link joins two places, once."""
    known = ends_of(topology, document)
    seen: dict[frozenset[str], str] = {}
    for name, link in topology.links.items():
        yield from _stalls(("links", name), link)
        for end, terms in link.toward.items():
            yield from _stalls(("links", name, "toward", end), terms)
            if end not in name.split("--"):
                yield ("links", name, "toward", end), "toward is one of the two ends of the link"
        if name == "default":
            continue
        ends = tuple(name.split("--"))
        if len(ends) != 2:
            yield ("links", name), "a link is named after its two ends, like na-east--se-asia (or default)"
            continue
        for end in ends:
            if end not in known:
                yield ("links", name), unknown("place", end, known)
        if frozenset(ends) in seen:
            yield ("links", name), f"is the link {seen[frozenset(ends)]} again: a link goes both ways"
        seen.setdefault(frozenset(ends), name)


def ends_of(topology: Topology, document: Document) -> tuple[str, ...]:
    """Whatever a link may end at: regions, PoPs, origins and their instances, the viewers of a region."""
    instances = (
        name for origin, told in topology.origins.items() for name in instance_names(origin, told.instances)
    )
    parts = (name for part in ("regions", "pops", "origins") for name in document.keys_at(part))
    viewers = (viewers_of(name) for name in document.keys_at("regions"))
    return tuple(dict.fromkeys((*parts, *instances, *viewers)))


def _stalls(path: Path, terms: Terms) -> Findings:
    if terms.stall is None and terms.every is None:
        return
    if terms.stall is None or terms.every is None or terms.every <= terms.stall:
        yield path, "a link stalls now and then: stall: 2s, and every: 30s, which is longer"


def access(topology: Topology, document: Document) -> Findings:
    """A viewer's line has a length of its own."""
    for name, region in topology.regions.items():
        if region.access is not None:
            yield from _stalls(("regions", name, "access"), region.access)
            if region.access.rtt is not None and region.access.rtt.seconds is None:
                yield ("regions", name, "access", "rtt"), "a line has no distance: say how long, like 20ms"
            if region.access.sigma and region.access.rtt is None and region.access.kind is None:
                said = "it spreads a round trip: say rtt: 20ms, or kind: mobile"
                yield ("regions", name, "access", "sigma"), said


def viewers(topology: Topology, document: Document) -> Findings:
    """No address lives in two regions."""
    ranges = [
        (name, index, network)
        for name, region in topology.regions.items()
        for index, network in enumerate(region.viewers)
    ]
    for (one, _, first), (two, index, second) in combinations(ranges, 2):
        if first.overlaps(second):
            yield ("regions", two, "viewers", index), f"{second} overlaps {first} of {one}"
