"""What a supervised process runs: one node's service, with the links of the place where it lives.

`python -m sim.node DOCUMENT` runs the node that the document describes, until SIGTERM. With `--supervised` it
also ends when its stdin does, and leaves Ctrl-C to its supervisor. Logs go to stderr as plain lines.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from attrs import Factory, asdict, evolve, frozen
from twisted.application.service import IService
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.main import installReactor
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.stdio import StandardIO
from twisted.python.failure import Failure

import edge
import origin
from edge.tls.errors import AuthorityError
from edge.workers.place import Place
from edge.workers.worker import Program
from sim.lean import PLAIN, SECURE
from sim.links.cables import Cables
from sim.links.command import LinksCommand
from sim.links.figures import LinkFigures
from sim.links.link import Link, Viewers
from sim.links.shaped import ShapedConnect
from sim.plainlog import begin_logging
from sim.supervise import leash
from sim.uvreactor import UvloopReactor
from wire import document
from wire.clock import RIGHT, Clock
from wire.document import DocumentError
from wire.web.agent import ConnectFactory, PlainConnect

if TYPE_CHECKING:
    import edge.balancer.settings
    import edge.settings
    import edge.vendors.settings
    import origin.settings
    from sim.links.roads import DirectRoads, Roads

T = TypeVar("T")
CANNOT_START = 3
LONGEST_GOODBYE_SECONDS = 9.0  # a supervisor's patience, and a second

MakeService = Callable[[Any, ConnectFactory], IService]


@frozen
class OriginNode:
    """The document of an origin instance."""

    kind: Literal["origin"]
    settings: origin.settings.Settings
    links: tuple[Link, ...] = ()
    changes: str = ""
    clock: Clock = RIGHT


@frozen
class EdgeNode:
    """The document of an edge or a shield."""

    kind: Literal["edge"]
    settings: edge.settings.Settings
    links: tuple[Link, ...] = ()
    changes: str = ""
    viewers: Viewers = Factory(Viewers)
    clock: Clock = RIGHT


@frozen
class BalancerNode:
    """The document of a balancer."""

    kind: Literal["balancer"]
    settings: edge.balancer.settings.Settings
    links: tuple[Link, ...] = ()
    changes: str = ""
    viewers: Viewers = Factory(Viewers)
    clock: Clock = RIGHT


@frozen
class VendorsNode:
    """The document of the node of the vendors' control APIs."""

    kind: Literal["vendors"]
    settings: edge.vendors.settings.Settings
    links: tuple[Link, ...] = ()
    changes: str = ""
    clock: Clock = RIGHT


@frozen
class Kind:
    """Any node's document, looked at for its kind alone."""

    kind: Literal["origin", "edge", "balancer", "vendors"]


AnyNode = OriginNode | EdgeNode | BalancerNode | VendorsNode

SHAPES: dict[str, tuple[type[AnyNode], str]] = {
    "origin": (OriginNode, "origin.settings"),
    "edge": (EdgeNode, "edge.settings"),
    "balancer": (BalancerNode, "edge.balancer.settings"),
    "vendors": (VendorsNode, "edge.vendors.settings"),
}
"""Each kind's document, and the module that its annotations speak of: a node loads its own kind's alone."""


def read(text: str) -> AnyNode:
    """The node a document describes, or DocumentError with all that is wrong with it."""
    told = document.load(text)
    kind = told.value_at("kind")
    if not isinstance(kind, str) or kind not in SHAPES:
        raise DocumentError([document.Problem(("kind",), 1, f"expected one of {', '.join(SHAPES)}")])
    shape, settings = SHAPES[kind]
    import_module(settings)
    return document.shaped(told, shape)


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
                afar=_direct_roads(node, cables, reactor, rng) if cables.by_viewers else None,
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
                afar=_roads(node, cables, reactor, rng) if cables.by_viewers else None,
                more=figures,
                clock=node.clock,
            )
        case VendorsNode():
            from edge.vendors import service as vendors_service

            return vendors_service.make_service(
                node.settings, reactor=reactor, connect=connect, clock=node.clock
            )


def _roads(node: BalancerNode | EdgeNode, cables: Cables, reactor: Any, rng: Random) -> Roads:
    from sim.links.roads import Roads

    return Roads(node.viewers, cables, reactor, rng)


def _direct_roads(node: EdgeNode, cables: Cables, reactor: Any, rng: Random) -> DirectRoads:
    from sim.links.roads import DirectRoads

    return DirectRoads(_roads(node, cables, reactor, rng), node.viewers, node.settings.name)


def worker_of(node: EdgeNode) -> Program:
    """How a worker of this edge is run."""
    manner = SECURE if node.settings.speaks_tls else PLAIN
    return Program((sys.executable, "-m", "sim.worker", manner), json.dumps(asdict(node)))


def install_reactor() -> Any:
    """Twisted's asyncio reactor, on a uvloop loop where there is one."""
    try:
        import uvloop
    except ImportError:
        reactor: Any = AsyncioSelectorReactor()
    else:
        reactor = UvloopReactor(uvloop.new_event_loop())
    installReactor(reactor)
    return reactor


class Stdin(Protocol):
    """Held open by the supervisor for as long as it lives."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        leash.let_go_on()
        self._ended()


def run(
    make: Callable[[Any], IService], *, supervised: bool = False, started: Callable[[], None] = lambda: None
) -> int:
    """Run a service until a signal ends it; the exit code. Why it cannot start is told in one line."""
    reactor = install_reactor()
    begin_logging(sys.stderr)
    outcome: list[str] = []

    def cannot_start(failure: Failure) -> None:
        outcome.append(reason_of(failure))
        if failure.check(CannotListenError, OSError, AuthorityError) is None:
            sys.stderr.write(failure.getTraceback())
        stop()

    def stop() -> None:
        if reactor.running:
            with suppress(Exception):
                reactor.stop()

    def start() -> None:
        if supervised:
            StandardIO(Stdin(stop), reactor=reactor)
        starting: Deferred[Any] = maybeDeferred(build_and_start)
        starting.addCallbacks(lambda _: serves(started), cannot_start)

    def build_and_start() -> Any:
        service = make(reactor)
        service.privilegedStartService()
        service.startService()
        reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
        return getattr(service, "ready", None)  # an edge has yet to open its cache

    reactor.callWhenRunning(start)
    if supervised:
        reactor.addSystemEventTrigger("before", "shutdown", end_at_last)
    reactor.run()
    if outcome:
        sys.stderr.write(f"cannot start: {outcome[0]}\n")
        return CANNOT_START
    return 0


def serves(started: Callable[[], None]) -> None:
    """What is loaded by now stays for good: no full collection need walk its 62,000 objects again."""
    gc.freeze()
    started()


def end_at_last() -> None:
    """A node whose supervisor is gone has nobody to end it by force when its own end hangs."""
    last = threading.Timer(LONGEST_GOODBYE_SECONDS, os._exit, (1,))
    last.daemon = True
    last.start()


def reason_of(failure: Failure) -> str:
    """One line for a person: `127.0.0.1:9001: Address already in use`."""
    error = failure.value
    if isinstance(error, CannotListenError):
        said = getattr(error.socketError, "strerror", None) or error.socketError
        return f"{error.interface or '*'}:{error.port}: {said}"
    text = str(error).strip().replace("\n", "; ")
    return text or type(error).__name__


def main(arguments: list[str]) -> int:
    """`[--supervised] DOCUMENT`."""
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
