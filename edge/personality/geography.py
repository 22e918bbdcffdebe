"""Where viewers are, by the region that they name, or by their address: what a vendor's database of addresses would say
(cdn-vendors §3.3, §6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from attrs import Attribute, field, frozen
from attrs.validators import deep_iterable, ge, matches_re, optional

from wire.http.asker import Asker


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
    """All of them."""

    networks: tuple[tuple[IPv4Network | IPv6Network, Locality], ...] = ()
    """The narrowest first."""
    regions: Mapping[str, Locality] = field(factory=dict)

    @classmethod
    def of(cls, regions: Mapping[str, Locality]) -> Geography:
        """From the settings."""
        found = ((ip_network(each), place) for place in regions.values() for each in place.viewers)
        return cls(tuple(sorted(found, key=lambda pair: -pair[0].prefixlen)), regions)

    def home_of(self, asker: Asker) -> Locality:
        """Where who asks lives: where they say, if that is known, else where their address is."""
        named = self.regions.get(asker.region)
        return self.locate(asker.address) if named is None else named

    def locate(self, address: str) -> Locality:
        """Where an address is; `NOWHERE` for one that nobody knows."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return NOWHERE
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        return next((place for network, place in self.networks if parsed in network), NOWHERE)
