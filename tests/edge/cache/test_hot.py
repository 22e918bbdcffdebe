"""The memory tier's own laws: what it weighs, and what it answers without waiting."""

import tracemalloc
from pathlib import Path

import pytest_twisted

from edge.cache.hot import HotCache, weight_of
from edge.core.entry import Entry
from tests.support.caches import entry_of


@pytest_twisted.ensureDeferred
async def test_an_object_larger_than_a_fraction_is_not_held(tmp_path: Path) -> None:
    """One video must not flush a thousand thumbnails; what it would have replaced is gone all the same."""
    cache = HotCache(1_000_000)
    await cache.insert("/a", entry_of("/a"), b"small")
    spool = tmp_path / "spool"
    spool.write_bytes(b"x" * 200_000)
    assert await cache.insert("/a", entry_of("/a"), spool) is None
    assert not spool.exists()
    assert cache.at_hand("/a") == ()


@pytest_twisted.ensureDeferred
async def test_entries_weigh_at_least_what_they_cost() -> None:
    """The limit is about memory: twenty thousand tiny entries must not cost thrice what is counted."""
    stored: list[Entry] = []
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        cache = HotCache(100_000_000)
        for at in range(5_000):
            fresh = Entry.from_json(
                {**entry_of(f"/{at}", tags=(f"t{at}", f"u{at}")).to_json(), "etag": f'"{at}"'}
            )
            entry = await cache.insert(f"/{at}", fresh, b"%d" % at * 20)
            assert entry is not None
        cost = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    counted = cache.stats().hot_bytes
    assert cost < counted < 3 * cost
    assert stored == []


@pytest_twisted.ensureDeferred
async def test_nothing_is_left_behind_when_all_is_gone() -> None:
    """No key, tag or byte stays in a table: a node runs for months."""
    cache = HotCache(1_000_000)
    for at in range(3_000):
        await cache.insert(f"/{at}", entry_of(f"/{at}", tags=(f"t{at}", "all")), b"x" * 500)
    await cache.purge_tags(("all",))
    assert cache.stats().hot_bytes == 0
    assert (len(cache), cache._keys, cache._tags, len(cache._order)) == (0, {}, {}, 0)


def test_a_longer_head_weighs_more() -> None:
    """Cookies and tags take memory too."""
    assert weight_of(entry_of(tags=("a" * 1000,)), 0) > weight_of(entry_of(), 0) + 1000
