"""Where nodes listen."""

from __future__ import annotations

from collections.abc import Iterator

from sim.topology.check.findings import Findings
from sim.topology.machines import instance_addresses
from sim.topology.model import Topology
from sim.topology.quantities import Address
from wire.document import Document, Path

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  compared, not bound


def addresses(topology: Topology) -> Iterator[tuple[Path, Address]]:
    """Every fixed address of the document and where it stands; each of an origin's instances has its own."""
    for origin, settings in topology.origins.items():
        for side, first in (("listen", settings.listen), ("control", settings.control)):
            if first is not None and first.port:
                for address in instance_addresses(topology, settings, first):
                    yield ("origins", origin, side), address
    dns = topology.balancer.dns
    single: list[tuple[Path, Address | None]] = [
        *((("pops", pop, "listen"), topology.listens(pop, "listen")) for pop in topology.pops),
        *((("pops", pop, "control"), node.control) for pop, node in topology.pops.items()),
        *((("pops", pop, "tls"), topology.listens(pop, "tls")) for pop in topology.pops),
        (("balancer", "listen"), topology.balancer.listen),
        (("balancer", "tls"), topology.balancer.tls),
        (("balancer", "control"), topology.balancer.control),
        (("vendors", "listen"), topology.vendors.listen),
        (("vendors", "control"), topology.vendors.control),
        (("balancer", "dns", "listen"), dns.listen.address if dns is not None and dns.listen else None),
        (("page",), topology.page),
    ]
    yield from ((path, address) for path, address in single if address is not None and address.port)


def ports(topology: Topology, document: Document) -> Findings:
    """No two listen at one place, and the page is where a browser can ask for it."""
    taken: dict[int, list[tuple[Address, str]]] = {}
    for path, address in addresses(topology):
        where = ".".join(map(str, path))
        if address.port > 65535:
            yield path, f"its last instance would need port {address.port}: there is none"
            continue
        others = taken.setdefault(address.port, [])
        user = next((user for other, user in others if _meet(address.host, other.host)), None)
        if user is not None:
            yield path, f"port {address.port} is also used by {user}"
        else:
            others.append((address, where))
    if topology.page is not None and topology.page.host in EVERYWHERE:
        yield (
            ("page",),
            "use tcp:PORT for this machine alone, or the address by which others are to reach the page",
        )


def _meet(one: str, other: str) -> bool:
    return one == other or bool(EVERYWHERE & {one, other})
