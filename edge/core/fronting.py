"""Errors that are kept in front of a stale response, not in its place (sheet 9.2): they answer while they are fresh."""

from __future__ import annotations

from attrs import evolve

from edge.core.entry import Entry
from edge.core.storing import Refusal


def in_front_of(held: Entry, error: Entry, now: float) -> Entry | Refusal:
    """The error as it is kept before what it may not replace, found by every purge that finds that; of no use to
    anybody who may still have it."""
    is_held_good = held.is_fresh(now) and not held.no_cache
    if is_held_good or error.no_cache or not error.is_fresh(now):
        return Refusal("an error does not replace")
    return evolve(
        error,
        date=max(error.date, held.date),  # or what is held would be thought the newer one
        vary=held.vary,
        surrogate_keys=tuple(dict.fromkeys((*held.surrogate_keys, *error.surrogate_keys))),
        etag=None,
        last_modified=None,
        in_front=True,
    )


def standing(entries: tuple[Entry, ...], now: float) -> tuple[Entry, ...]:
    """Without the errors that count no more: stale ones, and those behind which something has arrived since."""
    if not any(entry.in_front for entry in entries):
        return entries
    return tuple(entry for entry in entries if not entry.in_front or _counts(entry, entries, now))


def _counts(error: Entry, entries: tuple[Entry, ...], now: float) -> bool:
    behind = [other for other in entries if not other.in_front and other.vary == error.vary]
    return error.is_fresh(now) and all(other.response_time <= error.response_time for other in behind)


def in_front(held: Entry, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The errors before what is held."""
    return tuple(entry for entry in entries if entry.in_front and entry.vary == held.vary)
