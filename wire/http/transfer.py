"""What an answer's Transfer-Encoding says of its body, and the codings beside chunked, undone as they arrive (RFC 9112
§6.1, §7.2): no I/O, no guesses."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from attrs import frozen

WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
NO_CODING = ["identity"]  # of RFC 2616, where it meant none; some servers still say so
PIECE_BYTES = 64 * 1024
MOST_BYTES = 16 << 20  # that one piece off the wire may come to: nobody could be asked to pause amid it


class MalformedCoding(ValueError):
    """Not in the coding that was announced, or in one that cannot be undone; the text says which."""


@frozen
class Framing:
    """How to read a body that has a Transfer-Encoding."""

    is_chunked: bool
    """Else it ends with the connection (RFC 9112 §6.3)."""
    coding: str = ""
    """What is to be undone behind that; empty: nothing."""


def framing_of(codings: Sequence[str]) -> Framing:
    """What these codings, in lower case and the order in which they were applied, come to. `MalformedCoding` where
    one is unknown, or chunked is not the last: two readers might then see two bodies."""
    *inner, last = codings
    if list(codings) == NO_CODING:
        return Framing(is_chunked=False)
    is_chunked = last == "chunked"
    inner = inner if is_chunked else list(codings)
    if len(inner) > 1 or any(coding not in WINDOWS for coding in inner):
        raise MalformedCoding(f"transfer codings {', '.join(codings)} are not understood")
    return Framing(is_chunked, *inner)


class Inflating:
    """One body in gzip or deflate (zlib's format), turned back into its content."""

    def __init__(self, coding: str) -> None:
        self._stream = zlib.decompressobj(WINDOWS[coding])

    @property
    def is_whole(self) -> bool:
        """Whether the coding's own end has come."""
        return self._stream.eof

    def take(self, data: bytes) -> Iterator[bytes]:
        """The content of some more of it, piece by piece. Raises `MalformedCoding`."""
        made = 0
        while not self.is_whole:
            try:
                piece = self._stream.decompress(data, PIECE_BYTES)
            except zlib.error as wrong:
                raise MalformedCoding(f"not in the transfer coding it names: {wrong}") from wrong
            data = self._stream.unconsumed_tail
            made += len(piece)
            if made > MOST_BYTES:
                raise MalformedCoding("a transfer coding that comes to too much at once")
            if piece:
                yield piece
            if not data and len(piece) < PIECE_BYTES:
                break
        if self._stream.unused_data or (self.is_whole and data):
            raise MalformedCoding("bytes behind the end of a transfer coding")
