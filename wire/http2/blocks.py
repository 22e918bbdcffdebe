"""Header blocks: gathered from HEADERS and CONTINUATION, then unpacked (RFC 9113 §4.3, RFC 7541)."""

from __future__ import annotations

import hpack

from wire.http.lines import Line
from wire.http2.frames import Code, ConnectionFault
from wire.http2.limits import Limits

MOST_PIECES = 64


class HeaderBlocks:
    """One block at a time: nothing else may come until it has ended."""

    def __init__(self, limits: Limits) -> None:
        self.stream = 0
        self.is_last = False
        """Whether the stream ends with it."""
        self.is_open = False
        self._limits = limits
        self._decoder = hpack.Decoder(max_header_list_size=limits.most_header_bytes)
        self._pieces: list[bytes] = []

    def begin(self, stream: int, *, is_last: bool) -> None:
        """HEADERS have come."""
        self.stream, self.is_last, self.is_open = stream, is_last, True
        self._pieces = []

    def add(self, piece: bytes) -> None:
        """A piece of it; not endless ones (CVE-2024-27316)."""
        self._pieces.append(piece)
        if len(self._pieces) > MOST_PIECES or sum(map(len, self._pieces)) > self._limits.block_bytes:
            raise ConnectionFault(Code.ENHANCE_YOUR_CALM, "a header block without end")

    def end(self) -> list[Line]:
        """All of it, unpacked. What cannot be unpacked takes the common state with it."""
        block, self._pieces, self.is_open = b"".join(self._pieces), [], False
        try:
            return [(bytes(name), bytes(value)) for name, value in self._decoder.decode(block, raw=True)]
        except hpack.OversizedHeaderListError:
            raise ConnectionFault(Code.ENHANCE_YOUR_CALM, "a header list that is far too large") from None
        except (hpack.HPACKError, UnicodeError, IndexError, ValueError):
            raise ConnectionFault(Code.COMPRESSION_ERROR, "a header block that cannot be read") from None
