"""A body's content coding undone as it arrives, within bounds: a small gzip may stand for a disk full of zeros."""

import zlib
from collections.abc import Iterator
from typing import Protocol

GZIP_OR_ZLIB = 47  # window bits: the header tells which
STEP = 65_536  # bytes made at a time, however little they were made from


class Damaged(Exception):
    """The coded text is not what its name says, or ends half way."""


class Decoding(Protocol):
    """From coded pieces to plain ones."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What this much more stands for, in pieces of at most `STEP` bytes that are made when asked for."""

    def finish(self) -> None:
        """Nothing, or `Damaged` when something is missing."""


class Identity:
    """No coding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The data itself."""
        yield data

    def finish(self) -> None:
        """Framing tells whether all is there."""


class Inflating:
    """gzip and deflate."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(GZIP_OR_ZLIB)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of plain text; what follows the end of the coded text is ignored."""
        while data and not self._inflate.eof:
            try:
                piece = self._inflate.decompress(data, STEP)
            except zlib.error as error:
                raise Damaged(str(error)) from error
            data = self._inflate.unconsumed_tail
            if piece:
                yield piece
        while not self._inflate.eof:  # what is ready but did not fit the last step
            try:
                piece = self._inflate.decompress(b"", STEP)
            except zlib.error as error:
                raise Damaged(str(error)) from error
            if not piece:
                return
            yield piece

    def finish(self) -> None:
        """The end must have been seen."""
        if not self._inflate.eof:
            raise Damaged("the compressed body ends half way")


def decoding_of(content_encoding: str | None) -> Decoding | None:
    """What undoes this coding; None for one we do not know."""
    names = [name.strip().lower() for name in (content_encoding or "").split(",") if name.strip()]
    match [name for name in names if name != "identity"]:
        case []:
            return Identity()
        case ["gzip" | "x-gzip" | "deflate"]:
            return Inflating()
    return None
