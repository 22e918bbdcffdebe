"""Where a piece of a file sent in several requests lies, and whether the pieces make a whole. Pure.

A piece says its place as a range of bytes, or as its number of so many (upload-api §5): either is a span on a
line, of bytes or of numbers, and the same rules hold for both.
"""

import re
from collections.abc import Sequence

from attrs import frozen

from wire.components import printable
from wire.errors import InvalidRequest

LEAST_BYTES = 5 * 1024 * 1024
"""Of every part but the last."""
MOST_PARTS = 10_000
LONGEST_ID = 255

_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*|-1)")
_EMPTY = "bytes 0--1/0"
_NUMBER = re.compile(r"[0-9]{1,9}")


@frozen(order=True)
class Span:
    """One part's place: `start..stop` (stop exclusive) of `total`, None while its sender does not know."""

    start: int
    stop: int
    total: int | None
    is_numbered: bool = False  # counts parts, not bytes

    @property
    def is_last(self) -> bool:
        """Whether the line ends with it."""
        return self.stop == self.total

    @property
    def is_all(self) -> bool:
        """Whether it is the whole line."""
        return self.is_last and self.start == 0

    def check_size(self, size: int) -> None:
        """400 unless a part of so many bytes can lie here."""
        if not self.is_numbered and size != self.stop - self.start:
            raise InvalidRequest(
                f"Content-Range {self} does not match the size of its part: "
                f"expected {self.stop - self.start} bytes, got {size}"
            )
        if not self.is_last and size < LEAST_BYTES:
            raise InvalidRequest("All parts except EOF-chunk must be larger than 5mb")

    def is_at(self, other: "Span") -> bool:
        """Whether both are the same place, whatever they know of the whole."""
        return (self.start, self.stop) == (other.start, other.stop)

    def __str__(self) -> str:
        if self.is_numbered:
            return f"part {self.stop} of {self.total or 'unknown'}"
        return f"bytes {self.start}-{self.stop - 1}/{'*' if self.total is None else self.total}"


def span_of(content_range: str | None, number: str | None, total_parts: str | None) -> Span | None:
    """What the headers of a request say; None if it carries a whole file, `InvalidRequest` for nonsense."""
    if number is not None:
        return _numbered(number, total_parts)
    return _ranged(content_range.strip()) if content_range is not None else None


def check_fits(span: Span, others: Sequence[Span]) -> None:
    """400 if the part contradicts those that came before: another whole, or a place that overlaps."""
    for each in others:
        if each.is_numbered != span.is_numbered:
            raise InvalidRequest("Parts of one upload must all have a Content-Range, or all a part number")
        if None not in (each.total, span.total) and each.total != span.total:
            raise InvalidRequest(f"The parts of this upload differ in their total size: {span} after {each}")
        if span.total is not None and each.stop > span.total:
            raise InvalidRequest(f"The parts of this upload go beyond its total size: {span} after {each}")
        if each.total is not None and span.stop > each.total:
            raise InvalidRequest(f"The parts of this upload go beyond its total size: {span} after {each}")
        if span.start < each.stop and each.start < span.stop and not span.is_at(each):
            raise InvalidRequest(f"The parts of this upload overlap: {span} and {each}")


def is_whole(spans: Sequence[Span]) -> bool:
    """Whether nothing is missing. They do not overlap."""
    total = next((each.total for each in spans if each.total is not None), None)
    return total is not None and sum(each.stop - each.start for each in spans) == total


def check_no_gap(spans: Sequence[Span]) -> None:
    """400 naming the first thing that is missing, once the last range has come."""
    reached = 0
    for each in sorted(spans):
        if each.start > reached:
            raise InvalidRequest(
                f"The upload has a gap: bytes {reached}-{each.start - 1} are missing. "
                "Send them, then the last part again"
            )
        reached = each.stop


def checked_upload_id(text: str | None) -> str:
    """`X-Unique-Upload-Id`, which the parts of one file share."""
    value = (text or "").strip()
    if not value:
        raise InvalidRequest("Missing required header - X-Unique-Upload-Id")
    if len(value) > LONGEST_ID:
        raise InvalidRequest(f"X-Unique-Upload-Id is too long. Maximum is {LONGEST_ID} characters.")
    return value


def _ranged(text: str) -> Span:
    if text == _EMPTY:
        raise InvalidRequest("Empty file")
    found = _RANGE.fullmatch(text)
    if found is None:
        raise _no_range(text)
    start, stop = int(found[1]), int(found[2]) + 1
    total = int(found[3]) if found[3].isdigit() else None
    if stop <= start or (total is not None and stop > total):
        raise _no_range(text)
    return Span(start, stop, total)


def _no_range(text: str) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid Content-Range {printable(text)}: expected bytes <start>-<end>/<total>, the total * or -1 "
        "while it is unknown"
    )


def _numbered(number: str, total_parts: str | None) -> Span:
    place = _counted("X-Upload-Part-Number", number)
    total = None if total_parts is None else _counted("X-Upload-Total-Parts", total_parts)
    if total is not None and place > total:
        raise InvalidRequest("X-Upload-Part-Number is more than X-Upload-Total-Parts")
    return Span(place - 1, place, total, is_numbered=True)


def _counted(name: str, text: str) -> int:
    value = int(text) if _NUMBER.fullmatch(text.strip()) else 0
    if not 1 <= value <= MOST_PARTS:
        raise InvalidRequest(f"Invalid {name} {printable(text)}: expected a number from 1 to {MOST_PARTS}")
    return value
