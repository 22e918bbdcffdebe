"""A stored response as a value."""

from __future__ import annotations

import json

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.core.entry import Entry
from wire.http.fields import Fields

TEXT = st.text(st.characters(max_codepoint=255), max_size=6)
MOMENTS = st.floats(0, 2e9)
ENTRIES = st.builds(
    Entry,
    key=TEXT,
    status=st.integers(200, 599),
    fields=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(Fields),
    request_time=MOMENTS,
    response_time=MOMENTS,
    date=MOMENTS,
    lifetime=st.floats(-1e6, 1e10),
    initial_age=st.floats(0, 1e10),
    size=st.integers(-1, 1 << 40),
    no_cache=st.booleans(),
    etag=st.none() | TEXT,
    last_modified=st.none() | MOMENTS,
    vary=st.lists(st.tuples(TEXT, st.none() | TEXT), max_size=2).map(tuple),
    surrogate_keys=st.lists(TEXT, max_size=2).map(tuple),
    expired_at=st.none() | MOMENTS,
    body_id=TEXT,
)
PLAIN = Entry("k", 200, Fields(), 100.0, 100.0, 100.0, 60.0, 10.0)


@given(ENTRIES)
def test_json_and_back_changes_nothing(entry: Entry) -> None:
    """The disk tier keeps entries as JSON."""
    back = Entry.from_json(json.loads(json.dumps(entry.to_json())))
    assert back == entry
    assert back.variant == entry.variant


def test_age_counts_on_from_what_it_was() -> None:
    """6.1."""
    assert PLAIN.age_at(130.0) == 40.0


def test_fresh_means_strictly_younger() -> None:
    """5.5."""
    assert PLAIN.is_fresh(149.9)
    assert not PLAIN.is_fresh(150.0)
    assert PLAIN.ttl_at(149.5) == 0
    assert PLAIN.ttl_at(150.5) == -1


def test_an_entry_from_the_future_is_stale() -> None:
    """22.6: a wall-clock jump over a restart must not make entries immortal."""
    assert not PLAIN.is_fresh(99.0)
    assert PLAIN.age_at(99.0) == 10.0


def test_expiring_twice_is_expiring_once() -> None:
    """20.3: the first moment counts."""
    expired = PLAIN.expired(120.0)
    assert not expired.is_fresh(120.0)
    assert expired.expired(130.0) == expired
    assert expired.staleness_at(130.0) == 10.0
    assert expired.staleness_at(200.0) == 80.0


@given(ENTRIES, MOMENTS, st.floats(0, 1e6))
def test_an_entry_never_grows_younger(entry: Entry, now: float, later: float) -> None:
    """However time runs, age does not fall, and what is stale stays stale."""
    assert entry.age_at(now + later) >= entry.age_at(now) >= 0
    if now >= entry.response_time and not entry.is_fresh(now):
        assert not entry.is_fresh(now + later)
    assert not evolve(entry, expired_at=now).is_fresh(now)
