"""A topology file, read and checked: the world it describes, or all that is wrong with it."""

from __future__ import annotations

from pathlib import Path

from sim.topology import check
from sim.topology.machines import on_machines
from sim.topology.model import Place, RoundTrip, Topology
from sim.topology.quantities import READINGS
from sim.topology.scaling import Instances
from sim.topology.spread import Hosts
from wire import document
from wire.document import Document, DocumentError

SHIPPED = Path(__file__).parent.parent / "topology.yaml"  # in a wheel
AT_HOME = Path(__file__).parent.parent.parent / "topology.yaml"  # in a checkout


def default_file(folder: Path) -> Path:
    """`topology.yaml` of the folder, else the one that comes with the package."""
    for candidate in (folder / "topology.yaml", SHIPPED):
        if candidate.is_file():
            return candidate
    return AT_HOME


def read(text: str) -> tuple[Topology, Document]:
    """The world, and the document it came from (for the lines of later problems). Raises DocumentError."""
    written = document.load(text)
    topology, problems = document.structure(
        written,
        Topology,
        {
            **READINGS,
            Place: Place.parse,
            RoundTrip: RoundTrip.parse,
            Instances: Instances.parse,
            Hosts: Hosts.parse,
        },
    )
    topology = on_machines(topology) if topology is not None else None
    found = [*problems, *(check.problems(topology, written) if topology is not None else ())]
    if found or topology is None:
        raise DocumentError(found)
    return topology, written
