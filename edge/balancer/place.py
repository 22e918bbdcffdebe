"""Where a viewer lives, told by the request. Pure.

In this order: `?region=` (a person at a browser), `X-Viewer-Region` (a program), the cookie `viewer-region` (a
page), the address the viewer comes from (on a laptop every region has a range of loopback addresses), else where
the balancer stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from attrs import frozen

from wire.errors import InvalidRequest

if TYPE_CHECKING:
    from edge.balancer.settings import Region

PARAMETER = "region"
HEADER = "X-Viewer-Region"

Ranges = tuple[tuple[IPv4Network | IPv6Network, str], ...]
"""Of addresses, each with the region it means; the narrowest first."""


class UnknownRegion(InvalidRequest):
    """Nobody lives there. 400, naming where one may live."""

    def __init__(self, named: str, known: Mapping[str, Region]) -> None:
        super().__init__(f"Unknown region {printable(named)}. Known regions: {', '.join(sorted(known))}")


@frozen
class Whereabouts:
    """The map by which viewers are placed. An impossible CIDR or default cannot be built."""

    regions: Mapping[str, Region]
    default: str
    ranges: Ranges

    @classmethod
    def of(cls, regions: Mapping[str, Region], default: str = "") -> Whereabouts:
        """From the settings; the narrowest range wins."""
        if default and default not in regions:
            raise ValueError(f"no region {default!r}")
        ranges = ranges_of({name: region.viewers for name, region in regions.items()})
        return cls(dict(regions), default or next(iter(regions), ""), ranges)

    def place(self, target: str, header: str | None, client: str, cookie: str = "") -> str:
        """The viewer's region; raises as `named`."""
        return self.named(target, header, cookie) or self.by_address(client)

    def named(self, target: str, header: str | None, cookie: str = "") -> str:
        """The region that the viewer names; empty: none. Raises `UnknownRegion` for a name that is none. A cookie of
        yesterday's map is passed over.
        """
        for named in (asked_region(target), header):
            if named:
                if named not in self.regions:
                    raise UnknownRegion(named, self.regions)
                return named
        return cookie if cookie in self.regions else ""

    def by_address(self, client: str) -> str:
        """The region that an address lies in; the default for one that lies in none, or is no address."""
        return narrowest(self.ranges, client) or self.default

    def scope(self, client: str) -> int:
        """How many of an address's first bits decide: all who share them live in the same region."""
        address = ip_address(client)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return 96 + self.scope(str(address.ipv4_mapped))
        own: IPv4Network | IPv6Network | None = next(
            (network for network, _ in self.ranges if address in network), None
        )
        region, bits = self.by_address(client), own.prefixlen if own is not None else 0
        for network, name in self.ranges:
            is_inside = network.version == address.version and (own is None or network.network_address in own)
            if name != region and is_inside and address not in network:
                apart = int(address) ^ int(network.network_address)
                bits = max(bits, address.max_prefixlen - apart.bit_length() + 1)
        return bits


def ranges_of(viewers: Mapping[str, Iterable[str]]) -> Ranges:
    """Region → CIDR ranges, as `narrowest` wants them. ValueError for what is no range."""
    ranges = [(ip_network(cidr), name) for name, cidrs in viewers.items() for cidr in cidrs]
    return tuple(sorted(ranges, key=lambda pair: pair[0].prefixlen, reverse=True))


def narrowest(ranges: Ranges, client: str) -> str:
    """The region of the narrowest range that an address lies in; empty for one that lies in none, or is none."""
    try:
        address: IPv4Address | IPv6Address = ip_address(client)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return next((name for network, name in ranges if address in network), "")


def asked_region(target: str) -> str | None:
    """The `region` parameter of a raw request target, decoded; None without one."""
    for name, value in _parameters(target):
        if name == PARAMETER:
            return unquote_plus(value.partition("=")[2])
    return None


def without_region(target: str) -> str:
    """The raw target less its `region` parameter; every other byte stays, since signatures cover them."""
    path, mark, _ = target.partition("?")
    if not mark:
        return target
    parameters = list(_parameters(target))
    kept = [raw for name, raw in parameters if name != PARAMETER]
    if len(kept) == len(parameters):
        return target
    return f"{path}?{'&'.join(kept)}" if kept else path


def _parameters(target: str) -> list[tuple[str, str]]:
    query = target.partition("?")[2]
    return [(raw.partition("=")[0], raw) for raw in query.split("&")]


def printable(text: str) -> str:
    """A viewer's words, safe to repeat."""
    shown = "".join(letter if " " < letter < "\x7f" else "?" for letter in text[:40])
    return f'"{shown}"'
