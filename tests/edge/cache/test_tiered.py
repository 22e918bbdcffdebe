"""Memory over disk: what rises, and what must never rise."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from edge.cache.interface import VARIANTS, CacheUnusable
from edge.cache.opening import open_cache
from edge.cache.shelf import Shelf
from edge.core.entry import Entry
from tests.support.caches import bodies, entry_of, opened, pattern

reactor: Any = installed


@pytest_twisted.ensureDeferred
async def test_a_hit_on_disk_rises_into_memory(tmp_path: Path) -> None:
    """After a restart the second viewer is served without a thread."""
    async with opened("tiered", reactor, tmp_path) as cache:
        await cache.insert("/a", entry_of("/a"), b"meow")
    async with opened("tiered", reactor, tmp_path) as cache:
        assert cache.at_hand("/a") == ()
        assert await bodies(cache, "/a") == [b"meow"]
        (entry,) = cache.at_hand("/a")
        assert cache.held(entry) == b"meow"


@pytest_twisted.ensureDeferred
async def test_a_fresh_insert_is_at_hand_at_once(tmp_path: Path) -> None:
    """The express lane needs no thread for what was just fetched."""
    async with opened("tiered", reactor, tmp_path) as cache:
        stored = await cache.insert("/a", entry_of("/a"), pattern(10_000))
        assert cache.at_hand("/a") == (stored,)
        assert cache.held(stored) == pattern(10_000)


@pytest_twisted.ensureDeferred
async def test_who_is_crowded_out_on_disk_leaves_memory(tmp_path: Path) -> None:
    """8.4: a key has as many variants as it may have, in both together; the disk knows what large ones were used."""
    async with opened("tiered", reactor, tmp_path, capacity_bytes=64_000_000) as cache:
        small = await cache.insert("/a", entry_of("/a", variant="small"), b"x")
        for at in range(VARIANTS):
            await cache.insert("/a", entry_of("/a", variant=str(at)), pattern(70_000))
        assert small.body_id not in cache.hot
        assert len(cache.at_hand("/a")) == VARIANTS


@pytest_twisted.ensureDeferred
async def test_memory_alone_does_not_answer_when_the_disk_holds_more(tmp_path: Path) -> None:
    """A variant that only the disk has must not look like a miss."""
    async with opened("tiered", reactor, tmp_path) as cache:
        await cache.insert("/a", entry_of("/a", variant="big"), pattern(500_000))
        small = await cache.insert("/a", entry_of("/a", variant="small"), b"x")
        assert {entry.size for entry in cache.at_hand("/a")} == {500_000, 1}  # as it was stored just now
        cache._known.clear()
        assert cache.at_hand("/a") == ()
        assert {entry.size for entry in await cache.variants("/a")} == {500_000, 1}
        assert cache.held(small) == b"x"


@pytest.mark.parametrize("verb", ["open", "entries"])
@pytest.mark.parametrize("forget", ["remove", "purge_tags", "drop"])
@pytest_twisted.ensureDeferred
async def test_what_is_purged_while_it_is_read_stays_gone(
    verb: str, forget: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread had read it when the purge came: who asked before may get it, nothing rises, nobody gets it
    after.
    """
    async with opened("tiered", reactor, tmp_path) as cache:
        entry = await cache.insert("/a", entry_of("/a", tags=("t",)), pattern(20_000))
    async with opened("tiered", reactor, tmp_path) as cache:
        has_read, may_answer = threading.Event(), threading.Event()
        reading = getattr(Shelf, verb)

        def slowly(shelf: Shelf, what: Any) -> Any:
            found = reading(shelf, what)
            if threading.current_thread().name.startswith("cache-read") and not has_read.is_set():
                has_read.set()
                may_answer.wait(10)
            return found

        monkeypatch.setattr(Shelf, verb, slowly)
        asking = Deferred.fromCoroutine(cache.open(entry) if verb == "open" else cache.variants("/a"))
        await deferToThread(has_read.wait, 10)
        argument: Any = {"remove": "/a", "purge_tags": ("t",), "drop": entry}[forget]
        await getattr(cache, forget)(argument)
        may_answer.set()
        answer = await asking
        if verb == "open":
            assert await answer.read() == pattern(20_000)
        else:
            assert answer == ()
        assert cache.at_hand("/a") == ()
        assert await cache.variants("/a") == ()


