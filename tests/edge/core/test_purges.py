"""Purge beats in-flight fetches (sheet 20.5)."""

from __future__ import annotations

from attrs import evolve

from edge.core.entry import Entry
from edge.core.purges import PurgeLog
from wire.http.fields import Fields

ENTRY = Entry("k", 200, Fields(), 0.0, 0.0, 0.0, 60.0, 0.0, surrogate_keys=("shoes", " /a"))


def test_a_fetch_that_began_before_the_purge_is_beaten() -> None:
    """By key, by any tag it turned out to have; not by purges before it or of others."""
    for purge in ({"keys": ["k"]}, {"tags": ["shoes"]}, {"tags": [" /a"]}):
        log = PurgeLog()
        before = log.mark
        log.purge(**purge)
        assert log.beats(before, ENTRY)
        assert not log.beats(log.mark, ENTRY)
    log = PurgeLog()
    before = log.mark
    log.purge(keys=["other"], tags=["hats", "k"])
    assert not log.beats(before, ENTRY)


def test_forgetting_errs_on_the_safe_side() -> None:
    """22.5: the log is bounded; a fetch older than its memory leaves nothing."""
    log = PurgeLog(kept=2)
    before = log.mark
    for name in ("a", "b", "c"):
        log.purge(keys=[name])
    assert log.beats(before, ENTRY)
    assert not log.beats(log.mark, ENTRY)


def test_only_what_was_forgotten_counts_against_all() -> None:
    """20.5: as many as may be kept are kept, and a purge made again is the newest."""
    log, other = PurgeLog(kept=2), evolve(ENTRY, key="other", surrogate_keys=())
    log.purge(keys=["a"])
    log.purge(keys=["b"])
    assert not log.beats(0, other)
    log.purge(keys=["a"])
    log.purge(keys=["c"])
    assert log.beats(1, other), "b is forgotten, and it came second"
    assert not log.beats(2, other)
    assert log.beats(2, evolve(other, key="a"))
