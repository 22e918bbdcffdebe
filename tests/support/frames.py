"""HTTP/2 frames by hand, for what no well-behaved client would send."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import hpack
from attrs import define, field

from wire.http2.frames import (
    END_HEADERS,
    END_STREAM,
    PREFACE,
    Code,
    Kind,
    frame,
    header_of,
)

Line = tuple[bytes, bytes]
GET: tuple[Line, ...] = (
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":authority", b"localhost"),
    (b":path", b"/a"),
)
POST: tuple[Line, ...] = ((b":method", b"POST"), *GET[1:])
SETTINGS = frame(Kind.SETTINGS, 0, 0)
HELLO = PREFACE + SETTINGS


@define
class Sent:
    """A frame that came."""

    kind: Kind
    flags: int
    stream: int
    payload: bytes

    @property
    def code(self) -> Code:
        """Of RST_STREAM or GOAWAY."""
        return Code(
            struct.unpack(">L", self.payload[-4:] if self.kind is Kind.RST_STREAM else self.payload[4:8])[0]
        )

    @property
    def last(self) -> int:
        """The stream that a GOAWAY names."""
        number: int = struct.unpack(">L", self.payload[:4])[0]
        return number

    @property
    def ends(self) -> bool:
        return bool(self.flags & END_STREAM) and self.kind in (Kind.DATA, Kind.HEADERS)


@define
class Hand:
    """Makes and reads frames with one connection's compression."""

    encoder: hpack.Encoder = field(factory=hpack.Encoder)
    decoder: hpack.Decoder = field(factory=hpack.Decoder)

    def headers(
        self, stream: int, lines: Iterable[Line] = GET, flags: int = END_HEADERS | END_STREAM
    ) -> bytes:
        """HEADERS with a whole block."""
        return frame(Kind.HEADERS, flags, stream, self.encoder.encode(list(lines)))

    def lines(self, sent: Sent) -> dict[str, str]:
        """The field lines of HEADERS that came."""
        return {name.decode(): value.decode() for name, value in self.decoder.decode(sent.payload, raw=True)}


def data(stream: int, content: bytes = b"", *, last: bool = False) -> bytes:
    """DATA."""
    return frame(Kind.DATA, END_STREAM if last else 0, stream, content)


def reset(stream: int, code: Code = Code.CANCEL) -> bytes:
    """RST_STREAM."""
    return frame(Kind.RST_STREAM, 0, stream, struct.pack(">L", code))


def window(stream: int, increment: int) -> bytes:
    """WINDOW_UPDATE."""
    return frame(Kind.WINDOW_UPDATE, 0, stream, struct.pack(">L", increment))


def setting(name: int, value: int) -> bytes:
    """SETTINGS with one in it."""
    return frame(Kind.SETTINGS, 0, 0, struct.pack(">HL", name, value))


def frames_in(raw: bytes) -> list[Sent]:
    """Everything that was sent."""
    found, at = [], 0
    while at < len(raw):
        length, kind, flags, stream = header_of(raw, at)
        found.append(Sent(Kind(kind), flags, stream, raw[at + 9 : at + 9 + length]))
        at += 9 + length
    return found
