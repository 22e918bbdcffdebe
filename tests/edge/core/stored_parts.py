"""Parts as they lie in a store."""

from __future__ import annotations

from attrs import evolve

from edge.core.entry import Entry
from wire.http.fields import Fields


def part(first: int, size: int, whole: int = 100, etag: str | None = '"v1"', date: float = 0.0) -> Entry:
    """A stored part."""
    entry = Entry("k", 200, Fields(), 0, 0, date, 60, 0, size=size, first=first, part_of=whole, etag=etag)
    return evolve(entry, body_id=f"{first}+{size}{etag}")
