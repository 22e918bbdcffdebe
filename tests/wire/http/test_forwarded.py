"""Whose word is taken for who asked."""

import pytest

from wire.http.forwarded import client_address


@pytest.mark.parametrize(
    ("forwarded", "peer", "address"),
    [
        ((), "10.0.0.1", "10.0.0.1"),
        (("5.5.5.5", "10.0.0.1"), "127.0.0.1", "10.0.0.1"),  # what a stranger says of others is not believed
        (("5.5.5.5", "127.0.0.1"), "127.0.0.1", "5.5.5.5"),
        (("127.0.0.1",), "127.0.0.1", "127.0.0.1"),
        (("nonsense", "127.0.0.1"), "127.0.0.1", "127.0.0.1"),
        (("2001:DB8::1",), "::1", "2001:db8::1"),
        (("1.1.1.1",), "", ""),
    ],
)
def test_a_client_is_the_last_whom_no_node_of_ours_vouches_for(
    forwarded: tuple[str, ...], peer: str, address: str
) -> None:
    assert client_address(forwarded, peer, ("127.0.0.1/32", "::1/128")) == address
