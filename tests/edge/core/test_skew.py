"""Clocks that differ: an answer comes from an origin through a shield to an edge, each going by its own."""

from __future__ import annotations

from math import floor

from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from edge.core.entry import Entry
from edge.core.key import address_of
from edge.core.policy import Policy
from edge.core.storing import Filling, prospect_of
from tests.edge.core.playbook import get
from wire.http.dates import format_date
from wire.http.fields import Fields, ResponseHead

TRUE = 1_800_000_000.0
"""When the origin answers, by a clock that goes right."""
DAY = 86_400.0
WHOLE_SECONDS = 2.0
"""What two caches lose of an age that is told in whole seconds."""
SKEWS = st.floats(-DAY, DAY)
WAITS = st.floats(0, 3 * 3600.0)


@frozen
class Cache:
    """A shield or an edge whose clock is wrong."""

    skew: float
    policy: Policy = field(factory=Policy)

    def stored(self, head: ResponseHead, at: float) -> Entry:
        """What it keeps of an answer that comes at a true moment."""
        here = at + self.skew
        asked = get()
        entry = prospect_of(
            head, Filling(address_of(asked, self.policy.key), asked.fields, here, here), self.policy
        )
        assert isinstance(entry, Entry)
        return entry

    def told(self, entry: Entry, at: float) -> ResponseHead:
        """What it answers of it at a true moment."""
        age = floor(entry.age_at(at + self.skew))
        return ResponseHead(200, entry.fields.replacing("Age", str(age)))


def answered(origin_skew: float, lifetime: int) -> ResponseHead:
    date = format_date(TRUE + origin_skew)
    return ResponseHead(200, Fields.of(Date=date, Cache_Control=f"max-age={lifetime}", ETag='"a"'))


@given(SKEWS, SKEWS, SKEWS, WAITS, WAITS, st.integers(1, 7200))
def test_an_answer_lives_as_long_as_it_was_given_whatever_the_clocks_say(
    origin: float, shield: float, edge: float, in_shield: float, in_edge: float, lifetime: int
) -> None:
    """RFC 9111 §4.2.3 without apparent_age: never stale at once, never immortal, and no Age that is not true."""
    first, second = Cache(shield), Cache(edge)
    held = first.stored(answered(origin, lifetime), TRUE)
    moved = TRUE + in_shield
    kept = second.stored(first.told(held, moved), moved)
    asked = moved + in_edge
    true_age = in_shield + in_edge
    assert abs(kept.age_at(asked + edge) - true_age) < WHOLE_SECONDS
    if abs(true_age - lifetime) > WHOLE_SECONDS:
        assert kept.is_fresh(asked + edge) is (true_age < lifetime)


@given(st.floats(1, DAY), st.integers(1, 7200))
def test_who_counts_dates_as_age_finds_all_stale_that_a_slower_clock_sent(
    behind: float, lifetime: int
) -> None:
    """`conservative_age` is for caches whose clocks are kept right: the difference comes off each lifetime."""
    cautious = Cache(0.0, Policy(conservative_age=True))
    entry = cautious.stored(answered(-behind, lifetime), TRUE)
    if abs(behind - lifetime) > WHOLE_SECONDS:
        assert entry.is_fresh(TRUE) is (behind < lifetime)


@given(st.floats(1, DAY), st.integers(1, 7200), WAITS)
def test_a_clock_set_back_between_two_starts_makes_nothing_immortal(
    back: float, lifetime: int, waited: float
) -> None:
    """22.6: what was stored by a clock that was ahead is validated before it is shown."""
    entry = Cache(back).stored(answered(0.0, lifetime), TRUE)
    if waited < back:
        assert not entry.is_fresh(TRUE + waited)
