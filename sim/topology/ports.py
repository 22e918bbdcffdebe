"""Which ports the nodes of a world use: those of the document, or any that are free."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

from attrs import frozen

from sim.topology.machines import instance_addresses, machine_of
from sim.topology.model import Topology
from sim.topology.quantities import Address
from sim.topology.scaling import instance_names
from sim.topology.served import plays_vendors
from wire.document import Document, DocumentError, Path, Problem

ANY = Address("127.0.0.1", 0)
TRIES = 50  # for a port that several addresses have to spare


@frozen
class Slot:
    """Something that listens: whose, for what, and where the document speaks of it."""

    node: str
    side: str  # listen, control, tls or dns
    wanted: Address
    path: Path
    group: str = ""
    """Those of one group have one port, each at an address of its own."""


Placement = Mapping[tuple[str, str], Address]  # (node, side) → where


def slots(topology: Topology) -> Iterator[Slot]:
    """Everything in this world that needs a port."""
    for origin, settings in topology.origins.items():
        for side, first in (("listen", settings.listen), ("control", settings.control)):
            names = instance_names(origin, settings.instances)
            for name, wanted in zip(names, instance_addresses(topology, settings, first or ANY), strict=True):
                yield Slot(name, side, wanted, ("origins", origin, side))
    front = topology.balancer
    for pop, node in topology.pops.items():
        group = "viewers" if front.mode == "dns" and node.role == "edge" else ""
        yield Slot(pop, "listen", topology.listens(pop, "listen") or ANY, ("pops", pop, "listen"), group)
        yield Slot(pop, "control", node.control or ANY, ("pops", pop, "control"))
        if tls := topology.listens(pop, "tls"):
            yield Slot(pop, "tls", tls, ("pops", pop, "tls"), group and f"{group} over TLS")
    group = "viewers" if front.mode == "dns" else ""
    yield Slot("balancer", "listen", front.listen or ANY, ("balancer", "listen"), group)
    yield Slot("balancer", "control", front.control or ANY, ("balancer", "control"))
    if front.tls:
        yield Slot("balancer", "tls", front.tls, ("balancer", "tls"), group and f"{group} over TLS")
    if front.dns is not None:
        wanted = front.dns.listen.address if front.dns.listen is not None else ANY
        yield Slot("balancer", "dns", wanted, ("balancer", "dns", "listen"))
    if plays_vendors(topology):
        yield Slot("vendors", "listen", topology.vendors.listen or ANY, ("vendors", "listen"))
        yield Slot("vendors", "control", topology.vendors.control or ANY, ("vendors", "control"))
    yield Slot("page", "listen", topology.page or ANY, ("page",))
    if topology.storage.start:
        endpoint = Address.parse(topology.storage.endpoint)
        yield Slot("minio", "listen", endpoint, ("storage", "endpoint"))


def place(
    topology: Topology, document: Document, held: ExitStack, *, auto: bool = False, machine: str = ""
) -> Placement:
    """An address for every slot, kept for it until `held` is closed: no two get the same. Of a world on several
    machines only what stands on `machine` is kept here.

    With `auto` the document's hosts are kept, not its ports. Raises DocumentError naming each taken port.
    """
    placed = fixed(topology)
    here = [slot for slot in slots(topology) if machine_of(topology, slot.node) in ("", machine)]
    problems: list[Problem] = []
    shared: dict[str, int] = {}
    # fixed ports first: a free one must not be picked from among those the document names; and of those left to
    # choice the shared ones: each must be free at several addresses
    for slot in sorted(here, key=lambda slot: (auto or not slot.wanted.port, not slot.group)):
        wanted = 0 if auto else slot.wanted.port
        together = [each for each in here if each.group == slot.group] if slot.group else [slot]
        try:
            if wanted:
                port = reserve(slot.wanted.host, wanted, held, datagrams=slot.side == "dns")
            elif slot.group in shared:
                port = shared[slot.group]
            else:
                hosts = [each.wanted.host for each in together]
                port = reserve_any(hosts, held, datagrams=slot.side == "dns")
        except OSError as error:
            said = f"{slot.wanted} cannot be used: {error.strerror or error} (try --ports auto)"
            problems.append(document.problem(slot.path, said))
            continue
        placed[slot.node, slot.side] = Address(slot.wanted.host, port)
        if slot.group:
            shared[slot.group] = port
    if problems:
        raise DocumentError(problems)
    return placed


def fixed(topology: Topology) -> dict[tuple[str, str], Address]:
    """The document's own addresses, nothing bound; port 0 where it leaves the choice."""
    return {(slot.node, slot.side): slot.wanted for slot in slots(topology)}


def loose(topology: Topology, document: Document) -> tuple[Problem, ...]:
    """All that nobody could find who was not told which port it took."""
    said = "any free port: nodes that are started one by one need ports that all know"
    return tuple(
        document.problem(slot.path, f"{said}: {slot.side}: tcp:PORT")
        for slot in slots(topology)
        if not slot.wanted.port and slot.node != "page"
    )


def reserve_any(hosts: Sequence[str], held: ExitStack, *, datagrams: bool = False) -> int:
    """A port that is free at each of these addresses; with `datagrams` for UDP, too. What the kernel offers is free at
    one and may be taken at another: then it is asked anew. Raises OSError where that comes to nothing."""
    refused = OSError()
    for _ in range(TRIES):
        with ExitStack() as tried:
            try:
                port = reserve(hosts[0], 0, tried, datagrams=datagrams)
                for host in hosts[1:]:
                    reserve(host, port, tried)
            except OSError as error:
                refused = error
            else:
                held.push(tried.pop_all())
                return port
    raise refused


def reserve(host: str, port: int, held: ExitStack, *, datagrams: bool = False) -> int:
    """The port itself, or a free one for 0: a node may listen on it, and nobody else is given it by chance.

    With `datagrams` it is free for UDP as well, though not kept: who asks for any such port may be given it.

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
    if datagrams:
        with _socket(host, socket.SOCK_DGRAM) as other:
            other.bind((host, chosen))
    return chosen


def _socket(host: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    if kind is socket.SOCK_STREAM:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made
