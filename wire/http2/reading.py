"""Frames taken off a connection's bytes, once its preface has come (RFC 9113 §3.4, §4.1): no I/O."""

from __future__ import annotations

from wire.http2 import frames
from wire.http2.frames import Code, ConnectionFault

Frame = tuple[int, int, int, bytes]
"""Kind, flags, stream and payload."""


class FrameReader:
    """Feed it what comes; ask it for the next frame until there is none."""

    def __init__(self) -> None:
        self._data = b""
        self._at = 0
        """Where what was not taken yet begins."""
        self._has_preface = False

    def feed(self, data: bytes) -> None:
        """More bytes have come."""
        self._data = self._data[self._at :] + data if self._at < len(self._data) else data
        self._at = 0

    def next_frame(self) -> Frame | None:
        """The next one, or None when that takes more bytes. Raises `ConnectionFault`."""
        if not self._has_preface and not self._take_preface():
            return None
        data, start = self._data, self._at + frames.HEADER_BYTES
        if len(data) < start:
            return None
        length, kind, flags, stream = frames.header_of(data, self._at)
        if length > frames.FRAME_BYTES:
            raise ConnectionFault(Code.FRAME_SIZE_ERROR, f"a frame of {length} bytes")
        end = start + length
        if len(data) < end:
            return None
        self._at = end
        return kind, flags, stream, data[start:end]

    def _take_preface(self) -> bool:
        start = self._data[: len(frames.PREFACE)]
        if not frames.PREFACE.startswith(start):
            raise ConnectionFault(Code.PROTOCOL_ERROR, "this is no HTTP/2 (RFC 9113 section 3.4)")
        if len(start) < len(frames.PREFACE):
            return False
        self._at = len(start)
        self._has_preface = True
        return True
