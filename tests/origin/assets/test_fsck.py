"""Rows and objects that disagree are found, named and, if wanted, mended."""

import hashlib
from pathlib import Path

import pytest
import pytest_twisted
from attrs import evolve

from origin.assets.fsck import Cure, Finding, Fsck, Mending, Trouble
from origin.catalogue import Asset, Catalogue, Derived
from origin.store.keys import derived_object_key, original_key
from origin.store.memory import MemoryStore
from tests.support.drafts import draft, identity, rendering

NOW = 10_000.0
OLD, YOUNG = 0.0, NOW - 1
BYTES = b"the bytes of a picture"
MD5 = hashlib.md5(BYTES).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    return MemoryStore(tmp_path, lambda: NOW)


async def stored(catalogue: Catalogue, store: MemoryStore, name: str, data: bytes | None = BYTES) -> Asset:
    """An asset whose row says BYTES, and whose object holds `data`."""
    wanted = draft(name, bytes=len(BYTES), etag=MD5)
    wanted = evolve(wanted, store_key=original_key("demo", wanted.revision, "jpg"))
    asset = (await catalogue.assets.put(wanted, now=1.0)).asset
    if data is not None:
        store.objects[asset.store_key] = (data, OLD)
    return asset


async def rendered(
    catalogue: Catalogue, store: MemoryStore, asset: Asset, data: bytes | None = BYTES
) -> Derived:
    made = rendering(asset, bytes=len(BYTES), etag=MD5)
    made = evolve(made, store_key=derived_object_key("demo", made.derived_key, "0", "jpg"))
    row = await catalogue.derived.add(made, now=2.0)
    assert row is not None
    if data is not None:
        store.objects[row.store_key] = (data, OLD)
    return row


def check(catalogue: Catalogue, store: MemoryStore) -> Fsck:
    return Fsck(catalogue=catalogue, store=store, clouds=["demo"], now=lambda: NOW)


async def told(fsck: Fsck, mending: Mending = Mending(), *, hashes: bool = True) -> list[Finding]:  # noqa: B008
    found: list[Finding] = []
    checked = await fsck.run(mending, found.append, hashes=hashes)
    assert checked.found == len(found)
    assert checked.cured == sum(each.cure is not Cure.NONE for each in found)
    return found


@pytest_twisted.ensureDeferred
async def test_where_all_is_well_nothing_is_found(catalogue: Catalogue, store: MemoryStore) -> None:
    asset = await stored(catalogue, store, "cat")
    await rendered(catalogue, store, asset)
    store.objects[original_key("demo", "f" * 32, "jpg")] = (b"on its way to a row", YOUNG)
    store.objects[original_key("elsewhere", "f" * 32, "jpg")] = (b"another cloud's", OLD)
    assert await told(check(catalogue, store)) == []


@pytest_twisted.ensureDeferred
async def test_each_trouble_is_named(catalogue: Catalogue, store: MemoryStore) -> None:
    gone = await stored(catalogue, store, "gone", None)
    short = await stored(catalogue, store, "short", BYTES[:-1])
    changed = await stored(catalogue, store, "changed", BYTES[::-1])
    unmade = await rendered(catalogue, store, changed, None)
    nobodys = original_key("demo", "f" * 32, "jpg")
    store.objects[nobodys] = (BYTES, OLD)
    before = dict(store.objects)
    found = {each.key: each for each in await told(check(catalogue, store))}
    assert {key: each.trouble for key, each in found.items()} == {
        gone.store_key: Trouble.MISSING,
        short.store_key: Trouble.SIZE,
        changed.store_key: Trouble.HASH,
        unmade.store_key: Trouble.MISSING,
        nobodys: Trouble.ORPHAN,
    }
    assert str(found[gone.store_key]) == f"missing: {gone.store_key} (demo/image/upload/gone): left as it is"
    assert store.objects == before
    quick = await told(check(catalogue, store), hashes=False)
    assert changed.store_key not in {each.key for each in quick}


@pytest_twisted.ensureDeferred
async def test_repair_mends_what_can_be_made_again(catalogue: Catalogue, store: MemoryStore) -> None:
    whole = await stored(catalogue, store, "whole")
    lost = await stored(catalogue, store, "lost", b"")
    damaged = await rendered(catalogue, store, whole, b"?")
    nobodys = original_key("demo", "f" * 32, "jpg")
    store.objects[nobodys] = (BYTES, OLD)
    cures = {each.key: each.cure for each in await told(check(catalogue, store), Mending(repair=True))}
    assert cures == {
        damaged.store_key: Cure.FORGOTTEN,
        nobodys: Cure.REMOVED,
        lost.store_key: Cure.NONE,
    }
    assert set(store.objects) == {whole.store_key, lost.store_key}
    assert await catalogue.derived.of(whole.asset_id) == ()
    (left,) = await told(check(catalogue, store), Mending(forget_lost=True))
    assert (left.key, left.cure) == (lost.store_key, Cure.LOST)
    assert await catalogue.assets.get(identity("lost")) is None
    assert await catalogue.assets.get(identity("whole")) == whole
    assert await told(check(catalogue, store)) == []


@pytest_twisted.ensureDeferred
async def test_versions_that_are_kept_are_checked_too(catalogue: Catalogue, store: MemoryStore) -> None:
    first = await stored(catalogue, store, "cat")
    await catalogue.assets.put(
        evolve(draft("cat", bytes=len(BYTES), etag=MD5), store_key=original_key("demo", "e" * 32, "jpg")),
        now=2.0,
        backup=True,
    )
    store.objects[original_key("demo", "e" * 32, "jpg")] = (BYTES, OLD)
    await stored(catalogue, store, "cat")
    assert await told(check(catalogue, store)) == []  # the second is shown no more, but kept
    store.objects[original_key("demo", "e" * 32, "jpg")] = (BYTES[:-1], OLD)
    (found,) = await told(check(catalogue, store), Mending(repair=True))
    assert (found.trouble, found.cure) == (Trouble.SIZE, Cure.NONE)
    assert "(version " in str(found)
    (found,) = await told(check(catalogue, store), Mending(forget_lost=True))
    assert found.cure is Cure.NOT_KEPT
    assert await catalogue.backups.of("demo", first.asset_id) == ()
    assert await told(check(catalogue, store)) == []


@pytest_twisted.ensureDeferred
async def test_more_objects_than_one_page_are_walked_in_order(
    catalogue: Catalogue, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("origin.catalogue.objects.AT_ONCE", 3)
    kept = [await stored(catalogue, store, f"n{number}") for number in range(8)]
    missing = kept[5]
    del store.objects[missing.store_key]
    assert [each.key for each in await told(check(catalogue, store))] == [missing.store_key]
