"""DNS questions and answers, by Twisted's codec as a client uses it."""

from __future__ import annotations

import struct
from ipaddress import ip_address, ip_network
from typing import Any

from twisted.names import dns


def question(
    name: str = "cdn.test",
    kind: int = dns.A,
    *,
    cls: int = dns.IN,
    subnet: str = "",
    size: int = 1232,
    edns: bool = True,
    version: int = 0,
    options: bytes = b"",
) -> bytes:
    """One question as bytes; `subnet` as dig takes it, `127.2.0.0/16`."""
    message = dns.Message(4711, recDes=1)
    message.queries = [dns.Query(name.encode(), kind, cls)]
    if subnet:
        network = ip_network(subnet)
        octets = network.network_address.packed[: -(-network.prefixlen // 8)]
        family = 1 if network.version == 4 else 2
        data = struct.pack("!HBB", family, network.prefixlen, 0) + octets
        options += struct.pack("!HH", 8, len(data)) + data
    if edns:
        record = dns.RRHeader(b"", 41, size, version << 16)
        record.payload = dns.UnknownRecord(options)
        message.additional = [record]
    return message.toStr()


def answer(data: bytes | None) -> dns.Message:
    """What came back."""
    assert data is not None
    message = dns.Message()
    message.fromStr(data)
    assert message.answer
    return message


def rcode(message: dns.Message) -> int:
    """The whole of it, EDNS's upper bits too."""
    return message.rCode | sum(record.ttl >> 24 << 4 for record in message.additional if record.type == 41)


def payload(record: dns.RRHeader) -> Any:
    """What the record says, of its type."""
    return record.payload


def addresses(message: dns.Message) -> list[str]:
    """What the answer leads to."""
    return [
        str(ip_address(payload(record).address))
        for record in message.answers
        if record.type in (dns.A, dns.AAAA)
    ]


def scope(message: dns.Message) -> int | None:
    """The bits that decided, of the answer's client subnet."""
    for record in message.additional:
        if record.type == 41 and payload(record).data[:2] == b"\0\x08":
            return int(payload(record).data[7])
    return None
