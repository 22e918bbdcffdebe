"""Who asked, behind those who only hand requests on."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network


def client_address(forwarded: Sequence[str], peer: str, trusted: Sequence[str]) -> str:
    """Who asked first: the last address in the chain of X-Forwarded-For that is no node whose word we take."""
    networks = [ip_network(each) for each in trusted]
    last = peer
    for address in (peer, *reversed(forwarded)):
        try:
            parsed = ip_address(address.strip())
        except ValueError:
            return last
        last = str(parsed)
        if not any(parsed in network for network in networks):
            return last
    return last
