"""What parts of a world may be called."""

from __future__ import annotations

import re

from sim.links.link import ACCESS
from sim.topology.check.findings import Findings
from sim.topology.model import Topology
from sim.topology.scaling import instance_names
from wire.document import Document

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
CLOUD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
RESERVED_CLOUDS = ("v1_1", "v2", "healthz", "readyz", "metrics", "status")
RESERVED = ("balancer", "page", "minio", "vendors", "default")


def presence(topology: Topology, document: Document) -> Findings:
    """Every world has some of each."""
    for part in ("clouds", "regions", "origins", "pops"):
        if not document.keys_at(part):
            yield (part,), "at least one is needed"
    if topology.pops and not any(pop.role == "edge" for pop in topology.pops.values()):
        yield ("pops",), "at least one must have role: edge"


def names(topology: Topology, document: Document) -> Findings:
    """Names are host labels, and none is a word of ours."""
    for part in ("regions", "origins", "pops"):
        for name in document.keys_at(part):
            if not NAME.fullmatch(name):
                yield (part, name), "a name is made of a-z, 0-9 and single hyphens between them"
            elif "--" in name:
                yield (part, name), "a name has no double hyphen: that joins the two ends of a link"
            if part != "regions" and name in RESERVED:
                yield (part, name), f'"{name}" is the name of another part of every world'
            if name == ACCESS:
                yield (part, name), f'"{name}" is what the lines of viewers are called'
    for name in document.keys_at("clouds"):
        if not CLOUD_NAME.fullmatch(name):
            yield ("clouds", name), "a cloud's name is made of letters, digits, _ and -"
        elif name in RESERVED_CLOUDS:
            yield ("clouds", name), f'"{name}" is the beginning of other paths at the front door'


def shared_names(topology: Topology, document: Document) -> Findings:
    """No two nodes have the same name."""
    taken: dict[str, str] = {}
    for origin, settings in topology.origins.items():
        for name in {origin, *instance_names(origin, settings.instances)}:
            taken.setdefault(name, origin)
            if taken[name] != origin:
                yield ("origins", origin), f'its instance "{name}" has a name that {taken[name]} uses'
    for pop in topology.pops:
        if pop in taken:
            yield ("pops", pop), f'the name is taken by the origin "{taken[pop]}"'
