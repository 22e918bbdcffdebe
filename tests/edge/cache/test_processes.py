"""One folder, several processes: killed at any step, writing at once, and a disk that is full."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

import pytest
from attrs import evolve

from edge.cache.digests import DIGEST_BYTES
from edge.cache.hot import new_body_id
from edge.cache.interface import BodyMissing
from edge.cache.shelf import INLINE_BYTES, Shelf, open_shelf
from edge.core.entry import Entry
from tests.support.caches import entry_of, pattern
from tests.support.forks import ended_well, forked, killed_at

LIMIT = 140_000
Verb = Callable[[Shelf], object]


def put(shelf: Shelf, key: str, size: int, seed: int, *, tag: str = "t", from_file: bool = False) -> Entry:
    entry = evolve(entry_of(key, tags=(tag,)), size=size, body_id=new_body_id())
    body: bytes | Path = pattern(size, seed)
    if from_file:
        body = shelf.spools / f"spool-{seed}"
        body.write_bytes(pattern(size, seed))
    shelf.put(entry, body)
    return entry


def served(shelf: Shelf) -> dict[str, bytes]:
    """What viewers would get, by key; what is damaged or gone is a miss."""
    found = {}
    for key in ("/a", "/b", "/c", "/d"):
        for entry in shelf.entries(key):
            try:
                body = shelf.open(entry)
            except BodyMissing:
                continue
            if not isinstance(body, bytes):
                with body:
                    body = body.read()
            found[key] = body
    return found


def note_uses(shelf: Shelf) -> None:
    shelf.touch(shelf.entries("/a")[0].body_id)
    shelf.flush()


VERBS: dict[str, Verb] = {
    "insert a row": lambda shelf: put(shelf, "/c", 9_000, 3),
    "adopt a spool": lambda shelf: put(shelf, "/c", 40_000, 4, from_file=True),
    "spill to a file": lambda shelf: put(shelf, "/c", 40_000, 4),
    "replace a file": lambda shelf: put(shelf, "/a", 41_000, 5, from_file=True),
    "evict for room": lambda shelf: put(shelf, "/c", 70_000, 6, from_file=True),
    "renew a head": lambda shelf: shelf.renew(evolve(shelf.entries("/a")[0], lifetime=7.0)),
    "remove": lambda shelf: shelf.remove("/a"),
    "purge": lambda shelf: shelf.purge_tags(["t"]),
    "note uses": lambda shelf: note_uses(shelf),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_kill_at_any_step_of_any_verb_leaves_it_done_or_undone(verb: str, tmp_path: Path) -> None:
    """Right before each SQL statement and each file operation: the next life serves what was, or what was to be,
    whole; never a mixture, never a wrong byte. Purges find all of it and no file is left over."""
    seed = tmp_path / "seed"
    shelf = open_shelf(seed, LIMIT)
    for number, key in enumerate(("/a", "/b", "/d")):
        put(shelf, key, 40_000, number, from_file=True)
    before = served(shelf)
    shelf.close()
    done = tmp_path / "done"
    shutil.copytree(seed, done)
    shelf = open_shelf(done, LIMIT)
    VERBS[verb](shelf)
    after = served(shelf)
    shelf.close()
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    for step in count(1):
        folder = tmp_path / str(step)
        shutil.copytree(seed, folder)
        got_there = killed_at(step, lambda folder=folder: open_shelf(folder, LIMIT), VERBS[verb])  # type: ignore[misc]
        again = open_shelf(folder, LIMIT)
        found = served(again)
        for key in {*before, *after}:
            # a kill may come between a file and the row that goes with it: a miss
            assert found.get(key) in (before.get(key), after.get(key), *([None] if key in changed else [])), (
                step
            )
        assert got_there or found == after
        assert again.occupied_bytes <= LIMIT
        for sweeping in again.leftovers.steps():
            sweeping()
        stored = {entry.body_id for key in ("/a", "/b", "/c", "/d") for entry in again.entries(key)}
        store = folder / "store"
        files = {"".join(p.relative_to(store).with_suffix("").parts) for p in store.rglob("*.val")}
        assert files <= stored
        assert len(again) == len(stored)
        again.purge_tags(["t"])
        assert served(again) == {}
        assert again.occupied_bytes == 0
        again.close()
        shutil.rmtree(folder)
        if not got_there:
            break


def test_several_processes_keep_one_limit_and_serve_only_what_was_stored(tmp_path: Path) -> None:
    """Four insert, remove and read the same keys at once; each of them sees the limit kept after each verb, and right
    bodies or none."""
    limit = 600_000
    open_shelf(tmp_path, limit, seats=4).close()

    def writes(seat: int) -> None:
        rng = Random(seat)
        shelf = open_shelf(tmp_path, limit, seat=seat, seats=4)
        for _ in range(60):
            key, seed = f"/{rng.randrange(12)}", rng.randrange(1_000)
            if rng.random() < 0.15:
                shelf.remove(key)
            else:
                put(shelf, key, size_of(seed), seed, tag=key, from_file=rng.random() < 0.5)
            assert shelf.occupied_bytes <= limit
            reads(shelf, f"/{rng.randrange(12)}")
        shelf.close()

    def reads(shelf: Shelf, key: str) -> None:
        for entry in shelf.entries(key):
            try:
                body = shelf.open(entry)
            except BodyMissing:
                continue  # removed by another, just now
            if not isinstance(body, bytes):
                with body:
                    body = body.read()
            assert any(
                body == pattern(entry.size, seed) for seed in range(1_000) if size_of(seed) == entry.size
            )
            shelf.touch(entry.body_id)

    children = [forked(lambda seat=seat: writes(seat)) for seat in range(4)]  # type: ignore[misc]
    ended = [ended_well(child) for child in children]
    assert all(ended)
    shelf = open_shelf(tmp_path, limit)
    stored = [entry for at in range(12) for entry in shelf.entries(f"/{at}")]
    assert 0 < len(stored) == len(shelf) <= 12
    assert shelf.occupied_bytes <= limit
    for step in shelf.leftovers.steps():
        step()
    assert len(list(tmp_path.rglob("store/**/*.val"))) == sum(entry.size > INLINE_BYTES for entry in stored)
    assert sum(shelf.purge_tags([f"/{at}"]) for at in range(12)) == len(stored)
    assert shelf.occupied_bytes == 0


def size_of(seed: int) -> int:
    return 1_000 + seed * 97


def test_a_newcomer_clears_away_nothing_that_is_in_use(tmp_path: Path) -> None:
    """A worker that is started again beside living ones: their spools and files stay, its own old ones go."""
    first, second = (open_shelf(tmp_path, LIMIT, seat=seat, seats=2) for seat in range(2))
    (first.spools / "growing").write_bytes(b"x")
    (second.spools / "abandoned").write_bytes(b"x")
    stored = put(first, "/a", 40_000, 1)
    again = open_shelf(tmp_path, LIMIT, seat=1, seats=2)
    for step in again.leftovers.steps():
        step()
    assert (first.spools / "growing").exists()
    assert list(again.spools.iterdir()) == []
    assert served(again) == {"/a": pattern(40_000, 1)}
    assert first.open(stored) is not None


def test_a_full_disk_stores_nothing_by_halves(tmp_path: Path) -> None:
    """SQLite's own "database or disk is full", amid a transaction: what was there stays, no file is left."""
    shelf = open_shelf(tmp_path, 40_000_000)
    put(shelf, "/a", 40_000, 1)
    shelf._store._sql("PRAGMA max_page_count = 1").fetchall()
    before = sorted(tmp_path.rglob("*.val"))
    for from_file in (False, True):
        for size in (16_000, 3_000_000):
            with pytest.raises(sqlite3.OperationalError, match="full"):
                for number in range(200):
                    put(shelf, f"/{number}", size, 2, from_file=from_file)
            for number in range(200):
                shelf._store._sql("PRAGMA max_page_count = 4294967294").fetchall()
                shelf.remove(f"/{number}")
            shelf._store._sql("PRAGMA max_page_count = 1").fetchall()
    assert sorted(tmp_path.rglob("*.val")) == before
    assert list(shelf.spools.iterdir()) == []
    assert served(shelf) == {"/a": pattern(40_000, 1)}
    assert len(shelf) == 1


@pytest.mark.parametrize("verify_all", [True, False])
def test_a_long_body_is_held_to_its_digest_where_that_is_wanted(tmp_path: Path, verify_all: bool) -> None:
    """One wrong byte amid two megabytes: found when all are verified; else only its length is looked at."""
    shelf = open_shelf(tmp_path, 40_000_000, verify_all=verify_all)
    stored = put(shelf, "/a", 2 * DIGEST_BYTES, 1, from_file=True)
    whole = shelf.open(stored)
    assert not isinstance(whole, bytes)
    with whole:
        assert os.pread(whole.fileno(), 4, 0) == pattern(4, 1)
    (path,) = tmp_path.rglob("*.val")
    with path.open("r+b") as file:
        file.seek(DIGEST_BYTES + 1)
        file.write(b"!")
    if verify_all:
        with pytest.raises(BodyMissing, match="damaged"):
            shelf.open(stored)
    else:
        unread = shelf.open(stored)
        assert not isinstance(unread, bytes)
        unread.close()
