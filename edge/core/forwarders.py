"""Whose word is taken for who asked, and how: X-Forwarded-For, X-Forwarded-Proto, and Forwarded (RFC 7239)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from attrs import frozen

from wire.http.asker import Asker
from wire.http.fields import Fields
from wire.http.forwarded import client_address

SCHEMES = ("http", "https")


@frozen
class Forwarders:
    """The networks of those who are believed."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, written: Iterable[str]) -> Forwarders:
        """From addresses and CIDR ranges; ValueError for what is neither."""
        return cls(tuple(ip_network(each) for each in written))

    def scheme_of(self, fields: Fields, peer: str, own: str) -> str:
        """The scheme of a request that came from `peer` over `own`. The key holds it, so a lie costs the liar."""
        if not self.networks:
            return own
        told = fields.get("x-forwarded-proto")
        if told is None:
            asker = self.introduced(fields, peer)
            told = asker.scheme if asker is not None else own
        scheme = told.lower()
        return scheme if scheme in SCHEMES and self._believes(peer) else own

    def introduced(self, fields: Fields, peer: str) -> Asker | None:
        """Who asked `peer`, by its word; None where it says nothing, or is not believed."""
        if "forwarded" not in fields or not self._believes(peer):
            return None
        return Asker.introduced_by(fields)

    def viewer_of(self, fields: Fields, peer: str) -> str:
        """Who asked first, as far as those who handed it on are believed."""
        return client_address(fields.members("x-forwarded-for"), peer, [str(each) for each in self.networks])

    def _believes(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


NOBODY = Forwarders()
