"""One DNS message answered, whatever is in it."""

from __future__ import annotations

import socket
from collections import Counter
from ipaddress import ip_address
from typing import Any, Literal

from attrs import evolve, field, frozen
from twisted.logger import Logger
from twisted.names import dns

from edge.balancer.names.message import Asked, Reply, Unreadable, read, write
from edge.balancer.names.zone import Addresses, Zone, of_version
from edge.balancer.place import Whereabouts
from edge.balancer.routing import Routing
from edge.balancer.settings import Dns, Settings

log = Logger()

Transport = Literal["udp", "tcp"]
RCODES = {
    dns.OK: "noerror",
    dns.EFORMAT: "formerr",
    dns.ESERVER: "servfail",
    dns.ENAME: "nxdomain",
    dns.ENOTIMP: "notimp",
    dns.EREFUSED: "refused",
    16: "badvers",
}


@frozen
class Responder:
    """Answers viewers, and the resolvers who ask for them, with PoPs that are well."""

    zone: Zone
    most_answers: int
    whereabouts: Whereabouts
    routing: Routing
    counted: Counter[tuple[Transport, str]] = field(factory=Counter)
    """(transport, rcode or "ignored") → how often."""

    @property
    def status(self) -> dict[str, Any]:
        """What it serves, and what it has answered."""
        return {
            "zone": self.zone.origin,
            "names": sorted(self.zone.served),
            "ttl_seconds": self.zone.ttl_seconds,
            "answers": {f"{transport} {rcode}": count for (transport, rcode), count in self.counted.items()},
        }

    def respond(self, data: bytes, source: str, transport: Transport) -> bytes | None:
        """The answer to a message from an address; None where there must be none. Never raises."""
        try:
            asked = read(data)
            if asked is None:
                self.counted[transport, "ignored"] += 1
                return None
            reply = self._reply(asked, source)
        except Unreadable as refused:
            log.debug("a question from {source} is refused: {why}", source=source, why=refused.why)
            asked, reply = refused.asked, Reply(refused.rcode, is_authoritative=False)
        except Exception:  # noqa: BLE001  one question must not end the answering of all
            log.failure("while answering {source}", source=source)
            asked, reply = Asked(int.from_bytes(data[:2], "big")), Reply(dns.ESERVER, is_authoritative=False)
        self.counted[transport, RCODES[reply.rcode]] += 1
        return write(asked, reply, is_tcp=transport == "tcp")

    def _reply(self, asked: Asked, source: str) -> Reply:
        name = asked.name.rstrip(".").lower()
        if asked.cls != dns.IN or not self.zone.holds(name):
            return Reply(dns.EREFUSED, is_authoritative=False)
        viewer, scope = source, 0
        subnet = asked.edns.subnet if asked.edns is not None else None
        if (
            subnet is not None and subnet.source
        ):  # a source of 0 bits asks to be left unknown (RFC 7871 §7.1.2)
            viewer = str(subnet.address)
            scope = self.whereabouts.scope(viewer)
        region = self.whereabouts.by_address(viewer)
        reply = self.zone.answer(
            asked.name,
            asked.type,
            lambda version: self._choose(name, region, version),
            lambda: here_from(source),
        )
        return evolve(reply, scope=scope if name in self.zone.served else 0)

    def _choose(self, name: str, region: str, version: int) -> Addresses | None:
        routing = self.routing
        if not any(of_version(pop.reached_at, version) for pop in routing.settings.pops):
            return ()
        # of what is asked for, DNS only tells the host
        key = name if routing.settings.route == "hash" else None
        pops = routing.pops_for(region, key, among=lambda pop: of_version(pop.reached_at, version), best=True)
        if not pops:
            return None
        routing.took(pops[0])
        told = pops[: self.most_answers]
        return [address for pop in told for address in of_version(pop.reached_at, version)]


def make_responder(settings: Settings, told: Dns, whereabouts: Whereabouts, routing: Routing) -> Responder:
    """From the settings: every PoP has a name of its own below the zone, and so has the balancer."""
    origin = told.zone.rstrip(".").lower()
    server = f"ns.{origin}"
    fixed = {f"{pop.name}.{origin}": pop.reached_at for pop in settings.pops}
    front = (host_of(settings.listen),)
    zone = Zone(
        origin,
        told.ttl_seconds,
        frozenset({origin, *(f"{name.rstrip('.').lower()}.{origin}" for name in told.names)}),
        {**fixed, server: (host_of(told.listen),), f"api.{origin}": front},
        server,
    )
    return Responder(zone, told.answers, whereabouts, routing)


def here_from(source: str) -> str:
    """The address from which this machine would speak to another: there it can be found. Nothing is sent."""
    address = ip_address(source)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(address), 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def host_of(address: str) -> str:
    """The IP address in `127.0.0.1:8053`."""
    return str(ip_address(address.rpartition(":")[0].strip("[]")))