@pytest_twisted.ensureDeferred
async def test_nothing_rises_while_a_purge_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The purge is called, the disk has not got to it: what is read now is served once and forgotten."""
    async with opened("tiered", reactor, tmp_path) as cache:
        await cache.insert("/a", entry_of("/a"), pattern(20_000))
    async with opened("tiered", reactor, tmp_path) as cache:
        (entry,) = await cache.variants("/a")
        may_go = threading.Event()
        remove = Shelf.remove
        monkeypatch.setattr(Shelf, "remove", lambda shelf, key: (may_go.wait(10), remove(shelf, key))[1])
        removing = Deferred.fromCoroutine(cache.remove("/a"))
        with await cache.open(entry) as body:
            assert await body.read() == pattern(20_000)
        assert cache.at_hand("/a") == ()
        may_go.set()
        assert await removing == 1
        assert await cache.variants("/a") == ()


@pytest_twisted.ensureDeferred
async def test_what_was_stored_while_the_old_was_read_is_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread had read the old head when another took its place: that one is answered, and remembered."""
    async with opened("tiered", reactor, tmp_path) as cache:
        await cache.insert("/a", entry_of("/a", variant="old"), pattern(500_000))
    async with opened("tiered", reactor, tmp_path) as cache:
        has_read, may_answer = threading.Event(), threading.Event()
        entries = Shelf.entries

        def slowly(shelf: Shelf, key: str) -> tuple[Entry, ...]:
            found = entries(shelf, key)
            if threading.current_thread().name.startswith("cache-read") and not has_read.is_set():
                has_read.set()
                may_answer.wait(30)
            return found

        monkeypatch.setattr(Shelf, "entries", slowly)
        asking = Deferred.fromCoroutine(cache.variants("/a"))
        await deferToThread(has_read.wait, 30)
        await cache.insert("/a", entry_of("/a", variant="new"), pattern(500_000, 1))
        may_answer.set()
        assert {entry.variant for entry in await asking} == {entry.variant for entry in cache.at_hand("/a")}
        assert len(cache.at_hand("/a")) == 2


@pytest_twisted.ensureDeferred
async def test_a_head_that_was_read_before_its_key_was_stored_anew_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor where something else is removed meanwhile, and nothing may be remembered of what was stored."""
    async with opened("tiered", reactor, tmp_path) as cache:
        await cache.insert("/a", entry_of("/a", variant="old"), pattern(500_000))
    async with opened("tiered", reactor, tmp_path) as cache:
        may_store = threading.Event()
        put = Shelf.put
        monkeypatch.setattr(Shelf, "put", lambda shelf, *given: (may_store.wait(30), put(shelf, *given))[1])
        storing = Deferred.fromCoroutine(
            cache.insert("/a", entry_of("/a", variant="new"), pattern(500_000, 1))
        )
        assert len(await cache.variants("/a")) == len(cache.at_hand("/a")) == 1
        removing = Deferred.fromCoroutine(cache.remove("/other"))
        may_store.set()
        await storing
        await removing
        assert len(await cache.variants("/a")) == len(cache.at_hand("/a")) == 2


@pytest_twisted.ensureDeferred
async def test_a_hit_in_memory_counts_on_disk_too(tmp_path: Path) -> None:
    """Or the disk would evict what is asked for most, and a restart would find it gone."""
    async with opened("tiered", reactor, tmp_path, 1_000_000) as cache:
        beloved = await cache.insert("/beloved", entry_of("/beloved"), pattern(9_000))
        for at in range(150):
            await cache.insert(f"/{at}", entry_of(f"/{at}"), pattern(9_000, at))
            cache.held(beloved)
    async with opened("tiered", reactor, tmp_path, 1_000_000) as cache:
        assert await bodies(cache, "/beloved") == [pattern(9_000)]


@pytest_twisted.ensureDeferred
async def test_memory_serves_on_when_the_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Degraded to one tier, not to none."""

    def broken(*args: object) -> None:
        raise OSError("no space")

    async with opened("tiered", reactor, tmp_path) as cache:
        with monkeypatch.context() as patched:
            patched.setattr(Shelf, "_put", broken)
            patched.setattr(Shelf, "entries", broken)
            stored = await cache.insert("/a", entry_of("/a"), b"meow")
            assert await cache.variants("/a") == (stored,)
            assert await bodies(cache, "/a") == [b"meow"]
            assert await cache.insert("/b", entry_of("/b"), pattern(500_000)) is None
        assert cache.stats().failures >= 2


