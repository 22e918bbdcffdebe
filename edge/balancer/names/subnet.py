"""EDNS Client Subnet (RFC 7871): for whom a resolver asks, and for whom else the answer holds. Pure."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

from attrs import frozen

OPTION = 8
FAMILIES: dict[int, type[IPv4Address] | type[IPv6Address]] = {1: IPv4Address, 2: IPv6Address}
_HEAD = struct.Struct("!HBB")


@frozen
class Subnet:
    """The option of a question: the first `source` bits of a viewer's address, the others 0."""

    family: int
    address: IPv4Address | IPv6Address | None
    """None for a family of 0, which is nobody's."""
    source: int

    @classmethod
    def parse(cls, data: bytes) -> Subnet:
        """From the option's data; ValueError where it breaks §6's rules, which is answered by FORMERR (§7.2.1)."""
        if len(data) < _HEAD.size:
            raise ValueError("too short")
        family, source, scope = _HEAD.unpack_from(data)
        written = data[_HEAD.size :]
        if scope:
            raise ValueError("a question has no scope")
        if len(written) != -(-source // 8):
            raise ValueError("too many or too few octets of address")
        if family == 0 and not source:  # `dig +subnet=0`: for nobody
            return cls(0, None, 0)
        if family not in FAMILIES:
            raise ValueError("unknown family")
        kind = FAMILIES[family]
        width = 4 if kind is IPv4Address else 16
        if source > width * 8:
            raise ValueError("longer than an address")
        bits = int.from_bytes(written.ljust(width, b"\0"), "big")
        if bits & ((1 << (width * 8 - source)) - 1):
            raise ValueError("bits beyond the prefix")
        return cls(family, kind(bits), source)

    def answered(self, scope: int) -> bytes:
        """The option's data in the answer, which holds for everybody with these first `scope` bits (§7.2.1)."""
        octets = b"" if self.address is None else self.address.packed[: -(-self.source // 8)]
        return _HEAD.pack(self.family, self.source, scope) + octets
