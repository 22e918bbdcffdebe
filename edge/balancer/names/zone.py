"""The zone that a balancer is authoritative for, and what is true of each name in it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from attrs import field, frozen
from twisted.names import dns

from edge.balancer.names.message import Reply

Addresses = Sequence[str]
Versions = {dns.A: 4, dns.AAAA: 6}
ANY = 255
TRANSFERS = (dns.AXFR, dns.IXFR)
SERIAL = 1  # answers change by themselves, and nobody copies the zone
REFRESH_SECONDS, RETRY_SECONDS, EXPIRE_SECONDS = 3600, 600, 86400


@frozen
class Zone:
    """Names are in lower case and without the last dot."""

    origin: str
    ttl_seconds: int
    served: frozenset[str]
    """Names at which viewers are given a PoP."""
    fixed: Mapping[str, Addresses]
    """Names that are always the same: each PoP by its own, and the balancer."""
    server: str
    """The name server's own name, one of the fixed."""
    between: frozenset[str] = field(init=False)
    """Names above others, which are there and have nothing."""

    def __attrs_post_init__(self) -> None:
        above: set[str] = set()
        for name in (*self.served, *self.fixed):
            while name != self.origin:
                name = name.partition(".")[2]
                above.add(name)
        object.__setattr__(self, "between", frozenset(above))

    def holds(self, name: str) -> bool:
        """Whether the name is in the zone."""
        return name == self.origin or name.endswith("." + self.origin)

    def has(self, name: str) -> bool:
        """Whether there is such a name."""
        return name in self.served or name in self.fixed or name in self.between or name == self.origin

    def answer(
        self, name: str, kind: int, choose: Callable[[int], Addresses | None], here: Callable[[], str]
    ) -> Reply:
        """What is answered for a name of the zone; `choose` is asked for a PoP's addresses of IP version 4 or 6. `here`
        is asked where an address is fixed as any of this machine's.

        It returns none where no PoP has any, and None where those that have are not well (SERVFAIL: a
        resolver asks another server, or goes on with what it knew).
        """
        asked_as, name = name, name.lower()
        if kind in TRANSFERS:
            return Reply(dns.EREFUSED, is_authoritative=False)
        if not self.has(name):
            return Reply(dns.ENAME, authority=self.denial)
        if kind == ANY:  # RFC 8482 §4.2
            return Reply(answers=(self._record(asked_as, dns.Record_HINFO(b"RFC8482", b"")),))
        if kind in Versions:
            found = self._addresses(name, Versions[kind], choose, here)
            if found is None:
                return Reply(dns.ESERVER, is_authoritative=False)
            answers = tuple(self._record(asked_as, record_of(each)) for each in found)
            return Reply(answers=answers, authority=() if answers else self.denial)
        if kind == dns.SOA and name == self.origin:
            return Reply(answers=(self._soa(asked_as),))
        if kind == dns.NS and name == self.origin:
            addresses = told_as(self.fixed[self.server], here)
            glue = tuple(self._record(self.server, record_of(each)) for each in addresses)
            server = self._record(asked_as, dns.Record_NS(self.server.encode()))
            return Reply(answers=(server,), additional=glue)
        return Reply(authority=self.denial)

    @property
    def denial(self) -> tuple[dns.RRHeader, ...]:
        """What tells how long a name's absence may be remembered (RFC 2308 §3)."""
        return (self._soa(self.origin),)

    def _addresses(
        self, name: str, version: int, choose: Callable[[int], Addresses | None], here: Callable[[], str]
    ) -> Addresses | None:
        found = choose(version) if name in self.served else self.fixed.get(name, ())
        return None if found is None else of_version(told_as(found, here), version)

    def _soa(self, name: str) -> dns.RRHeader:
        soa = dns.Record_SOA(
            mname=self.server.encode(),
            rname=f"hostmaster.{self.origin}".encode(),
            serial=SERIAL,
            refresh=REFRESH_SECONDS,
            retry=RETRY_SECONDS,
            expire=EXPIRE_SECONDS,
            minimum=self.ttl_seconds,
        )
        return self._record(name, soa)

    def _record(self, name: str, payload: dns.IEncodableRecord) -> dns.RRHeader:
        header = dns.RRHeader(name.encode("latin-1"), payload.TYPE, dns.IN, self.ttl_seconds, auth=True)
        header.payload = payload
        return header


def told_as(addresses: Addresses, here: Callable[[], str]) -> Addresses:
    """Addresses that can be asked: for "any of this machine's", the one at which whoever asks finds it; none where
    there is no such."""
    found = (here() if ip_address(each).is_unspecified else each for each in addresses)
    return tuple(each for each in found if each)


def of_version(addresses: Addresses, version: int) -> tuple[str, ...]:
    """Those of IP version 4 or 6."""
    return tuple(each for each in addresses if ip_address(each).version == version)


def record_of(address: str) -> dns.IEncodableRecord:
    """The A or AAAA record of an address."""
    parsed: IPv4Address | IPv6Address = ip_address(address)
    return dns.Record_A(str(parsed)) if parsed.version == 4 else dns.Record_AAAA(str(parsed))
