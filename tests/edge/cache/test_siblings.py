"""Two processes of a node on one folder, as two caches: what one does to the disk, and what the other serves then."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet import reactor as installed

from edge.cache.opening import open_cache
from edge.cache.shelf import Shelf
from edge.cache.tiered import TieredCache
from edge.core.entry import Entry
from tests.support.caches import bodies, entry_of, pattern

reactor: Any = installed

LARGE = 200_000  # a file of its own, and not in memory
LIMIT = 1_000_000


@asynccontextmanager
async def two(folder: Path) -> AsyncIterator[tuple[TieredCache, TieredCache]]:
    """The first stores, the second only reads."""
    caches = [
        await open_cache(reactor, hot_bytes=1_000_000, disk_bytes=LIMIT, directory=folder, seat=seat, seats=2)
        for seat in range(2)
    ]
    try:
        yield caches[0], caches[1]
    finally:
        for cache in caches:
            await cache.close()


def open_bodies(folder: Path) -> list[str]:
    """Files of bodies that this process has open; those that were removed say so."""
    links = (Path("/proc/self/fd") / number for number in os.listdir("/proc/self/fd"))
    return [
        name for link in links if (name := _target(link)).startswith(f"{folder}/store/") and ".val" in name
    ]


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:  # the listing itself
        return ""


async def known_by(cache: TieredCache, key: str) -> Entry:
    """A body that was read: its head is remembered, and its file lies open."""
    assert await bodies(cache, key) == [pattern(LARGE)]
    (entry,) = cache.at_hand(key)
    assert cache.lies_open(entry) is not None
    return entry


@pytest_twisted.ensureDeferred
async def test_what_another_evicted_keeps_no_room_of_the_disk(tmp_path: Path) -> None:
    """Who stores nothing never runs out of room itself, and looks now and then."""
    async with two(tmp_path) as (writer, reader):
        await writer.insert("/a", entry_of("/a"), pattern(LARGE))
        entry = await known_by(reader, "/a")
        for number in range(5):
            await writer.insert(f"/{number}", entry_of(f"/{number}"), pattern(LARGE, number))
        assert [name for name in open_bodies(tmp_path) if name.endswith(" (deleted)")] != []
        reader.tidy()
        assert [name for name in open_bodies(tmp_path) if name.endswith(" (deleted)")] == []
        assert reader.lies_open(entry) is None


@pytest.mark.parametrize("forget", ["remove", "purge_tags"])
@pytest_twisted.ensureDeferred
async def test_what_all_have_forgotten_none_serves(forget: str, tmp_path: Path) -> None:
    """Though one knows it from its own reading, and another has stored it anew since; whoever is told first."""
    argument: Any = {"remove": "/a", "purge_tags": ("t",)}[forget]
    async with two(tmp_path) as (writer, reader):
        for caches in ((writer, reader), (reader, writer)):
            await writer.insert("/a", entry_of("/a", tags=("t",)), pattern(LARGE))
            old = await known_by(reader, "/a")
            await writer.insert("/a", entry_of("/a", tags=("t",), etag='"v2"'), pattern(LARGE))
            for cache in caches:
                await getattr(cache, forget)(argument)
            for cache in caches:
                assert cache.at_hand("/a") == ()
                assert cache.lies_open(old) is None
                assert await cache.variants("/a") == ()


@pytest_twisted.ensureDeferred
async def test_what_one_wrote_before_it_was_told_is_gone_after_the_second_round(tmp_path: Path) -> None:
    """The other may have taken it up between its own first round and the writer's: hence two."""
    async with two(tmp_path) as (writer, reader):
        await reader.remove("/a")
        await writer.insert("/a", entry_of("/a"), pattern(LARGE))
        old = await known_by(reader, "/a")
        await writer.remove("/a")
        for cache in (reader, writer):
            await cache.remove("/a")
            assert cache.at_hand("/a") == ()
            assert cache.lies_open(old) is None
            assert await cache.variants("/a") == ()


@pytest.mark.parametrize("size", [1_000, LARGE])
@pytest_twisted.ensureDeferred
async def test_what_another_renewed_is_found_by_who_looks_again(size: int, tmp_path: Path) -> None:
    """What is remembered, in memory or of the disk, gives place to what was told later."""
    async with two(tmp_path) as (writer, reader):
        stored = await writer.insert("/a", entry_of("/a"), pattern(size))
        assert stored is not None
        assert await bodies(reader, "/a") == [pattern(size)]
        await writer.update("/a", evolve(stored, response_time=200.0))
        assert [entry.response_time for entry in await reader.variants("/a")] == [100.5]
        assert [entry.response_time for entry in await reader.variants_by_now("/a")] == [200.0]
        assert [entry.response_time for entry in reader.at_hand("/a")] == [200.0]
        await writer.insert("/a", entry_of("/a", etag='"v2"'), pattern(size, 2))
        later = evolve(entry_of("/a", etag='"v3"'), response_time=300.0)
        await writer.insert("/a", later, pattern(size, 3))
        assert [entry.etag for entry in await reader.variants_by_now("/a")] == ['"v3"']
        assert await bodies(reader, "/a") == [pattern(size, 3)]


@pytest_twisted.ensureDeferred
async def test_what_is_newer_here_than_on_disk_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk may have failed to take it."""
    async with two(tmp_path) as (cache, _):
        await cache.insert("/a", entry_of("/a"), b"old")
        with monkeypatch.context() as patched:
            patched.setattr(Shelf, "put", failing)
            newer = evolve(entry_of("/a"), response_time=200.0)
            await cache.insert("/a", newer, b"new")
        assert [entry.response_time for entry in await cache.variants_by_now("/a")] == [200.0]
        assert await bodies(cache, "/a") == [b"new"]


def failing(*_: object) -> None:
    """Of a disk."""
    raise OSError("no space")