@pytest_twisted.ensureDeferred
async def test_what_a_slow_disk_has_no_time_for_is_not_queued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies would pile up in memory. What is new lies there, as far as it may; what replaces something waits its turn,
    or the old would come back."""
    monkeypatch.setattr("edge.cache.disk.BEHIND_BYTES", 50_000)
    may_write, put = threading.Event(), Shelf.put

    def slowly(shelf: Shelf, *what: Any) -> Any:
        may_write.wait(30)
        return put(shelf, *what)

    async with opened("tiered", reactor, tmp_path) as cache:
        old = await cache.insert("/old", entry_of("/old"), b"old")
        monkeypatch.setattr(Shelf, "put", slowly)
        for key in ("/a", "/b", "/c"):
            assert await cache.variants(key) == ()
        waiting = Deferred.fromCoroutine(cache.insert("/a", entry_of("/a"), pattern(30_000)))
        assert not waiting.called
        new = await cache.insert("/b", entry_of("/b"), pattern(30_000))
        assert cache.held(new) == pattern(30_000)
        assert cache.at_hand("/b") == (new,)
        large = cache.spool_directory / "large"
        large.write_bytes(pattern(300_000))
        assert await cache.insert("/c", entry_of("/c"), large) is None
        assert not large.exists()
        replacing = Deferred.fromCoroutine(cache.insert("/old", entry_of("/old"), b"new"))
        assert not replacing.called
        may_write.set()
        await waiting
        assert (await replacing).body_id != old.body_id
        assert await cache.insert("/c", entry_of("/c"), b"it has caught up") is not None
        assert await cache.disk.variants("/b") == ()
        assert [len(await cache.disk.variants(key)) for key in ("/a", "/old", "/c")] == [1, 1, 1]


@pytest_twisted.ensureDeferred
async def test_without_a_folder_memory_is_all(tmp_path: Path) -> None:
    """Nothing was asked to be kept, and a body too large for memory leaves no file."""
    cache = await open_cache(reactor, hot_bytes=1_000_000, disk_bytes=1_000_000, directory=None)
    assert (cache.disk, cache.spool_directory) == (None, None)
    stored = await cache.insert("/a", entry_of("/a"), b"meow")
    assert await cache.variants("/a") == (stored,)
    spool = tmp_path / "spool"
    spool.write_bytes(pattern(500_000))
    assert await cache.insert("/b", entry_of("/b"), spool) is None
    assert not spool.exists()
    await cache.close()


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def forbidden(*_: object, **__: object) -> None:
    raise PermissionError(errno.EROFS, os.strerror(errno.EROFS))


def locked(*_: object, **__: object) -> None:
    raise sqlite3.OperationalError("database is locked")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(full, "No space left on device"), (forbidden, "Read-only file system"), (locked, "database is locked")],
)
@pytest_twisted.ensureDeferred
async def test_a_folder_that_cannot_be_used_is_told_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Any, said: str
) -> None:
    """Going on without it would lose, unsaid, what the node was told to keep."""
    monkeypatch.setattr("edge.cache.disk.open_shelf", trouble)
    with pytest.raises(CacheUnusable, match=f"the cache folder {tmp_path} cannot be used: {said}"):
        await open_cache(reactor, hot_bytes=1_000, disk_bytes=1_000, directory=tmp_path)


@pytest_twisted.ensureDeferred
async def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    """And it is left as it is: whose it is, nobody here knows."""
    path = tmp_path / "cache"
    path.write_bytes(b"mine")
    with pytest.raises(CacheUnusable, match="Not a directory"):
        await open_cache(reactor, hot_bytes=1_000, disk_bytes=1_000, directory=path)
    assert path.read_bytes() == b"mine"


@pytest_twisted.ensureDeferred
async def test_what_is_remembered_of_the_disk_stays_small(tmp_path: Path) -> None:
    """A crawler that asks for a million unknown URLs must not fill memory with their absence."""
    async with opened("tiered", reactor, tmp_path) as cache:
        for at in range(2_000):
            await cache.variants(f"/unknown/{at}")
        assert len(cache._on_disk) < 200
