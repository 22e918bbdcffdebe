"""Purge beats in-flight fetches (sheet 20.5)."""

from __future__ import annotations

from attrs import evolve

from edge.core.entry import Entry
from edge.core.purges import PurgeLog
from wire.http.fields import Fields

ENTRY = Entry("k", 200, Fields(), 0.0, 0.0, 0.0, 60.0, 0.0, surrogate_keys=("shoes", " /a"))


def test_a_fetch_that_began_before_the_purge_is_beaten() -> None:
    """By key, by any tag it turned out to have; not by purges before it or of others."""
    for keys, tags in ((["k"], []), ([], ["shoes"]), ([], [" /a"])):
        log = PurgeLog()
        before = log.mark
        log.purge(keys, tags)
        assert log.left(before, ENTRY) is None
        assert log.left(log.mark, ENTRY) is not None
    log = PurgeLog()
    before = log.mark
    log.purge(keys=["other"], tags=["hats", "k"])
    assert log.left(before, ENTRY) is not None


def test_forgetting_errs_on_the_safe_side() -> None:
    """22.5: the log is bounded; a fetch older than its memory leaves nothing."""
    log = PurgeLog(kept=2)
    before = log.mark
    for name in ("a", "b", "c"):
        log.purge(keys=[name])
    assert log.left(before, ENTRY) is None
    assert log.left(log.mark, ENTRY) is not None


def test_only_what_was_forgotten_counts_against_all() -> None:
    """20.5: as many as may be kept are kept, and a purge made again is the newest."""
    log, other = PurgeLog(kept=2), evolve(ENTRY, key="other", surrogate_keys=())
    log.purge(keys=["a"])
    log.purge(keys=["b"])
    assert log.left(0, other) is not None
    log.purge(keys=["a"])
    log.purge(keys=["c"])
    assert log.left(1, other) is None, "b is forgotten, and it came second"
    assert log.left(2, other) is not None
    assert log.left(2, evolve(other, key="a")) is None


def test_a_soft_purge_leaves_what_was_under_way_stale() -> None:
    """cdn-vendors §12.3: from the purge on; what was purged for good before is gone all the same."""
    log = PurgeLog()
    before = log.mark
    log.purge(tags=["shoes"], stale_at=7.0)
    left = log.left(before, ENTRY)
    assert left == ENTRY.expired(7.0)
    assert log.left(log.mark, ENTRY) is ENTRY
    log.purge(keys=["k"])
    between = log.mark
    log.purge(keys=["k"], stale_at=9.0)
    assert log.left(before, ENTRY) is None
    assert log.left(between, ENTRY) == ENTRY.expired(9.0)


def test_soft_purges_that_were_forgotten_err_on_the_safe_side() -> None:
    log = PurgeLog(kept=1)
    for name in ("a", "b"):
        log.purge(keys=[name], stale_at=1.0)
    assert log.left(0, ENTRY) is None
    assert log.left(1, ENTRY) is ENTRY
