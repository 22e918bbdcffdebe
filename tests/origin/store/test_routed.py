"""Clouds with a store of their own: their objects are there and nowhere else."""

from pathlib import Path

import pytest
import pytest_twisted

from origin.store.interface import ObjectMissing, StoreUnavailable
from origin.store.memory import MemoryStore
from origin.store.routed import RoutedStore


class Unreachable(MemoryStore):
    async def check(self) -> None:
        raise StoreUnavailable("Storage is out of reach")


def memory(folder: Path) -> MemoryStore:
    return MemoryStore(folder, lambda: 0.0)


@pytest_twisted.ensureDeferred
async def test_objects_are_in_the_store_of_their_cloud(tmp_path: Path) -> None:
    shared, own = memory(tmp_path), memory(tmp_path)
    store = RoutedStore(shared, {"acme": own})
    for key in ("acme/original/a", "demo/original/b", "acme-too/original/c"):
        source = tmp_path / "source"
        source.write_bytes(b"bytes")
        await store.put(key, source)
    assert set(own.objects) == {"acme/original/a"}
    assert set(shared.objects) == {"demo/original/b", "acme-too/original/c"}
    assert [each.key async for each in store.list("a")] == ["acme-too/original/c", "acme/original/a"]
    assert [each.key async for each in store.list("acme/")] == ["acme/original/a"]
    await store.delete("acme/original/a")
    assert not own.objects


@pytest_twisted.ensureDeferred
async def test_what_the_shared_store_holds_under_an_own_clouds_name_is_not_seen(tmp_path: Path) -> None:
    shared, own = memory(tmp_path), memory(tmp_path)
    shared.objects["acme/original/a"] = (b"older", 0.0)
    store = RoutedStore(shared, {"acme": own})
    assert [each async for each in store.list("")] == []
    with pytest.raises(ObjectMissing):
        await store.stat("acme/original/a")


@pytest_twisted.ensureDeferred
async def test_one_clouds_trouble_is_no_others(tmp_path: Path) -> None:
    good, bad = memory(tmp_path), Unreachable(tmp_path, lambda: 0.0)
    await RoutedStore(good, {"acme": bad}).check()
    with pytest.raises(StoreUnavailable):
        await RoutedStore(bad, {"acme": good}).check()
