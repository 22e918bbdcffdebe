"""What the parts of a topology must be to each other: a noun a file, and every rule in one list."""

from __future__ import annotations

from collections.abc import Iterator

from sim.topology.check import (
    balancer,
    clocks,
    clouds,
    edges,
    machines,
    names,
    origins,
    pops,
    ports,
    regions,
    storage,
)
from sim.topology.check.keys import keys
from sim.topology.model import Topology
from wire.document import Document, Problem

RULES = (
    *(names.presence, names.names, keys, names.shared_names),
    *(
        regions.places,
        pops.parents,
        pops.cycles,
        pops.secondaries,
        pops.shields,
        pops.gates,
        pops.ways,
        regions.links,
    ),
    *(ports.ports, storage.storage, storage.own_storage, storage.started_minio, storage.catalogue),
    *(
        clouds.transformations,
        origins.providers,
        origins.scaling,
        regions.viewers,
        regions.access,
        clouds.restricted,
        clouds.fetching,
    ),
    *(
        balancer.dns,
        balancer.lookalikes,
        balancer.viewers_ports,
        balancer.chain,
        balancer.cdns,
        balancer.health,
    ),
    *(machines.machines, machines.hosts, machines.spread, machines.reachable, machines.shared, clocks.clocks),
    *(edges.edges, edges.tokens, clouds.resolvers, clouds.notifying, origins.webhooks, clouds.hosts),
)
"""Each yields findings; none stops at the first."""


def problems(topology: Topology, document: Document) -> Iterator[Problem]:
    """All that is wrong with the relations between sound parts."""
    for rule in RULES:
        for path, message in rule(topology, document):
            yield document.problem(path, message)
