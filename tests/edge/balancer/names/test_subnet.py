"""For whom a resolver asks."""

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.balancer.names.subnet import Subnet

networks = st.one_of(
    st.builds(lambda bits, size: IPv4Network((bits >> (32 - size) << (32 - size), size)),
              st.integers(0, 2**32 - 1), st.integers(0, 32)),
    st.builds(lambda bits, size: IPv6Network((bits >> (128 - size) << (128 - size), size)),
              st.integers(0, 2**128 - 1), st.integers(0, 128)),
)  # fmt: skip


def written(network: IPv4Network | IPv6Network, scope: int = 0) -> bytes:
    octets = network.network_address.packed[: -(-network.prefixlen // 8)]
    return bytes([0, 1 if network.version == 4 else 2, network.prefixlen, scope]) + octets


@given(networks, st.integers(0, 32))
def test_every_subnet_is_read_and_repeated_with_its_scope(
    network: IPv4Network | IPv6Network, scope: int
) -> None:
    """RFC 7871 §7.2.1: family, source and address as they came."""
    subnet = Subnet.parse(written(network))
    assert subnet.address is not None
    assert ip_network((subnet.address, subnet.source)) == network
    assert subnet.answered(scope) == written(network, scope)


@given(st.binary(max_size=24))
def test_anything_else_is_refused(data: bytes) -> None:
    """Or is what it says: nothing is read that could not be written so."""
    try:
        subnet = Subnet.parse(data)
    except ValueError:
        return
    assert subnet.answered(0) == data


@pytest.mark.parametrize(
    "data",
    [
        "",
        "000118",  # cut short
        "0001181800000000",  # a scope in a question, and an octet too many
        "00011808010203",  # a scope
        "000118000102",  # an octet too few
        "00011800010203ff",  # one too many
        "0001170001020f",  # a bit beyond the prefix
        "000121000102030400",  # 33 bits of IPv4
        "000318000a0b0c",  # no such family
        "00000800ff",  # nobody's, and yet 8 bits
    ],
)
def test_what_breaks_the_rules_is_refused(data: str) -> None:
    """It is answered by FORMERR."""
    with pytest.raises(ValueError):
        Subnet.parse(bytes.fromhex(data))


def test_nobodys_subnet_is_allowed() -> None:
    """`dig +subnet=0`."""
    assert Subnet.parse(bytes(4)) == Subnet(0, None, 0)
