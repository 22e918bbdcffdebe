"""The disk tier on its threads: what it does when the disk fails, and after a kill."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from random import Random
from typing import Any, NoReturn

import pytest
import pytest_twisted
from twisted.internet import reactor as installed
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from edge.cache.disk import DiskCache
from edge.cache.interface import BodyMissing, CacheUnavailable
from edge.cache.shelf import Shelf
from tests.support.caches import bodies, entry_of, opened, pattern
from wire.web.files import SharedFile

reactor: Any = installed

CHILD = "tests.edge.cache.killed_writer"


def no_space(*args: object, **told: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def locked(*args: object, **told: object) -> NoReturn:
    raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize("trouble", [no_space, locked])
@pytest_twisted.ensureDeferred
async def test_a_failing_disk_is_gone_without(
    trouble: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lookups miss, inserts are not kept, nothing raises; it is counted, and over when the disk is well
    again.
    """
    async with opened("disk", reactor, tmp_path / "cache") as cache:
        stored = await cache.insert("/a", entry_of("/a"), pattern(50_000))
        spool = cache.spool_directory / "spool"
        spool.write_bytes(pattern(50_000))
        with monkeypatch.context() as broken:
            for verb in ("_put", "entries", "open", "renew"):
                broken.setattr(Shelf, verb, trouble)
            assert await cache.variants("/a") == ()
            assert await cache.insert("/b", entry_of("/b"), spool) is None
            assert not spool.exists()
            await cache.update("/a", stored)
            with pytest.raises(BodyMissing):
                await cache.open(stored)
        assert cache.stats().failures == 4
        assert await bodies(cache, "/a") == [pattern(50_000)]
        assert len(list((tmp_path / "cache" / "store").rglob("*.val"))) == 1


@pytest_twisted.ensureDeferred
async def test_a_purge_that_a_failing_disk_cannot_keep_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever purges must not be told "gone" of what may come back."""
    async with opened("disk", reactor, tmp_path) as cache:
        await cache.insert("/a", entry_of("/a", tags=("t",)), b"x")
        with monkeypatch.context() as broken:
            broken.setattr(Shelf, "drop", locked)
            with pytest.raises(CacheUnavailable):
                await cache.remove("/a")
            with pytest.raises(CacheUnavailable):
                await cache.purge_tags(("t",))
        assert await cache.purge_tags(("t",)) == 1


@pytest_twisted.ensureDeferred
async def test_a_damaged_entry_is_removed_and_then_a_miss(tmp_path: Path) -> None:
    """Once found, never offered again."""
    async with opened("disk", reactor, tmp_path) as cache:
        stored = await cache.insert("/a", entry_of("/a"), pattern(50_000))
        (path,) = (tmp_path / "store").rglob("*.val")
        path.write_bytes(b"!" * 50_000)
        with pytest.raises(BodyMissing):
            await cache.open(stored)
        await cache.tagged(())  # the writer's turn has passed
        assert await cache.variants("/a") == ()
        assert cache.stats().entries == 0


def open_files(folder: Path) -> list[str]:
    """What this process holds open below a folder; other tests' files come and go as they please."""
    links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    targets = [os.readlink(link) for link in links if os.path.islink(link)]
    return sorted(target for target in targets if target.startswith(str(folder)))


