"""Which network addresses a remote file may be loaded from: what is on the public internet, and what a
cloud allows besides.

A name may resolve to anything, so this is asked of every address that is about to be connected to, never of
a name. Ranges: the IANA special-purpose registries for IPv4 and IPv6.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from attrs import frozen

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

CLOSED_V4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            "168.63.129.16/32",  # the metadata service of a large cloud, at a public address
        ),
    )
)
OPEN_V6 = IPv6Network("2000::/3")
"""All that is given out for global unicast; loopback, link-local, unique local and multicast lie outside."""

CLOSED_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
"""Within it: Teredo and other protocol assignments, documentation."""

MAPPED = IPv6Network("::ffff:0:0/96")
NAT64 = IPv6Network("64:ff9b::/96")
SIX_TO_FOUR = IPv6Network("2002::/16")


@frozen
class Guard:
    """Admits public addresses, and those of the `allowed` networks."""

    allowed: tuple[IpNetwork, ...] = ()

    @classmethod
    def allowing(cls, networks: Iterable[str]) -> "Guard":
        """The guard of a cloud that allows these networks (`127.0.0.1/32`)."""
        return cls(tuple(map(ip_network, networks)))

    def admits(self, address: str) -> bool:
        """Whether a connection to this address literal may be made."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.scope_id is not None:
            return False  # an address of one link
        if any(network.version == found.version and found in network for network in self.allowed):
            return True
        inner = carried_by(found)
        if inner is not None:
            return self.admits(str(inner))
        return is_public(found)


def carried_by(address: IpAddress) -> IPv4Address | None:
    """The IPv4 address that traffic to an IPv6 one comes out at: mapped, NAT64 or 6to4."""
    if isinstance(address, IPv4Address):
        return None
    if address in MAPPED or address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in SIX_TO_FOUR:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return None


def is_public(address: IpAddress) -> bool:
    """Whether anyone on the internet could mean this host."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in CLOSED_V4)
    return address in OPEN_V6 and not any(address in network for network in CLOSED_V6)
