"""What a scenario names that its world does not have, and where else it and its world disagree: said before anything is
run. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenarios.expect import MEASURES
from sim.scenarios.script import Scenario
from sim.scenarios.steps.step import Names
from sim.topology.model import Topology
from sim.topology.scaling import instance_names
from wire.document import Document, Problem

CHANGES = ("without", "world")


def names_of(topology: Topology) -> Names:
    """What can be named in this world."""
    origins = (
        name for pool, told in topology.origins.items() for name in instance_names(pool, told.instances)
    )
    minio = ("minio",) if topology.storage.start else ()
    return Names(
        nodes=(*origins, *topology.pops, "balancer", *minio),
        regions=tuple(topology.regions),
        pools=tuple(topology.origins),
    )


def strangers(
    written: Document, scenario: Scenario, topology: Topology, safeguarded: Topology
) -> Iterator[Problem]:
    """Whom its steps and expectations speak of and nobody is, each with its place in the file. What is expected of a
    node of the world that is `safeguarded` may fail to come where that is switched off: it is no mistake."""
    names, expected = names_of(topology), names_of(safeguarded)
    for place, step in enumerate(scenario.steps):
        for said in step.strangers(names):
            yield written.problem(("steps", place), said)
    for place, expectation in enumerate(scenario.expect):
        if expectation.measure in MEASURES:
            continue
        begins, _ = expectation.measure.split()
        if not any(node.startswith(begins) for node in expected.nodes):
            said = f"grows: no node's name begins with {begins!r}: there is {', '.join(expected.nodes)}"
            yield written.problem(("expect", place), said)


def at_home(written: Document, problem: Problem) -> Problem:
    """What is wrong with a world, by the place where the scenario changed it: a world is made of two files."""
    changed = (
        (change, *problem.path) for change in CHANGES if {*problem.path[:1]} & {*written.keys_at(change)}
    )
    return written.problem(next(changed, ("world", *problem.path)), problem.message)