@pytest_twisted.ensureDeferred
async def test_a_body_nobody_waits_for_any_more_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A viewer who left while the file was being opened, or read from the disk, leaves no descriptor behind."""
    monkeypatch.setattr(SharedFile, "read_now", lambda *_: None)
    async with opened("disk", reactor, tmp_path, 40_000_000) as cache:
        stored = await cache.insert("/a", entry_of("/a"), pattern(2_000_000))
    before = open_files(tmp_path)
    async with opened("disk", reactor, tmp_path, 40_000_000) as cache:
        for _ in range(20):
            opening = Deferred.fromCoroutine(cache.open(stored))
            opening.cancel()
            with pytest.raises(CancelledError):
                await opening
        body = await cache.open(stored)
        reading = Deferred.fromCoroutine(body.read())
        reading.cancel()
        body.close()
        with pytest.raises(CancelledError):
            await reading
        with pytest.raises(BodyMissing):
            await body.read()
    await deferLater(reactor, 0)  # what the threads handed over last is let go of
    assert open_files(tmp_path) == before


@pytest_twisted.ensureDeferred
async def test_closing_leaves_no_thread(tmp_path: Path) -> None:
    """A node may be started and stopped in one process many times."""
    before = threading.active_count()
    for _ in range(3):
        async with opened("disk", reactor, tmp_path) as cache:
            await cache.insert("/a", entry_of("/a"), b"x")
            await cache.sweep()
    assert threading.active_count() == before


@pytest_twisted.ensureDeferred
async def test_a_closed_cache_misses_and_promises_nothing(tmp_path: Path) -> None:
    """A request that outlives the cache must not wait for a thread that is no more."""
    async with opened("disk", reactor, tmp_path) as cache:
        stored = await cache.insert("/a", entry_of("/a"), b"x")
        sweeping = Deferred.fromCoroutine(cache.sweep())
    await sweeping
    await cache.close()
    assert await cache.variants("/a") == ()
    assert await cache.insert("/b", entry_of("/b"), b"x") is None
    with pytest.raises(BodyMissing):
        await cache.open(stored)
    with pytest.raises(CacheUnavailable):
        await cache.remove("/a")


@pytest_twisted.ensureDeferred
async def test_a_folder_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    """With the reason, and no thread left over."""
    (tmp_path / "file").write_bytes(b"")
    before = threading.active_count()
    with pytest.raises(OSError):
        await DiskCache.opened(reactor, tmp_path / "file" / "cache", 1_000_000)
    assert threading.active_count() == before


async def whole_bodies(cache: DiskCache, key: str) -> list[bytes]:
    """What a viewer can be served: a head whose body went first, as when a kill cut its replacing, is a miss."""
    try:
        return await bodies(cache, key)
    except BodyMissing:
        return []


@pytest.mark.parametrize("seed", range(5))
@pytest_twisted.ensureDeferred
async def test_kill_9_at_any_moment_leaves_a_cache_of_whole_bodies(seed: int, tmp_path: Path) -> None:
    """A writing child is killed; what it said was stored and not yet evicted is there and right, and no purge
    is lost.
    """
    rng = Random(seed)
    child = subprocess.Popen(
        [sys.executable, "-u", "-m", CHILD, str(tmp_path), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert child.stdout is not None
    told: list[str] = []
    stop_after = rng.randrange(5, 120)
    for line in child.stdout:
        told.append(line.strip())
        if len(told) >= stop_after:
            break
    child.send_signal(signal.SIGKILL)
    told += [line.strip() for line in child.stdout if line.endswith("\n")]
    child.wait()
    child.stdout.close()
    expected: dict[str, int] = {}
    for line in told:
        verb, key, number = line.split()
        if verb == "stored":
            expected[key] = int(number)
        else:
            expected.pop(key, None)
    async with opened("disk", reactor, tmp_path, 200_000_000) as cache:
        await cache.sweep()
        wrong = []
        for at in range(40):
            key = f"/{at}"
            found = await whole_bodies(cache, key)
            # at most one verb was under way when the child died; whatever it did, it did wholly
            allowed = [
                [pattern(size_of(number), number)] for number in (expected.get(key, -1),) if number >= 0
            ]
            if found not in (allowed or [[]]):
                wrong.append((key, [one[:8] for one in found]))
        assert len(wrong) <= 1
        for key, _ in wrong:
            for one in await whole_bodies(cache, key):
                assert any(one == pattern(size_of(n), n) for n in range(len(told) + 2))
        await cache.tagged(())  # what was found damaged is gone: the writer's turn has passed
        stored = sum([len(await cache.variants(f"/{at}")) for at in range(40)])
        assert cache.stats().entries == stored
        assert len(list((tmp_path / "store").rglob("*.val"))) <= stored
        assert await cache.purge_tags(("all",)) == stored


def size_of(number: int) -> int:
    """How long the killed child's body with this number is."""
    return (number * 7919) % 60_000
