"""Where viewers are, by their address: what a vendor's database of addresses would say (cdn-vendors §3.3, §6.4)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from attrs import Attribute, field, frozen
from attrs.validators import deep_iterable, ge, matches_re, optional


def is_network(_: object, __: Attribute[str], written: str) -> None:
    """A validator: an address, or a network in CIDR notation."""
    ip_network(written)


@frozen
class Locality:
    """A part of the world, and the addresses of those who live there. What is empty is not known."""

    viewers: tuple[str, ...] = field(default=(), validator=deep_iterable(is_network))
    country: str = field(default="", validator=matches_re("|[A-Z]{2}"))
    """ISO 3166: `DE`."""
    subdivision: str = field(default="", validator=matches_re("|[A-Z0-9]{1,3}"))
    """ISO 3166-2, less the country: `HE`."""
    city: str = ""
    time_zone: str = ""
    """`Europe/Berlin`."""
    at: tuple[float, float] | None = None
    """Latitude and longitude, in degrees."""
    asn: int | None = field(default=None, validator=optional(ge(0)))


NOWHERE = Locality()


@frozen
class Geography:
    """All of them, the narrowest network first."""

    networks: tuple[tuple[IPv4Network | IPv6Network, Locality], ...] = ()

    @classmethod
    def of(cls, localities: Iterable[Locality]) -> Geography:
        """From the settings."""
        found = ((ip_network(each), place) for place in localities for each in place.viewers)
        return cls(tuple(sorted(found, key=lambda pair: -pair[0].prefixlen)))

    def locate(self, address: str) -> Locality:
        """Where an address is; `NOWHERE` for one that nobody knows."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return NOWHERE
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        return next((place for network, place in self.networks if parsed in network), NOWHERE)
