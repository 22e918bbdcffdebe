"""Frames of HTTP/2: nine bytes that say what follows (RFC 9113 §4.1, §6)."""

from __future__ import annotations

from enum import IntEnum
from struct import Struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER_BYTES = 9
FRAME_BYTES = 16384  # of a payload: what we take, and the least that anyone does (§4.2)
MOST = (1 << 31) - 1
"""The largest stream id, and the largest window."""

_HEADER = Struct(">HBBBL")
_SETTING = Struct(">HL")
_WORD = Struct(">L")


class Kind(IntEnum):
    """What a frame is (§6)."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


END_STREAM = ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITY = 0x20


class Code(IntEnum):
    """Why something ends (§7)."""

    NO_ERROR = 0x0
    PROTOCOL_ERROR = 0x1
    INTERNAL_ERROR = 0x2
    FLOW_CONTROL_ERROR = 0x3
    STREAM_CLOSED = 0x5
    FRAME_SIZE_ERROR = 0x6
    REFUSED_STREAM = 0x7
    CANCEL = 0x8
    COMPRESSION_ERROR = 0x9
    ENHANCE_YOUR_CALM = 0xB


class Setting(IntEnum):
    """What a peer can be told (§6.5.2; RFC 9218 §2.1)."""

    HEADER_TABLE_SIZE = 0x1
    ENABLE_PUSH = 0x2
    MAX_CONCURRENT_STREAMS = 0x3
    INITIAL_WINDOW_SIZE = 0x4
    MAX_FRAME_SIZE = 0x5
    MAX_HEADER_LIST_SIZE = 0x6
    NO_RFC7540_PRIORITIES = 0x9


class ConnectionFault(Exception):
    """The peer broke a rule in a way that leaves no common state (§5.4.1)."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class StreamFault(Exception):
    """The peer broke a rule that concerns one stream (§5.4.2)."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def frame(kind: Kind, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A whole frame."""
    return header(kind, flags, stream, len(payload)) + payload


def header(kind: Kind, flags: int, stream: int, size: int) -> bytes:
    """What stands before a payload of so many bytes."""
    return _HEADER.pack(size >> 8, size & 0xFF, kind, flags, stream)


def header_of(data: bytes, at: int) -> tuple[int, int, int, int]:
    """Length of the payload, kind, flags and stream of the frame at an offset."""
    high, low, kind, flags, stream = _HEADER.unpack_from(data, at)
    return high << 8 | low, kind, flags, stream & MOST


def settings_frame(values: dict[Setting, int]) -> bytes:
    """Ours, to be acknowledged."""
    return frame(Kind.SETTINGS, 0, 0, b"".join(_SETTING.pack(*pair) for pair in values.items()))


def settings_in(payload: bytes) -> list[tuple[int, int]]:
    """Identifiers and values in order; those nobody knows, too (§6.5.2)."""
    if len(payload) % 6:
        raise ConnectionFault(Code.FRAME_SIZE_ERROR, "SETTINGS of a length that is no multiple of six")
    return list(_SETTING.iter_unpack(payload))


def reset_frame(stream: int, code: Code) -> bytes:
    """The end of one stream (§6.4)."""
    return frame(Kind.RST_STREAM, 0, stream, _WORD.pack(code))


def window_frame(stream: int, increment: int) -> bytes:
    """Leave to send so much more (§6.9)."""
    return frame(Kind.WINDOW_UPDATE, 0, stream, _WORD.pack(increment))


def goaway_frame(last: int, code: Code, sentence: str = "") -> bytes:
    """No streams after `last` (§6.8)."""
    return frame(Kind.GOAWAY, 0, 0, _WORD.pack(last) + _WORD.pack(code) + sentence.encode("ascii", "replace"))


def word_in(payload: bytes, name: str) -> int:
    """The only 32 bits of a payload."""
    if len(payload) != 4:
        raise ConnectionFault(Code.FRAME_SIZE_ERROR, f"{name} of {len(payload)} bytes")
    word: int = _WORD.unpack(payload)[0]
    return word


def unpadded(payload: bytes, flags: int) -> bytes:
    """The payload of DATA or HEADERS without its padding (§6.1)."""
    if not flags & PADDED:
        return payload
    if not payload or payload[0] >= len(payload):
        raise ConnectionFault(Code.PROTOCOL_ERROR, "padding that is longer than its frame")
    return payload[1 : len(payload) - payload[0]]


def block_in(payload: bytes, flags: int) -> bytes:
    """The header block of a HEADERS frame, without padding and the old priorities (§6.2)."""
    payload = unpadded(payload, flags)
    if not flags & PRIORITY:
        return payload
    if len(payload) < 5:
        raise ConnectionFault(Code.FRAME_SIZE_ERROR, "HEADERS too short for their priority")
    return payload[5:]
