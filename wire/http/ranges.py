"""Byte ranges (RFC 9110 §14): what was asked for, and what that means for so many bytes."""

from __future__ import annotations

import re

from attrs import frozen

RANGES_LIMIT = 16
OVERLAPS_LIMIT = 2
GAP_BYTES = 80  # nearer parts cost more in part headers than in bytes
_SPEC = re.compile(r"([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18})", re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)", re.ASCII | re.IGNORECASE)

Part = tuple[int, int]
"""`start` up to, not including, `stop`."""


@frozen
class RangeSpec:
    """One range as it was written: `first-last`, `first-`, or the last `suffix` bytes."""

    first: int | None
    last: int | None = None
    suffix: int | None = None

    def __str__(self) -> str:
        """As it is written."""
        if self.suffix is not None:
            return f"-{self.suffix}"
        return f"{self.first}-" if self.last is None else f"{self.first}-{self.last}"

    def within(self, size: int) -> Part | None:
        """The bytes meant in a body of `size`; None when there are none."""
        if self.suffix is not None:
            return (max(0, size - self.suffix), size) if self.suffix else None
        assert self.first is not None
        if self.first >= size:
            return None
        return self.first, size if self.last is None else min(self.last + 1, size)


def parse_ranges(text: str) -> tuple[RangeSpec, ...]:
    """The specs of a Range field; empty when it is to be ignored: other unit, bad syntax, or too many."""
    unit, equals, wanted = text.partition("=")
    if not equals or unit.strip(" \t").lower() != "bytes":
        return ()
    specs: list[RangeSpec] = []
    for member in wanted.split(","):
        trimmed = member.strip(" \t")
        if not trimmed:
            continue
        found = _SPEC.fullmatch(trimmed)
        if found is None:
            return ()
        first, last, suffix = (int(number) if number else None for number in found.groups())
        if first is not None and last is not None and last < first:
            return ()
        specs.append(RangeSpec(first, last, suffix))
    return tuple(specs) if len(specs) <= RANGES_LIMIT else ()


def resolve(specs: tuple[RangeSpec, ...], size: int) -> tuple[Part, ...] | None:
    """The parts to send, in the order asked; `()` when none can be (416); None when Range is to be ignored
    (200)."""
    if not specs or size == 0:
        return None
    parts = [part for spec in specs if (part := spec.within(size)) is not None]
    if _overlapping(parts) > OVERLAPS_LIMIT:
        return None
    return _coalesced(parts)


def _overlapping(parts: list[Part]) -> int:
    return sum(
        any(a[0] < b[1] and b[0] < a[1] for j, b in enumerate(parts) if i != j) for i, a in enumerate(parts)
    )


def _coalesced(parts: list[Part]) -> tuple[Part, ...]:
    """Overlapping and near parts made one, each at the place of its first."""
    kept: list[Part] = []
    for part in parts:
        merged = part
        place = len(kept)
        while True:
            near = next((i for i, k in enumerate(kept) if _near(k, merged)), None)
            if near is None:
                break
            other = kept.pop(near)
            merged = min(other[0], merged[0]), max(other[1], merged[1])
            place = min(place, near)
        kept.insert(place, merged)
    return tuple(kept)


def _near(one: Part, other: Part) -> bool:
    return one[0] - other[1] < GAP_BYTES and other[0] - one[1] < GAP_BYTES


def content_range(part: Part, size: int) -> str:
    """Content-Range of a part."""
    return f"bytes {part[0]}-{part[1] - 1}/{size}"


def parse_content_range(text: str) -> tuple[Part, int | None] | None:
    """The part and the whole's size (None for `*`) that a 206 names; None if it is invalid (sheet 11.7)."""
    found = _CONTENT_RANGE.fullmatch(text)
    if found is None:
        return None
    first, last = int(found[1]), int(found[2])
    size = None if found[3] == "*" else int(found[3])
    if last < first or (size is not None and last >= size):
        return None
    return (first, last + 1), size
