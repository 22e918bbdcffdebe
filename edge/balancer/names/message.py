"""Questions off the wire and answers onto it (RFC 1035 §4, RFC 6891). Pure: bytes in, bytes out.

The codec is Twisted's; what it lets pass and a name server must not is told apart here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen
from twisted.names import dns

from edge.balancer.names import subnet
from edge.balancer.names.subnet import Subnet

OPT = 41
BADVERS = 16
UDP_BYTES = 1232  # what passes everywhere in one piece (the advice of the DNS Flag Day 2020)
PLAIN_UDP_BYTES = 512
TCP_BYTES = 65535
MOST_RECORDS = 8  # a question brings an OPT, perhaps a signature: never a zone
DNSSEC_OK = 1 << 15
LONGEST_LABEL, LONGEST_NAME = 63, 255  # octets (RFC 1035 §2.3.4)
_HEAD = struct.Struct("!6H")
_OPTION = struct.Struct("!HH")


@frozen
class Edns:
    """What a question's OPT record says."""

    size: int = UDP_BYTES
    version: int = 0
    dnssec_ok: bool = False
    subnet: Subnet | None = None


@frozen
class Asked:
    """One question."""

    id: int
    name: str = ""
    """As it was written: the answer repeats its letters."""
    type: int = dns.A
    cls: int = dns.IN
    opcode: int = dns.OP_QUERY
    wants_recursion: bool = False
    edns: Edns | None = None

    @property
    def has_question(self) -> bool:
        """Whether it could be read so far."""
        return bool(self.name)


@frozen
class Reply:
    """What is answered."""

    rcode: int = dns.OK
    answers: tuple[dns.RRHeader, ...] = ()
    authority: tuple[dns.RRHeader, ...] = ()
    additional: tuple[dns.RRHeader, ...] = ()
    is_authoritative: bool = True
    scope: int = 0
    """The bits of the viewer's subnet that decided."""


@frozen
class Unreadable(Exception):
    """It is no question that could be answered but by a code."""

    asked: Asked
    rcode: int
    why: str


def read(data: bytes) -> Asked | None:
    """The question in a message; None for what must not be answered at all: noise, and answers.

    Raises `Unreadable` for what is answered by a code alone.
    """
    if len(data) < _HEAD.size:
        return None
    id_, flags, questions, answers, authorities, additionals = _HEAD.unpack_from(data)
    if flags & 0x8000:  # an answer to an answer would go round in circles
        return None
    # a message of anybody's making is read no further than a question may go
    is_short = questions <= 1 and answers + authorities + additionals <= MOST_RECORDS
    message = _parsed(data) if is_short else None
    asked = Asked(id_, opcode=flags >> 11 & 0xF, wants_recursion=bool(flags & 0x0100), edns=_edns_of(message))
    if asked.opcode != dns.OP_QUERY:
        raise Unreadable(asked, dns.ENOTIMP, "not a query")
    if message is None or len(message.queries) != 1 or len(message.additional) != additionals:
        raise Unreadable(asked, dns.EFORMAT, "not one question, whole")
    (query,) = message.queries
    if not _is_written(query, data):
        raise Unreadable(asked, dns.EFORMAT, "no name")
    name = query.name.name.decode("latin-1") or "."
    asked = evolve(asked, name=name, type=query.type, cls=query.cls)
    if asked.edns is None:
        return asked
    asked = evolve(asked, edns=evolve(asked.edns, subnet=_subnet(asked, message)))
    if asked.edns is not None and asked.edns.version:
        raise Unreadable(asked, BADVERS, "another EDNS")
    return asked


def _parsed(data: bytes) -> dns.Message | None:
    """As far as the codec gets; None where it trips over something."""
    message = dns.Message()
    try:
        message.fromStr(data)
    except Exception:  # noqa: BLE001  whatever it is, the message is malformed
        return None
    return message


def _opts_of(message: dns.Message) -> list[dns.RRHeader]:
    return [record for record in message.additional if record.type == OPT]


def _edns_of(message: dns.Message | None) -> Edns | None:
    """What is told of the asker. Whatever is wrong with the rest, it is answered in kind (RFC 6891 §6.1.1)."""
    for record in _opts_of(message) if message is not None else ():
        return Edns(record.cls, record.ttl >> 16 & 0xFF, bool(record.ttl & DNSSEC_OK))
    return None


def _is_written(query: dns.Query, data: bytes) -> bool:
    """Whether the question, written again, is what came: no pointers, no dots inside labels, no long ones."""
    if any(len(label) > LONGEST_LABEL for label in query.name.name.split(b".")):
        return False
    again = dns.Message()
    again.queries = [query]
    written = again.toStr()[_HEAD.size :]
    return len(written) <= LONGEST_NAME + 4 and data[_HEAD.size :].startswith(written)


def _subnet(asked: Asked, message: dns.Message) -> Subnet | None:
    (record, *others) = _opts_of(message)
    if others or record.name.name:  # RFC 6891 §6.1.1
        raise Unreadable(asked, dns.EFORMAT, "more than one OPT")
    payload: Any = record.payload  # an UnknownRecord: the codec has no type of that number
    try:
        options = list(_options(payload.data))
        told = [Subnet.parse(data) for code, data in options if code == subnet.OPTION]
    except ValueError as error:
        raise Unreadable(asked, dns.EFORMAT, f"EDNS: {error}") from error
    return told[0] if told else None


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        if at + _OPTION.size > len(data):
            raise ValueError("an option is cut short")
        code, length = _OPTION.unpack_from(data, at)
        at += _OPTION.size + length
        if at > len(data):
            raise ValueError("an option is cut short")
        yield code, data[at - length : at]


def write(asked: Asked, reply: Reply, *, is_tcp: bool) -> bytes:
    """The answer as bytes; over UDP without its records when they do not fit, so that it is asked for by TCP."""
    edns = asked.edns
    room = max(PLAIN_UDP_BYTES, min(edns.size, UDP_BYTES)) if edns else PLAIN_UDP_BYTES
    whole = _written(asked, reply)
    if len(whole) <= (TCP_BYTES if is_tcp else room):
        return whole
    return _written(asked, Reply(reply.rcode, scope=reply.scope), is_cut=True)


def _written(asked: Asked, reply: Reply, *, is_cut: bool = False) -> bytes:
    message = dns.Message(
        asked.id,
        answer=1,
        opCode=asked.opcode,
        recDes=asked.wants_recursion,
        auth=reply.is_authoritative,
        rCode=reply.rcode & 0xF,
        trunc=is_cut,
        maxSize=TCP_BYTES,
    )
    if asked.has_question:
        message.queries = [dns.Query(asked.name.rstrip(".").encode("latin-1"), asked.type, asked.cls)]
    message.answers = list(reply.answers)
    message.authority = list(reply.authority)
    message.additional = list(reply.additional)
    if asked.edns is not None:
        message.additional.append(_opt(asked.edns, reply))
    return message.toStr()


def _opt(edns: Edns, reply: Reply) -> dns.RRHeader:
    told = b""
    if edns.subnet is not None:
        data = edns.subnet.answered(reply.scope)
        told = _OPTION.pack(subnet.OPTION, len(data)) + data
    flags = (reply.rcode >> 4) << 24 | (DNSSEC_OK if edns.dnssec_ok else 0)
    record = dns.RRHeader(b"", OPT, UDP_BYTES, flags)
    record.payload = dns.UnknownRecord(told)
    return record
