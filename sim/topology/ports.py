"""Which ports the nodes of a world use: those of the document, or any that are free."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

from attrs import frozen

from sim.topology.model import Topology, instance_names
from sim.topology.quantities import Address
from sim.topology.served import plays_vendors
from wire.document import Document, DocumentError, Path, Problem

ANY = Address("127.0.0.1", 0)


@frozen
class Slot:
    """Something that listens: whose, for what, and where the document speaks of it."""

    node: str
    side: str  # listen or control
    wanted: Address
    path: Path


Placement = Mapping[tuple[str, str], Address]  # (node, side) → where


def slots(topology: Topology) -> Iterator[Slot]:
    """Everything in this world that needs a port."""
    for origin, settings in topology.origins.items():
        for side, first in (("listen", settings.listen), ("control", settings.control)):
            for number, name in enumerate(instance_names(origin, settings.instances)):
                wanted = Address(first.host, first.port and first.port + number) if first else ANY
                yield Slot(name, side, wanted, ("origins", origin, side))
    for pop, node in topology.pops.items():
        yield Slot(pop, "listen", node.listen or ANY, ("pops", pop, "listen"))
        yield Slot(pop, "control", node.control or ANY, ("pops", pop, "control"))
        if node.tls:
            yield Slot(pop, "tls", node.tls, ("pops", pop, "tls"))
    yield Slot("balancer", "listen", topology.balancer.listen or ANY, ("balancer", "listen"))
    yield Slot("balancer", "control", topology.balancer.control or ANY, ("balancer", "control"))
    if topology.balancer.tls:
        yield Slot("balancer", "tls", topology.balancer.tls, ("balancer", "tls"))
    if plays_vendors(topology):
        yield Slot("vendors", "listen", topology.vendors.listen or ANY, ("vendors", "listen"))
        yield Slot("vendors", "control", topology.vendors.control or ANY, ("vendors", "control"))
    yield Slot("page", "listen", topology.page or ANY, ("page",))
    if topology.storage.start:
        endpoint = Address.parse(topology.storage.endpoint)
        yield Slot("minio", "listen", endpoint, ("storage", "endpoint"))


def place(topology: Topology, document: Document, held: ExitStack, *, auto: bool = False) -> Placement:
    """An address for every slot, kept for it until `held` is closed: no two get the same.

    With `auto` the document's hosts are kept, not its ports. Raises DocumentError naming each taken port.
    """
    placed: dict[tuple[str, str], Address] = {}
    problems: list[Problem] = []
    # fixed ports first: a free one must not be picked from among those the document names
    for slot in sorted(slots(topology), key=lambda slot: auto or not slot.wanted.port):
        try:
            port = reserve(slot.wanted.host, 0 if auto else slot.wanted.port, held)
        except OSError as error:
            said = f"{slot.wanted} cannot be used: {error.strerror or error} (try --ports auto)"
            problems.append(document.problem(slot.path, said))
        else:
            placed[slot.node, slot.side] = Address(slot.wanted.host, port)
    if problems:
        raise DocumentError(problems)
    return placed


def fixed(topology: Topology) -> Placement:
    """The document's own addresses, nothing bound; port 0 where it leaves the choice."""
    return {(slot.node, slot.side): slot.wanted for slot in slots(topology)}


def reserve(host: str, port: int, held: ExitStack) -> int:
    """The port itself, or a free one for 0: a node may listen on it, and nobody else is given it by chance.

    A socket that is bound and does not listen lets another with SO_REUSEADDR, as every node's is, listen on
    its port, also after a restart; the kernel gives a port so held to no outgoing connection and to nobody
    who asks for any (socket(7)). Raises OSError where somebody listens there.
    """
    holder = held.enter_context(_socket(host))
    holder.bind((host, port))
    chosen: int = holder.getsockname()[1]
    with _socket(host) as listener:
        listener.bind((host, chosen))
        listener.listen(1)  # with SO_REUSEADDR, two may bind; only one may listen
    return chosen


def _socket(host: str) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made
