"""The second members of origin groups, as the map shows them: from which region to which, and who asks whom. Pure."""

from __future__ import annotations

from typing import Any

from sim.topology.model import Topology


def seconds(topology: Topology) -> list[dict[str, Any]]:
    """By the regions of a PoP (`from`) and of its group's second member (`to`), in the order of the document: `asked`
    tells of each PoP its `pop`, and who is its `second` where its `first` fails."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for name, pop in topology.pops.items():
        if pop.secondary is None:
            continue
        way = pop.region, _region_of(topology, pop.secondary)
        asked = {"pop": name, "first": pop.parent or pop.upstream or "", "second": pop.secondary}
        found.setdefault(way, []).append(asked)
    return [{"from": home, "to": away, "asked": asked} for (home, away), asked in found.items()]


def _region_of(topology: Topology, name: str) -> str:
    return (topology.pops.get(name) or topology.origins[name]).region
