"""Sweeping: what nobody names goes, what may yet be named stays."""

from collections.abc import Sequence
from pathlib import Path

import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st

from origin.store.interface import ObjectInfo
from origin.store.memory import MemoryStore
from origin.store.sweep import Swept, old_enough, orphans, sweep

infos = st.lists(st.builds(ObjectInfo, st.sampled_from("abcdef"), st.just(1), st.integers(0, 20)), max_size=8)


@given(infos, st.frozensets(st.sampled_from("abcdef")), st.integers(0, 20))
def test_only_old_and_unnamed_objects_are_orphans(
    listing: list[ObjectInfo], named: frozenset[str], grace: int
) -> None:
    """An upload's object is older than its row: until the grace is over it may be about to be named."""
    found = orphans(old_enough(listing, now=20, grace_seconds=grace), named)
    for each in listing:
        assert (each in found) == (each.key not in named and 20 - each.modified >= grace)


@pytest_twisted.ensureDeferred
async def test_a_sweep_removes_orphans_under_its_prefix_only(tmp_path: Path) -> None:
    """And asks for names only after it has listed, in batches."""
    time = [0.0]
    store = MemoryStore(tmp_path, lambda: time[0])
    asked: list[int] = []

    async def named(keys: Sequence[str]) -> frozenset[str]:
        asked.append(len(keys))
        return frozenset(each for each in keys if each.endswith("7"))

    for number in range(600):
        store.objects[f"demo/{number:04}"] = (b"abc", 0.0)
    store.objects["demo/young"] = (b"abc", 90.0)
    store.objects["other/one"] = (b"abc", 0.0)
    swept = await sweep(store, named, prefix="demo/", now=100.0, grace_seconds=50.0)
    assert swept == Swept(seen=601, removed=540, removed_bytes=1620)
    assert asked == [500, 100]
    assert {"demo/young", "other/one", "demo/0007"} <= store.objects.keys()
    assert len(store.objects) == 62
