"""The chunked coding, taken off a buffer piece by piece (RFC 9112 §7.1): no I/O, no guesses."""

from __future__ import annotations

import re
from enum import Enum, auto

from wire.http.lines import MalformedLine, field_line, stray_in

LINE_BYTES = 4096
TRAILER_BYTES = 16 * 1024
WASTE_BYTES = 16 * 1024
SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t \x21-\x7e\x80-\xff]*)?")
PADDED_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[\t \x21-\x7e\x80-\xff]*)?")


class MalformedChunk(ValueError):
    """Not a chunk; the text says why."""


class _Step(Enum):
    LINE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILERS = auto()


class ChunkedBody:
    """One chunked body, from its first size to the empty line behind its trailers.

    Extensions are ignored and trailers discarded (sheet 4.5), both within bounds: sizes and extensions may cost
    at most 16 KiB more than 16 bytes a chunk and twice the content, so that nobody makes us read much to get
    little.
    """

    def __init__(self, *, padded: bool = False) -> None:
        """`padded`: blanks may stand behind a size, as some servers write it."""
        self._size = PADDED_SIZE if padded else SIZE
        self._step = _Step.LINE
        self._left = 0
        self._wasted = 0
        self._trailer_bytes = 0

    def take(self, buffer: bytearray) -> bytes | None:
        """Take the next piece of content off the buffer: b"" is the end of the message, None needs more
        bytes. Raises `MalformedChunk`."""
        while True:
            match self._step:
                case _Step.LINE:
                    if not self._take_line(buffer):
                        return None
                case _Step.DATA:
                    return self._take_data(buffer)
                case _Step.DATA_END:
                    if not self._take_data_end(buffer):
                        return None
                case _Step.TRAILERS:
                    ended = self._take_trailer(buffer)
                    if ended is not None:
                        return b"" if ended else None

    def _take_data(self, buffer: bytearray) -> bytes | None:
        if not buffer:
            return None
        data = bytes(buffer) if len(buffer) <= self._left else bytes(buffer[: self._left])
        del buffer[: len(data)]
        self._left -= len(data)
        if self._left == 0:
            self._step = _Step.DATA_END
        return data

    def _take_data_end(self, buffer: bytearray) -> bool:
        if not b"\r\n".startswith(bytes(buffer[:2])):
            raise MalformedChunk("A chunk is longer than it said")
        if len(buffer) < 2:
            return False
        del buffer[:2]
        self._step = _Step.LINE
        return True

    def _take_line(self, buffer: bytearray) -> bool:
        end = buffer.find(b"\r\n", 0, LINE_BYTES)
        if stray := stray_in(buffer, 0, end, LINE_BYTES):
            raise MalformedChunk(stray)
        if end < 0:
            if len(buffer) >= LINE_BYTES:
                raise MalformedChunk("A chunk's size line is too long")
            return False
        line = self._size.fullmatch(buffer, 0, end)
        if line is None:
            raise MalformedChunk("A chunk's size is not a plain hexadecimal number")
        size = int(line[1], 16)
        del buffer[: end + 2]
        self._wasted = max(0, self._wasted + end + 2 - 16 - 2 * size)
        if self._wasted > WASTE_BYTES:
            raise MalformedChunk("Too many bytes in chunk extensions")
        self._left = size
        self._step = _Step.DATA if size else _Step.TRAILERS
        return True

    def _take_trailer(self, buffer: bytearray) -> bool | None:
        """True at the end, False when more bytes are needed, None after one line."""
        room = TRAILER_BYTES - self._trailer_bytes
        end = buffer.find(b"\r\n", 0, room)
        if stray := stray_in(buffer, 0, end, room):
            raise MalformedChunk(stray)
        if end < 0:
            if len(buffer) >= room:
                raise MalformedChunk("The trailers are too large")
            return False
        line = bytes(buffer[:end])
        del buffer[: end + 2]
        self._trailer_bytes += end + 2
        if not line:
            return True
        try:
            field_line(line)
        except MalformedLine as wrong:
            raise MalformedChunk(str(wrong)) from wrong
        return None
