"""What an answer's or a stored body is made of: bytes at hand, and spans of bodies."""

from __future__ import annotations

from attrs import frozen

from edge.core.entry import Entry


@frozen
class Span:
    """Bytes `start` up to, not including, `stop` of a stored or arriving body; `stop` None is its end."""

    start: int = 0
    stop: int | None = None


@frozen
class Extent:
    """Bytes `start` up to `stop` of another stored body than the one a command is about."""

    entry: Entry
    start: int
    stop: int


Piece = bytes | Span | Extent
WHOLE: tuple[Piece, ...] = (Span(),)
