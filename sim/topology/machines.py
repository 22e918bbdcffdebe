"""On which machine each node stands, and the addresses that come of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from attrs import evolve

from sim.topology.balancing import Balancer
from sim.topology.model import LOOPBACK, Pop, Topology, Vendors
from sim.topology.origins import Origin
from sim.topology.quantities import Address, DnsAddress
from sim.topology.scaling import instance_names
from wire.document import Path

Standing = Origin | Pop | Balancer | Vendors
S = TypeVar("S", Origin, Pop, Balancer, Vendors)
SIDES = ("listen", "control", "tls")


def standing(topology: Topology) -> Iterator[tuple[Path, Standing]]:
    """All that stands on a machine, and where the document speaks of it."""
    yield from ((("origins", name), origin) for name, origin in topology.origins.items())
    yield from ((("pops", name), pop) for name, pop in topology.pops.items())
    yield ("balancer",), topology.balancer
    yield ("vendors",), topology.vendors


def machine_of(topology: Topology, node: str) -> str:
    """The machine of a node; empty where the world is on one, and for what every machine has of its own."""
    if not topology.machines:
        return ""
    for path, told in standing(topology):
        name = str(path[-1])
        if node in (instance_names(name, told.instances) if isinstance(told, Origin) else (name,)):
            return host_of(topology, told)
    return ""


def host_of(topology: Topology, told: Standing) -> str:
    """Who names no machine stands on the first."""
    return told.host or next(iter(topology.machines), "")


def on_machines(topology: Topology) -> Topology:
    """The same world with every address on its node's machine: the document says no more of it than `tcp:PORT`."""
    if not topology.machines:
        return topology

    def there(host: str, address: Address) -> Address:
        return evolve(address, host=host) if address.host == LOOPBACK else address

    def moved(told: S) -> S:
        host = topology.machines.get(host_of(topology, told), LOOPBACK)
        sides = {side: getattr(told, side, None) for side in SIDES}
        moving: dict[str, Any] = {
            side: there(host, address) for side, address in sides.items() if address is not None
        }
        if isinstance(told, Balancer) and told.dns is not None and told.dns.listen is not None:
            listen = DnsAddress(there(host, told.dns.listen.address))
            moving["dns"] = evolve(told.dns, listen=listen)
        return evolve(told, **moving)

    return evolve(
        topology,
        origins={name: moved(origin) for name, origin in topology.origins.items()},
        pops={name: moved(pop) for name, pop in topology.pops.items()},
        balancer=moved(topology.balancer),
        vendors=moved(topology.vendors),
    )
