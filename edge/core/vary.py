"""The secondary key: which request values a response was chosen by, and which variant fits a request (sheet
8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from edge.core.entry import Entry, VaryPair
from wire.http.accept import normalised
from wire.http.fields import Fields


def selecting_values(response: Fields, request: Fields) -> tuple[VaryPair, ...]:
    """Each field that Vary nominates, sorted, with the request's value. Absent is None, and only absent
    (8.2)."""
    return values_of({name.lower() for name in response.members("vary")}, request)


def values_of(names: Iterable[str], request: Fields) -> tuple[VaryPair, ...]:
    """The request's normalised values of these fields."""
    return tuple((name, _value(name, request)) for name in sorted(names))


def _value(name: str, request: Fields) -> str | None:
    joined = request.joined(name)
    return None if joined is None else normalised(name, joined)


def matches(entry: Entry, request: Fields) -> bool:
    """Whether all nominated values are the request's own."""
    return all(_value(name, request) == value for name, value in entry.vary)


def selected(
    entries: tuple[Entry, ...], request: Fields, suffices: Callable[[Entry], bool] = lambda _: True
) -> Entry | None:
    """The stored response for this request among those that suffice: the most recent Vary decides, then the latest
    Date (8.7, 7.10)."""
    if len(entries) == 1:
        only = entries[0]
        return only if (not only.vary or matches(only, request)) and suffices(only) else None
    if not entries:
        return None
    names = current_names(entries)
    fitting = [e for e in entries if names <= {name for name, _ in e.vary} and matches(e, request)]
    return max(filter(suffices, fitting), key=_recency, default=None)


def current_names(entries: tuple[Entry, ...]) -> frozenset[str]:
    """What the most recent stored response varies on."""
    newest = max(entries, key=_recency)
    return frozenset(name for name, _ in newest.vary)


def _recency(entry: Entry) -> tuple[float, float]:
    return entry.date, entry.response_time
