"""What a world on several machines must say, so that each finds the others."""

from __future__ import annotations

from ipaddress import ip_address

from sim.topology.check.findings import Findings, unknown
from sim.topology.check.names import NAME
from sim.topology.machines import SIDES, hosts_of, standing
from sim.topology.model import Topology
from sim.topology.served import plays_vendors
from wire.document import Document

NEEDED = ("listen", "control")


def machines(topology: Topology, document: Document) -> Findings:
    """A machine has a name and one address, that of no other."""
    taken: dict[str, str] = {}
    for name, address in topology.machines.items():
        if not NAME.fullmatch(name):
            yield ("machines", name), "a name is made of a-z, 0-9 and single hyphens between them"
        if not _is_address(address):
            yield ("machines", name), f"expected the address others ask it at, like 10.0.0.1, got {address!r}"
        elif taken.setdefault(address, name) != name:
            yield ("machines", name), f"{address} is the address of {taken[address]}"


def _is_address(written: str) -> bool:
    try:
        address = ip_address(written)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_multicast)


def hosts(topology: Topology, document: Document) -> Findings:
    """Nodes stand on machines there are."""
    known = document.keys_at("machines")
    for path, told in standing(topology):
        for host in hosts_of(topology, told):
            if host not in known:
                hint = "" if known else ": machines: {one: 10.0.0.1, two: 10.0.0.2} names them"
                yield (*path, "host"), unknown("machine", host, known) + hint


def spread(topology: Topology, document: Document) -> Findings:
    """A pool has an instance on each of its machines, always."""
    for name, pool in topology.origins.items():
        count = len(set(pool.host.names))
        if count < len(pool.host.names):
            yield ("origins", name, "host"), "a machine is named twice: instances stand on each in turn"
        if pool.instances.min < count:
            always = f"on {count} machines there must be {count} instances at least, one on each"
            elastic = f"each of the {count} machines scales its own instances: min must be {count} at least"
            yield ("origins", name, "instances"), elastic if pool.instances.is_elastic else always


def reachable(topology: Topology, document: Document) -> Findings:
    """Others know the port of every node, and its address is its machine's."""
    for path, told in standing(topology):
        machine, *others = hosts_of(topology, told) or ("",)
        if machine not in topology.machines or (path == ("vendors",) and not plays_vendors(topology)):
            continue
        for side in SIDES:
            address = getattr(told, side, None)
            if not address.port if address is not None else side in NEEDED:
                yield (*path, side), f"other machines must know its port: {side}: tcp:PORT"
            elif address is not None and address.host != topology.machines[machine]:
                theirs = f"its addresses are those of {', '.join((machine, *others))}"
                ours = theirs if others else f"its address is that of {machine}"
                yield (*path, side), f"{ours}: say tcp:{address.port}"


def shared(topology: Topology, document: Document) -> Findings:
    """What origins share, those on every machine can open."""
    if topology.machines and topology.storage.start:
        yield ("storage", "start"), "each machine would start one: run minio by itself, and give its endpoint"
    if len({host for origin in topology.origins.values() for host in hosts_of(topology, origin)}) < 2:
        return
    if topology.storage.kind != "minio":
        where = ("storage", "kind") if "kind" in document.keys_at("storage") else ("storage",)
        yield where, "origins on several machines share a minio (or S3): kind: minio"
    for name, cloud in topology.clouds.items():
        if cloud.storage is not None and cloud.storage.kind not in (None, "minio"):
            yield (
                ("clouds", name, "storage", "kind"),
                "origins on several machines share a minio (or S3): kind: minio",
            )
    if topology.catalogue.startswith("sqlite"):
        yield ("catalogue",), "origins on several machines share a PostgreSQL: postgresql+psycopg://…"
