"""The flight table's short memories (sheet 14.6, 18.2, 22.5)."""

from __future__ import annotations

from math import inf

from edge.core.unshareable import Backoff, Recent


def test_recent_keys_fade() -> None:
    """After `seconds` without use a key is forgotten; use renews it."""
    recent = Recent(10.0, 5)
    recent.note("a", 0.0)
    assert recent.renew("a", 9.0)
    assert recent.renew("a", 18.0)
    assert not recent.renew("a", 28.0)
    recent.note("a", 30.0)
    recent.forget("a")
    assert not recent.renew("a", 30.0)


def test_recent_keys_are_bounded() -> None:
    """The oldest notes give way, and so do faded ones."""
    recent = Recent(10.0, 2)
    for number, key in enumerate("abc"):
        recent.note(key, float(number))
    assert not recent.renew("a", 3.0)
    assert recent.renew("b", 3.0)
    assert recent.noted_at("c") == 2.0


def test_a_failing_key_is_held_off_twice_as_long_each_time() -> None:
    """1 s, 2, 4, up to the limit; a success starts over."""
    backoff = Backoff(1.0, 4.0, limit=2)
    for now, until in ((0.0, 1.0), (1.0, 3.0), (3.0, 7.0), (7.0, 11.0)):
        backoff.failed("a", now)
        assert backoff.holds("a", until - 0.01)
        assert not backoff.holds("a", until)
    backoff.succeeded("a")
    backoff.failed("a", 20.0)
    assert not backoff.holds("a", 21.0)
    for key in "bc":
        backoff.failed(key, 20.0)
    assert not backoff.holds("a", 20.5)


def test_a_note_made_again_is_the_newest_and_takes_no_more_room() -> None:
    """18.2, 22.5."""
    recent = Recent(10.0, 2)
    for now, key in enumerate("aba"):
        recent.note(key, float(now))
    recent.note("c", 3.0)
    assert [recent.noted_at(key) for key in "abc"] == [2.0, -inf, 3.0]
    recent.note("d", 13.0)
    assert [recent.noted_at(key) for key in "acd"] == [-inf, -inf, 13.0], "what faded goes with the next note"


def test_backoff_holds_as_many_keys_as_it_may() -> None:
    """14.6, 22.5: and a key that never failed is never held off."""
    backoff = Backoff(1.0, 4.0, limit=2)
    assert not backoff.holds("a", -1e9)
    for key in "ab":
        backoff.failed(key, 0.0)
    assert backoff.holds("a", 0.5)
    assert backoff.holds("b", 0.5)
    short = Backoff(0.25, 4.0)
    short.failed("a", 0.0)
    assert not short.holds("a", 0.25)
