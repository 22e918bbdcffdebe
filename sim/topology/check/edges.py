"""What edges are told beyond their place."""

from __future__ import annotations

from attrs import evolve

from edge.settings import Choices
from sim.topology.check.findings import Findings
from sim.topology.choices import OURS, leaves_out_tokens, merged
from sim.topology.model import Topology
from sim.topology.units import measured
from wire.document import Document, Path, Problem, structure


def edges(topology: Topology, document: Document) -> Findings:
    """Every word is one an edge knows, and none is about what the topology says elsewhere."""
    for place in (("edge",), *(("pops", pop, "edge") for pop in topology.pops)):
        yield from _section(place, document)


def _section(place: Path, document: Document) -> Findings:
    plain = document.value_at(*place)
    if not isinstance(plain, dict):
        return
    problems: list[Problem] = []
    told = measured(document, plain, place, problems)
    _, found = structure(evolve(document, plain=told, problems=()), Choices)
    yield from ((problem.path, problem.message) for problem in problems)
    yield from (((*place, *problem.path), problem.message) for problem in found)
    for section, name in OURS:
        if name in document.keys_at(*place, section):
            yield (*place, section, name), "is what the rest of the topology says"


def tokens(topology: Topology, document: Document) -> Findings:
    """Who shows a token shares with nobody else."""
    found: dict[Path, str] = {}
    for pop, settings in topology.pops.items():
        key = merged(topology.edge, settings.edge).get("key")
        if isinstance(key, dict) and leaves_out_tokens(key):
            where: Path = ("pops", pop, "edge", "key") if "key" in settings.edge else ("edge", "key")
            found[where] = "viewers' tokens must count: no pattern may leave them out"
    yield from found.items()
