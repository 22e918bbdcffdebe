"""What a supervised process runs: one node's service, with the links of the place where it lives.

`python -m sim.node DOCUMENT` runs the node that the document describes, until SIGTERM. With `--supervised` it
also ends when its stdin does, and leaves Ctrl-C to its supervisor. Logs go to stderr as plain lines.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve
from twisted.application.service import IService

from edge.workers.place import Place
from edge.workers.worker import Program
from sim import loading
from sim.lean import PLAIN, SECURE
from sim.links.cables import Cables
from sim.links.command import LinksCommand
from sim.links.figures import LinkFigures
from sim.links.shaped import ShapedConnect
from sim.nodefile import SHAPES, AnyNode, BalancerNode, EdgeNode, OriginNode, VendorsNode, read
from sim.process import CANNOT_START, run
from sim.supervise import leash
from wire import document
from wire.document import DocumentError
from wire.web.agent import PlainConnect

if TYPE_CHECKING:
    from sim.links.roads import DirectRoads, Roads


def prepare(kind: str, *modules: str) -> None:
    """What the nodes of a kind do before they read their documents, done once for those that are forked from us."""
    shape, settings = SHAPES[kind]
    for name in (settings, *modules):
        import_module(name)
    document.prepare(shape)


def make_service(node: AnyNode, reactor: Any, place: Place | None = None) -> IService:
    """The node's service, its way out shaped by its links; for an edge of several processes their parent, or with a
    `place` one of them. Imports only what this kind of node needs."""
    ca_file = node.settings.upstream_ca if isinstance(node, EdgeNode) else ""
    plain = PlainConnect(reactor, ca_file=ca_file)
    rng = Random(node.settings.name)  # noqa: S311  which segments a link loses; the same ones on every run
    cables = Cables(node.links, reactor, rng, Path(node.changes) if node.changes else None)
    commands = {b"/links": LinksCommand(cables)}
    figures = LinkFigures(node.settings.name, cables) if node.links else None
    connect: Any = ShapedConnect(plain, cables.by_address) if node.links else plain
    match node:
        case OriginNode():
            from origin import service as origin_service

            return origin_service.make_service(
                node.settings, reactor=reactor, connect=connect, clock=node.clock
            )
        case EdgeNode() if node.settings.workers > 1 and place is None:
            from edge.workers import service as workers_service

            return workers_service.make_service(
                node.settings,
                reactor=reactor,
                program_at=lambda settings: worker_of(evolve(node, settings=settings)),
                shared=("/links",),
                clock=node.clock,
            )
        case EdgeNode():
            from edge import service as edge_service

            return edge_service.make_service(
                node.settings,
                reactor=reactor,
                connect=connect,
                place=place,
                commands=commands,
                afar=_direct_roads(node, cables) if cables.by_viewers else None,
                more=figures,
                clock=node.clock,
            )
        case BalancerNode():
            from edge.balancer import service as balancer_service

            return balancer_service.make_service(
                node.settings,
                reactor=reactor,
                connect=connect,
                commands=commands,
                afar=_roads(cables) if cables.by_viewers else None,
                more=figures,
                clock=node.clock,
            )
        case VendorsNode():
            from edge.vendors import service as vendors_service

            return vendors_service.make_service(
                node.settings, reactor=reactor, connect=connect, clock=node.clock
            )


def _roads(cables: Cables) -> Roads:
    from sim.links.roads import Roads

    return Roads(cables)


def _direct_roads(node: EdgeNode, cables: Cables) -> DirectRoads:
    from sim.links.roads import DirectRoads

    return DirectRoads(_roads(cables), node.viewers, node.settings.name)


def worker_of(node: EdgeNode) -> Program:
    """How a worker of this edge is run."""
    manner = SECURE if node.settings.speaks_tls else PLAIN
    return Program((sys.executable, "-m", "sim.worker", manner), json.dumps(asdict(node)))


def main(arguments: list[str]) -> int:
    """`[--supervised] DOCUMENT`."""
    loading.begin()
    supervised = "--supervised" in arguments
    paths = [argument for argument in arguments if not argument.startswith("--")]
    if len(paths) != 1:
        sys.stderr.write("usage: python -m sim.node [--supervised] DOCUMENT\n")
        return 2
    if supervised:
        leash.wear()
        leash.end_with(os.getppid(), by=signal.SIGCONT)
    try:
        node = read(Path(paths[0]).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, DocumentError) as error:
        sys.stderr.write(f"cannot start: {paths[0]}: {error}\n")
        return CANNOT_START
    return run(lambda reactor: make_service(node, reactor), supervised=supervised)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
