"""Where things stand, who lives there, and what lies between."""

from __future__ import annotations

from itertools import combinations

from sim.topology.check.findings import Findings, unknown
from sim.topology.model import Topology
from wire.document import Document


def places(topology: Topology, document: Document) -> Findings:
    """Nodes stand in regions there are."""
    known = document.keys_at("regions")
    for part, nodes in (("origins", topology.origins), ("pops", topology.pops)):
        for name, node in nodes.items():
            if node.region not in known:
                yield (part, name, "region"), unknown("region", node.region, known)


def links(topology: Topology, document: Document) -> Findings:
    """A link joins two regions, once."""
    known = document.keys_at("regions")
    seen: dict[frozenset[str], str] = {}
    for name in topology.links:
        if name == "default":
            continue
        ends = tuple(name.split("--"))
        if len(ends) != 2:
            yield ("links", name), "a link is named after its two regions, like na-east--se-asia (or default)"
            continue
        for end in ends:
            if end not in known:
                yield ("links", name), unknown("region", end, known)
        if frozenset(ends) in seen:
            yield ("links", name), f"is the link {seen[frozenset(ends)]} again: a link goes both ways"
        seen.setdefault(frozenset(ends), name)


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
