"""Header blocks: gathered from HEADERS and CONTINUATION, then unpacked (RFC 9113 §4.3, RFC 7541)."""

from __future__ import annotations

import hpack
from attrs import define
from hpack.table import HeaderTable

from wire.http.incoming import Incoming
from wire.http.lines import Line
from wire.http2.frames import Code, ConnectionFault
from wire.http2.limits import Limits
from wire.http2.requests import size_of

MOST_PIECES = 64
REMEMBERED = 16  # blocks of one connection
REMEMBERED_BYTES = 4096  # of a header list, as §6.5.2 counts it


@define(eq=False)
class Section:
    """A header block, unpacked."""

    lines: list[Line]
    packed_bytes: int
    request: Incoming | None = None
    """What its lines were found to ask for, where the stream ended with them."""


class CountingTable(HeaderTable):
    """A dynamic table that tells when it has changed."""

    additions = 0

    def add(self, name: bytes, value: bytes) -> None:
        self.additions += 1
        super().add(name, value)


class HeaderBlocks:
    """One block at a time: nothing else may come until it has ended.

    A peer that asks for the same again sends the same bytes, once they are in the table. Those say the same until
    the table changes, and are not unpacked again.
    """

    def __init__(self, limits: Limits) -> None:
        self.stream = 0
        self.is_last = False
        """Whether the stream ends with it."""
        self.is_open = False
        self._limits = limits
        self._decoder = hpack.Decoder(max_header_list_size=limits.most_header_bytes)
        self._table = self._decoder.header_table = CountingTable()
        self._pieces: list[bytes] = []
        self.known: dict[bytes, Section] = {}
        """What blocks that may come again say."""

    def begin(self, stream: int, *, is_last: bool) -> None:
        """HEADERS have come, and more is to follow."""
        self.stream, self.is_last, self.is_open = stream, is_last, True
        self._pieces = []

    def add(self, piece: bytes) -> None:
        """A piece of it; not endless ones (CVE-2024-27316)."""
        self._pieces.append(piece)
        if len(self._pieces) > MOST_PIECES:
            raise _without_end()
        self._check_size(sum(map(len, self._pieces)))

    def end(self) -> Section:
        """All pieces, unpacked."""
        block, self._pieces, self.is_open = b"".join(self._pieces), [], False
        return self.unpacked(block)

    def unpacked(self, block: bytes) -> Section:
        """A whole block, unpacked. What cannot be unpacked takes the common state with it."""
        known = self.known.get(block)
        if known is not None:
            return known
        self._check_size(len(block))
        additions = self._table.additions
        section = Section(self._decoded(block), len(block))
        if self._table.additions != additions or _resizes(block):
            self.known.clear()
        elif size_of(section.lines) <= REMEMBERED_BYTES:
            if len(self.known) == REMEMBERED:
                self.known.clear()
            self.known[block] = section
        return section

    def _check_size(self, size: int) -> None:
        if size > self._limits.block_bytes:
            raise _without_end()

    def _decoded(self, block: bytes) -> list[Line]:
        try:
            return [(bytes(name), bytes(value)) for name, value in self._decoder.decode(block, raw=True)]
        except hpack.OversizedHeaderListError:
            raise ConnectionFault(Code.ENHANCE_YOUR_CALM, "a header list that is far too large") from None
        except (hpack.HPACKError, UnicodeError, IndexError, ValueError):
            raise ConnectionFault(Code.COMPRESSION_ERROR, "a header block that cannot be read") from None


def _without_end() -> ConnectionFault:
    return ConnectionFault(Code.ENHANCE_YOUR_CALM, "a header block without end")


def _resizes(block: bytes) -> bool:
    """Whether it begins with a new size for the table, which may let go of entries (RFC 7541 §4.2, §6.3)."""
    return bool(block) and block[0] & 0xE0 == 0x20
