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
from sim.topology.spread import in_turn
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
        nodes = instance_names(name, told.instances) if isinstance(told, Origin) else (name,)
        if node in nodes:
            return in_turn(hosts_of(topology, told), nodes.index(node))
    return ""


def hosts_of(topology: Topology, told: Standing) -> tuple[str, ...]:
    """The machines that something stands on: all but pools on one; who names none, on the first."""
    named = told.host.names if isinstance(told, Origin) else (told.host,) if told.host else ()
    return named or tuple(topology.machines)[:1]


def instance_addresses(topology: Topology, pool: Origin, first: Address) -> Iterator[Address]:
    """Where each instance listens, in their order; port 0: at any port that is free."""
    hosts = [topology.machines.get(host, first.host) for host in hosts_of(topology, pool)] or [first.host]
    for number in range(pool.instances.max):
        yield Address(in_turn(hosts, number), first.port and first.port + number)


def on_machines(topology: Topology) -> Topology:
    """The same world with every address on its node's machine: the document says no more of it than `tcp:PORT`. That of
    a pool is its first instance's."""
    if not topology.machines:
        return topology

    def there(host: str, address: Address) -> Address:
        return evolve(address, host=host) if address.host == LOOPBACK else address

    def moved(told: S) -> S:
        host = topology.machines.get(hosts_of(topology, told)[0], LOOPBACK)
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
