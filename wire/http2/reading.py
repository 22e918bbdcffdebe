"""Frames taken off a connection's bytes, once its preface has come (RFC 9113 §3.4, §4.1): no I/O."""

from __future__ import annotations

from wire.http2 import frames
from wire.http2.frames import Code, ConnectionFault

Frame = tuple[int, int, int, bytes]
"""Kind, flags, stream and payload."""


class FrameReader:
    """Feed it what comes; ask it for the next frame until there is none."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._has_preface = False

    def feed(self, data: bytes) -> None:
        """More bytes have come."""
        self._buffer += data

    def next_frame(self) -> Frame | None:
        """The next one, or None when that takes more bytes. Raises `ConnectionFault`."""
        buffer = self._buffer
        if not self._has_preface and not self._take_preface():
            return None
        if len(buffer) < frames.HEADER_BYTES:
            return None
        length, kind, flags, stream = frames.header_of(buffer, 0)
        if length > frames.FRAME_BYTES:
            raise ConnectionFault(Code.FRAME_SIZE_ERROR, f"a frame of {length} bytes")
        end = frames.HEADER_BYTES + length
        if len(buffer) < end:
            return None
        payload = bytes(buffer[frames.HEADER_BYTES : end])
        del buffer[:end]
        return kind, flags, stream, payload

    def _take_preface(self) -> bool:
        start = bytes(self._buffer[: len(frames.PREFACE)])
        if not frames.PREFACE.startswith(start):
            raise ConnectionFault(Code.PROTOCOL_ERROR, "this is no HTTP/2 (RFC 9113 section 3.4)")
        if len(start) < len(frames.PREFACE):
            return False
        del self._buffer[: len(start)]
        self._has_preface = True
        return True
