"""The guard: the public internet, and what a cloud allows besides."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.remote.addresses import CLOSED_V4, CLOSED_V6, OPEN_V6, Guard

PUBLIC = Guard()
PRIVATE = [
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "64:ff9b:1::7f00:1",
    "::7f00:1",
    "5f00::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_no_public_host_is_refused(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, metadata, documentation: none is anybody's picture."""
    assert not PUBLIC.admits(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_a_public_address_is_admitted(address: str) -> None:
    assert PUBLIC.admits(address)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3", "::ffff:0x1"]
)
def test_what_is_no_literal_is_refused(text: str) -> None:
    """The guard is asked of addresses; a name that got here would be resolved by somebody else."""
    assert not PUBLIC.admits(text)


def carriers(inner: IPv4Address) -> list[str]:
    number = int(inner)
    return [
        str(IPv6Address((0xFFFF << 32) | number)),
        str(IPv6Address((0x64FF9B << 96) | number)),
        str(IPv6Address((0x2002 << 112) | (number << 80))),
    ]


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_however_it_is_carried(inner: IPv4Address) -> None:
    """Mapped, NAT64 and 6to4 addresses come out at the IPv4 host inside them."""
    assert {PUBLIC.admits(each) for each in carriers(inner)} == {PUBLIC.admits(str(inner))}


@given(st.sampled_from(CLOSED_V4 + CLOSED_V6).flatmap(lambda each: st.ip_addresses(network=each)))
def test_no_address_of_a_closed_range_is_admitted(address: IPv4Address | IPv6Address) -> None:
    assert not PUBLIC.admits(str(address))


@given(st.ip_addresses(v=6))
def test_ipv6_outside_global_unicast_is_refused_unless_it_carries_ipv4(address: IPv6Address) -> None:
    if address not in OPEN_V6 and PUBLIC.admits(str(address)):
        assert any(address in ip_network(each) for each in ("::ffff:0:0/96", "64:ff9b::/96"))


@given(st.ip_addresses())
def test_whatever_python_calls_private_is_refused(address: IPv4Address | IPv6Address) -> None:
    """A second opinion, from a table that others keep."""
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        assert not PUBLIC.admits(str(address))
    if isinstance(address, IPv4Address) and address.is_private:
        assert not PUBLIC.admits(str(address))


@given(st.ip_addresses(), st.integers(0, 32))
def test_what_a_cloud_allows_is_admitted_and_nothing_else_changes(
    address: IPv4Address | IPv6Address, length: int
) -> None:
    network = ip_network((address, length), strict=False)
    guard = Guard.allowing([str(network)])
    assert guard.admits(str(address))
    for other in map(ip_address, PRIVATE[:12]):
        inside = other.version == network.version and other in network
        assert guard.admits(str(other)) == inside


def test_an_allowed_address_is_allowed_in_disguise() -> None:
    guard = Guard.allowing(["127.0.0.1/32"])
    assert all(map(guard.admits, carriers(IPv4Address("127.0.0.1"))))
    assert not any(map(guard.admits, carriers(IPv4Address("127.0.0.2"))))
