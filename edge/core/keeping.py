"""What is stored when a body has ended, whole or not, and what gives way to it (sheet 9.2, 11.9, 12.1)."""

from __future__ import annotations

from attrs import evolve

from edge.core.commands import Command, Drop, Freshen, Store
from edge.core.entry import Entry
from edge.core.parts import joined, outdated_by, representation_of
from edge.core.pieces import WHOLE, Extent
from edge.core.policy import Policy
from wire.http.conditional import is_strong


def storing(
    entry: Entry, entries: tuple[Entry, ...], replaced: tuple[Entry, ...], policy: Policy
) -> list[Command]:
    """Into the store, a part as one with those that it makes a larger one with; nothing where all its bytes are
    there. `entries` are under the key already, `replaced` those it was asked for in place of."""
    if entry.in_front:
        return [Store(entry)]
    if not entry.is_part:
        return [Store(entry), *map(Drop, _replaced_by(entry, entries, replaced))]
    named = representation_of(entry)
    kin = [other for other in entries if other.is_part and named and representation_of(other) == named]
    holder = next((other for other in kin if other.first <= entry.first and entry.end <= other.end), None)
    if holder is not None:
        return _confirming(entry, holder)
    together, pieces = joined(entry, kin, policy.object_bytes)
    used = {piece.entry.body_id for piece in pieces if isinstance(piece, Extent)}
    spent = [other for other in kin if other.body_id in used and other.variant != together.variant]
    left = tuple(other for other in entries if other not in spent)
    store = Store(together, pieces if used else WHOLE)
    return [store, *map(Drop, spent), *map(Drop, _replaced_by(together, left, ()))]


def _confirming(part: Entry, holder: Entry) -> list[Command]:
    """Bytes that are there already bring their fields to the part that holds them (RFC 9111 §3.4), if it is stale."""
    if holder.is_fresh(part.response_time):
        return []
    return [Freshen(evolve(part, first=holder.first, size=holder.size, body_id=holder.body_id))]


def _replaced_by(entry: Entry, entries: tuple[Entry, ...], replaced: tuple[Entry, ...]) -> list[Entry]:
    """What the entry replaces beside its own variant (9.2)."""
    gone = (*replaced, *outdated_by(entry, entries))
    return [other for other in entries if other.variant != entry.variant and other in gone]


def is_storable(prospect: Entry, size: int, policy: Policy, *, with_prefix: bool) -> bool:
    """Whether a finished body is not too large, and where its place in a whole was told, of the size that was told
    (11.7); of others the framing is the judge."""
    is_placed = prospect.is_part or with_prefix
    return size <= policy.object_bytes and (not is_placed or size == prospect.size)


def is_worth_finishing(prospect: Entry, got: int, policy: Policy) -> bool:
    """Whether what its viewer left is small, or more than half here (12.6)."""
    size, small = prospect.size, policy.finish_abandoned_bytes
    return got <= small if size < 0 else size <= small or size < 2 * got


def salvaged(prospect: Entry | None, size: int, policy: Policy) -> Entry | None:
    """The beginning of a body that broke off, as a part, where its rest can be asked for (12.1)."""
    if prospect is None or prospect.etag is None or not is_strong(prospect.etag):
        return None
    if not 0 < size < prospect.size or size > policy.object_bytes:
        return None
    whole = prospect.part_of if prospect.is_part else prospect.size
    return evolve(prospect, size=size, part_of=whole)
