"""Names that a certificate may bear: DNS names and IP addresses, compared as RFC 5280 does. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network

from cryptography import x509

LOCAL = ("localhost", "127.0.0.0/8", "::1/128")
"""What a local authority may always sign: nobody else can ever be these (RFC 6761 §6.3)."""
SHARDS = range(1, 6)
_NAME = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*", re.ASCII)


def normal(name: str) -> str:
    """A host name or an address in its one spelling; ValueError for what is neither."""
    text = name.strip("[]").rstrip(".").lower()
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    if _NAME.fullmatch(text):
        return text
    raise ValueError(f"{name} is neither a host name nor an address")


def general(name: str) -> x509.GeneralName:
    """The name as certificates write it."""
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def constraint(name: str) -> x509.GeneralName:
    """The subtree of names that a name or a network stands for (RFC 5280 §4.2.1.10)."""
    try:
        return x509.IPAddress(ip_network(name))
    except ValueError:
        return x509.DNSName(name)


def is_below(name: str, subtrees: Iterable[x509.GeneralName]) -> bool:
    """Whether a subtree holds the name: a host itself and all under it, or an address in a network."""
    wanted = general(name)
    for subtree in subtrees:
        match wanted, subtree:
            case x509.DNSName(), x509.DNSName():
                if wanted.value == subtree.value or wanted.value.endswith("." + subtree.value):
                    return True
            case x509.IPAddress(), x509.IPAddress():
                network = ip_network(str(subtree.value))
                if wanted.value.version == network.version and wanted.value in network:
                    return True
    return False


def with_shards(host: str) -> Iterator[str]:
    """A host, and those of its shards that are not under it: `img-3.example.com`."""
    yield host
    try:
        ip_address(host)
    except ValueError:
        first, dot, rest = host.partition(".")
        yield from (f"{first}-{number}{dot}{rest}" for number in SHARDS)


def subtrees_for(names: Iterable[str]) -> tuple[str, ...]:
    """The least that covers what is local and these names, each with its shards."""
    wanted = [*LOCAL]
    for name in names:
        for each in with_shards(normal(name)):
            if not is_below(each, map(constraint, wanted)):
                wanted.append(each)
    return tuple(wanted)
