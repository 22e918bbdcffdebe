"""Where objects and rows are kept."""

from __future__ import annotations

import re

from sim.topology.check.findings import Findings
from sim.topology.model import Topology
from sim.topology.quantities import Address
from wire.document import Document


def storage(topology: Topology, document: Document) -> Findings:
    """The world's storage can be opened."""
    storage = topology.storage
    if storage.kind == "minio":
        written = document.keys_at("storage")
        for name in ("access_key", "secret_key"):
            if not getattr(storage, name):
                yield ("storage", name) if name in written else ("storage",), f'minio needs "{name}"'
    elif storage.start:
        yield ("storage", "start"), "only minio can be started"
    if storage.kind == "memory" and _are_several(topology):
        yield ("storage", "kind"), "memory is not shared: it serves a single origin instance"


def own_storage(topology: Topology, document: Document) -> Findings:
    """So can a cloud's own."""
    several = _are_several(topology)
    for name, cloud in topology.clouds.items():
        if cloud.storage is None:
            continue
        here = ("clouds", name, "storage")
        kind = cloud.storage.kind or topology.storage.kind
        shares = kind == topology.storage.kind == "minio"
        for key in ("endpoint", "access_key", "secret_key", "bucket"):
            if kind == "minio" and not shares and not getattr(cloud.storage, key):
                yield here, f'a minio of its own needs "{key}"'
        if kind == "filesystem" and not cloud.storage.path:
            yield here, 'a folder of its own needs "path"'
        if kind == "memory" and several:
            yield (*here, "kind"), "memory is not shared: it serves a single origin instance"


def _are_several(topology: Topology) -> bool:
    return sum(origin.instances.max for origin in topology.origins.values()) > 1


def started_minio(topology: Topology, document: Document) -> Findings:
    """A minio that is started here takes what it is given."""
    storage = topology.storage
    if storage.kind != "minio" or not storage.start:
        return
    try:
        Address.parse(storage.endpoint)
    except ValueError as error:
        yield ("storage", "endpoint"), f"to start minio here: {error}"
    if 0 < len(storage.access_key) < 3:
        yield ("storage", "access_key"), "minio wants 3 characters at least"
    if 0 < len(storage.secret_key) < 8:
        yield ("storage", "secret_key"), "minio wants 8 characters at least"
    if storage.secure:
        yield ("storage", "secure"), "a minio started here speaks plain HTTP"


def catalogue(topology: Topology, document: Document) -> Findings:
    """A catalogue that outlives its node."""
    if not re.match(r"(sqlite|postgresql)(\+\w+)?://", topology.catalogue, re.ASCII):
        yield ("catalogue",), "expected sqlite:///FILE or postgresql+psycopg://…"
    elif re.fullmatch(r"sqlite(\+\w+)?://(/?:memory:|/)?", topology.catalogue, re.ASCII):
        yield ("catalogue",), "a catalogue in memory is lost when its node ends: use sqlite:///FILE"
