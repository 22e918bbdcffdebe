"""sim.breeds: what a nursery has loaded for nodes of a kind, and that it is nothing but that."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from sim.breeds import breed_of
from sim.supervise.program import Breed
from sim.topology import ports
from sim.topology.quantities import Address
from sim.topology.read import read
from sim.topology.settle import Node, Settlement
from sim.world import World
from tests.sim.topology.test_settle import SHIPPED
from tests.support.world import ROOT

BALANCER = Breed("sim.node")
HERE = Address("127.0.0.1", 1)

PREPARED = """
import json, os, sys, threading
before = sorted(os.listdir("/proc/self/fd")) if sys.platform == "linux" else None
import sim.supervise.nursery
from sim import node
node.prepare(*sys.argv[1:])
after = sorted(os.listdir("/proc/self/fd")) if sys.platform == "linux" else None
print(json.dumps({
    "modules": sorted(name for name, module in sys.modules.items() if module is not None),
    "threads": threading.active_count(),
    "opened": len(after or ()) - len(before or ()),
}))
"""


def node(kind: str, **settings: Any) -> Node:
    return Node("one", kind, "here", HERE, HERE, settings)


ORIGIN = {"storage": {"kind": "filesystem"}, "catalogue": "sqlite:///catalogue.db"}
NODES = {
    "edge": node("edge"),
    "parent of workers": node("edge", workers=2),
    "origin": node("origin", **ORIGIN),
    "origin with minio": node("origin", **(ORIGIN | {"storage": {"kind": "minio"}})),
    "origin with PostgreSQL": node("origin", **(ORIGIN | {"catalogue": "postgresql+psycopg://u@h/d"})),
    "balancer": node("balancer"),
    "vendors": node("vendors"),
}
OTHERS = {
    "edge": (
        "origin.settings",
        "sqlalchemy",
        "PIL",
        "edge.balancer.service",
        "edge.vendors",
        "edge.workers.service",
        "sim.world",
    ),
    "parent of workers": (
        "origin.settings",
        "sqlalchemy",
        "edge.service",
        "edge.http",
        "diskcache",
        "sqlite3",
    ),
    "origin": ("edge.service", "edge.balancer", "PIL", "minio", "psycopg", "sim.world"),
}


def prepared(kind: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-c", PREPARED, *breed_of(NODES[kind]).words],
        capture_output=True, text=True, check=True, timeout=120, cwd=ROOT,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("kind", NODES)
def test_what_a_breed_loads_is_there(kind: str) -> None:
    """A module that has moved would leave every node to start by itself."""
    assert [name for name in breed_of(NODES[kind]).words[1:] if find_spec(name) is None] == []


@pytest.mark.parametrize("kind", OTHERS)
def test_a_nursery_has_loaded_what_its_kind_needs_and_done_nothing_else(kind: str) -> None:
    """No reactor, thread or file that its children would share; no other kind's modules, which they would keep."""
    found = prepared(kind)
    modules = found.pop("modules")
    assert found == {"threads": 1, "opened": 0}
    assert set(breed_of(NODES[kind]).words[1:]) <= set(modules)
    assert [name for name in modules if name == "twisted.internet.reactor"] == []
    assert [
        name for name in modules for room in OTHERS[kind] if name == room or name.startswith(f"{room}.")
    ] == []


SERVING = """
import json, sys
from sim import node, nodefile, process
node.prepare(*sys.argv[2:])
before = set(sys.modules)
described = nodefile.read(open(sys.argv[1]).read())

def tell():
    from twisted.internet import reactor
    print(json.dumps(sorted(set(sys.modules) - before)), flush=True)
    reactor.callLater(0, reactor.stop)

sys.exit(process.run(lambda reactor: node.make_service(described, reactor), started=tell))
"""


@pytest.mark.parametrize("kind", ["shield", "origin"])
def test_what_is_forked_loads_hardly_anything_more(tmp_path: Path, kind: str) -> None:
    """Or each node would pay for it again, in time and in memory: a new import on its way belongs to its breed."""
    world = shipped(tmp_path)
    world.prepare()
    found = next(each for each in world.nodes if each.kind == kind)
    ran = subprocess.run(
        [sys.executable, "-c", SERVING, str(world.document_path(found.name)), *breed_of(found).words],
        capture_output=True, text=True, check=True, timeout=120, cwd=ROOT,
    )  # fmt: skip
    assert json.loads(ran.stdout) == ["twisted.internet.reactor"]


def shipped(folder: Path) -> World:
    """The world that comes along, on free ports."""
    topology, document = read(SHIPPED)
    with ExitStack() as held:
        placement = ports.place(topology, document, held, auto=True)
    return World(Settlement(topology, placement, folder))


def test_nodes_of_which_there_are_several_have_a_nursery(tmp_path: Path) -> None:
    """One alone would pay for its nursery what that saves it. Those that come with the load count, too."""
    world = shipped(tmp_path)
    programs = {each.name: each for each in world.node_programs()}
    bred = {name for name, each in programs.items() if each.breed is not None}
    assert bred == {node.name for node in world.nodes if node.kind != "balancer"}
    assert programs["shield"].breed == programs["singapore"].breed != programs["main-1"].breed
    assert programs["balancer"].arguments[: len(BALANCER.command)] == BALANCER.command
