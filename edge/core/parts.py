"""Stored parts of bodies: what is held of a representation, and what that is good for (sheet 11.7–11.10).

Each part is a stored response of its own (`Entry.first`, `Entry.part_of`). Those of one representation, by their
strong validator, are seen together as a *view*: an entry of the whole's size whose `parts` hold the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve

from edge.core.entry import Entry
from edge.core.pieces import Extent, Piece, Span
from wire.http.conditional import if_range_holds, is_strong
from wire.http.fields import RequestHead
from wire.http.ranges import parse_ranges, resolve


def in_view(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """What a look-up found, the parts of one representation seen as one. Without a strong validator each part
    stays alone: nothing says that two belong together (RFC 9111 §3.4)."""
    if not any(entry.is_part for entry in entries):
        return entries
    wholes: list[Entry] = []
    groups: dict[object, list[Entry]] = {}
    for entry in entries:
        if entry.is_part:
            named = representation_of(entry) or entry.body_id
            groups.setdefault(named, []).append(entry)
        else:
            wholes.append(entry)
    return (*wholes, *(view_of(parts) for parts in groups.values()))


def representation_of(entry: Entry) -> tuple[object, ...] | None:
    """What a part must share with another to be combined with it; None where it can be with none."""
    if entry.etag is None or not is_strong(entry.etag):
        return None
    return entry.vary, entry.etag, entry.part_of


def view_of(parts: Iterable[Entry]) -> Entry:
    """The representation whose parts these are; the newest 200's head counts, or else the newest's (RFC 9110
    §15.3.7.3)."""
    ordered = tuple(sorted(parts, key=lambda part: part.first))
    newest = max(ordered, key=lambda part: (not part.of_206, part.date, part.response_time))
    return seen_as(newest, ordered)


def seen_as(head: Entry, parts: tuple[Entry, ...]) -> Entry:
    """The view of these parts under the head of one of them."""
    oldest = min(part.generation for part in parts)
    return evolve(head, size=head.part_of, first=0, part_of=-1, parts=parts, body_id="", generation=oldest)


def behind(entry: Entry) -> tuple[Entry, ...]:
    """The stored responses that an entry stands for: its parts, or itself."""
    return entry.parts or (entry,)


def reach(entry: Entry, start: int = 0) -> int:
    """How far the bytes from `start` on are held without a gap; `start` where they are not."""
    if not entry.parts:
        return entry.size
    for part in entry.parts:
        if part.first <= start < part.end:
            start = part.end
    return start


def is_whole(entry: Entry) -> bool:
    """Whether every byte is held."""
    return not entry.parts or reach(entry) >= entry.size


def suffices(entry: Entry, request: RequestHead, now: float) -> bool:
    """Whether what is held can answer the request: a whole always, parts only for ranges within (RFC 9111 §3.3)."""
    if is_whole(entry):
        return True
    asked = request.fields
    if request.method != "GET" or "range" not in asked:
        return False
    condition = asked.get("if-range")
    if condition is not None and not if_range_holds(condition, entry.fields, date=entry.date, now=now):
        return False  # all of it is wanted then
    wanted = resolve(parse_ranges(asked.joined("range") or ""), entry.size)
    return wanted is not None and all(reach(entry, start) >= stop for start, stop in wanted)


def placed(entry: Entry, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Pieces of a view's whole as pieces of the stored parts; those of a plain entry are what they are."""
    if not entry.parts:
        return pieces
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Span):
            found += _extents(entry, piece.start, entry.size if piece.stop is None else piece.stop)
        else:
            found.append(piece)
    return tuple(found)


def _extents(entry: Entry, start: int, stop: int) -> list[Piece]:
    """The bytes `start` up to `stop`, all of them held."""
    found: list[Piece] = []
    while start < stop:
        covering = [part for part in entry.parts if part.first <= start < part.end]
        part = max(covering, key=lambda each: each.end)
        until = min(stop, part.end)
        found.append(Extent(part, start - part.first, until - part.first))
        start = until
    return found


def placed_within(part: Entry, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Pieces of a whole as pieces of the body of the one part that holds them."""
    found = placed(view_of((part,)), pieces)
    return tuple(Span(each.start, each.stop) if isinstance(each, Extent) else each for each in found)


def joined(part: Entry, kin: Sequence[Entry], most_bytes: int) -> tuple[Entry, tuple[Piece, ...]]:
    """A new part together with the stored ones of its representation that it is to be stored as one with, and what
    its body is made of (a Span is of the new one's).

    All of them where they make a whole; else neighbours no larger than what there is, as a binary counter carries:
    so a body read part by part is copied a few times only, and is few parts at any time.
    """
    makes_whole = reach(view_of((part, *kin))) >= part.part_of <= most_bytes
    run = [part, *kin] if makes_whole else _run(part, kin, most_bytes)
    view = view_of(run)
    first, end = min(each.first for each in run), max(each.end for each in run)
    together = evolve(part, first=first, size=end - first, generation=view.generation)
    pieces = placed(view, (Span(first, end),))
    own = tuple(Span(p.start, p.stop) if isinstance(p, Extent) and p.entry is part else p for p in pieces)
    return as_whole(together), own


def _run(part: Entry, kin: Sequence[Entry], most_bytes: int) -> list[Entry]:
    run, first, end = [part], part.first, part.end
    while True:
        near = (
            o for o in kin if o not in run and o.first <= end and first <= o.end and o.size <= end - first
        )
        other = next(near, None)
        if other is None or max(end, other.end) - min(first, other.first) > most_bytes:
            return run
        run.append(other)
        first, end = min(first, other.first), max(end, other.end)


def as_whole(entry: Entry) -> Entry:
    """A part that is all there is, as the whole it is."""
    is_all = entry.is_part and entry.first == 0 and entry.size == entry.part_of
    return evolve(entry, part_of=-1) if is_all else entry


def outdated_by(entry: Entry, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """What under the key is of another representation than a new one, or superseded by it: every part beside a
    new whole, and the error before it; beside a new part, all that has another strong validator (11.9)."""
    same = [other for other in entries if other.vary == entry.vary]
    if not entry.is_part:
        return tuple(other for other in same if other.is_part or other.in_front)
    if representation_of(entry) is None:
        return ()
    return tuple(other for other in same if other.etag is not None and other.etag != entry.etag)
