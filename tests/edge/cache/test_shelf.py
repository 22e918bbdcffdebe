"""The disk tier as its threads see it: damage, leftovers and limits."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import BinaryIO

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from edge.cache.digests import DIGEST_BYTES
from edge.cache.hot import new_body_id
from edge.cache.interface import VARIANTS, BodyMissing
from edge.cache.shelf import INLINE_BYTES, Shelf, open_shelf
from edge.core.entry import Entry
from tests.support.caches import entry_of, pattern
from wire.http.fields import Fields


def put(shelf: Shelf, entry: Entry, body: bytes) -> Entry:
    named = evolve(entry, size=len(body), body_id=new_body_id())
    shelf.put(named, body)
    return named


def read(shelf: Shelf, entry: Entry) -> bytes:
    found = shelf.open(entry)
    if isinstance(found, bytes):
        return found
    with found:
        return bytes(found.read())


def files(directory: Path) -> list[Path]:
    return sorted((directory / "store").rglob("*.val"))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, 50_000_000)


@pytest.mark.parametrize("size", [100, 40_000, DIGEST_BYTES, DIGEST_BYTES + 1])
def test_a_body_that_was_cut_short_on_disk_is_never_served(shelf: Shelf, tmp_path: Path, size: int) -> None:
    """A full disk, a lost block: the size tells."""
    stored = put(shelf, entry_of(), pattern(size))
    if size > 16 * 1024:
        (path,) = files(tmp_path)
        path.write_bytes(pattern(size)[:-1])
    else:
        with sqlite3.connect(tmp_path / "store" / "cache.db") as db:
            db.execute("UPDATE Cache SET value = ? WHERE key LIKE 'b:%'", (pattern(size)[:-1],))
    with pytest.raises(BodyMissing):
        shelf.open(stored)


@pytest.mark.parametrize("size", [100, 40_000, DIGEST_BYTES])
def test_a_body_with_one_wrong_byte_is_never_served(shelf: Shelf, tmp_path: Path, size: int) -> None:
    """The right size is not enough, where a digest costs little."""
    stored = put(shelf, entry_of(), pattern(size))
    wrong = b"!" + pattern(size)[1:]
    if size > 16 * 1024:
        files(tmp_path)[0].write_bytes(wrong)
    else:
        with sqlite3.connect(tmp_path / "store" / "cache.db") as db:
            db.execute("UPDATE Cache SET value = ? WHERE key LIKE 'b:%'", (wrong,))
    with pytest.raises(BodyMissing):
        shelf.open(stored)


@pytest.mark.parametrize("head", ["", "{", "[{}]", '[{"key": "/other"}]', "[" * 100_000])
def test_a_head_that_cannot_be_read_is_none(shelf: Shelf, tmp_path: Path, head: str) -> None:
    """And the key can be stored anew."""
    put(shelf, entry_of(), b"meow")
    with sqlite3.connect(tmp_path / "store" / "cache.db") as db:
        db.execute("UPDATE Cache SET value = ? WHERE key LIKE 'h:%'", (head,))
    assert shelf.entries("/cat.jpg") == ()
    again = put(shelf, entry_of(), b"purr")
    assert read(shelf, again) == b"purr"
    assert shelf.remove("/cat.jpg") == 1


def test_the_oldest_variant_goes_when_a_key_has_too_many(shelf: Shelf) -> None:
    """By use, not by age (sheet 8.4, 22.5)."""
    stored = [put(shelf, entry_of(variant=str(at)), b"%d" % at) for at in range(VARIANTS)]
    shelf.touch(stored[0].body_id)  # and not written down yet
    put(shelf, entry_of(variant="one more"), b"x")
    kept = shelf.entries("/cat.jpg")
    assert len(kept) == VARIANTS
    assert stored[0] in kept
    assert stored[1] not in kept


def test_a_small_body_that_lies_in_a_file_does_not_come_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier version put bodies of fewer bytes into the index: they are found, and opened as ever."""
    with monkeypatch.context() as earlier:
        earlier.setattr("edge.cache.shelf.INLINE_BYTES", 1000)
        shelf = Shelf(tmp_path, 50_000_000)
        stored = put(shelf, entry_of(), pattern(5000))
        assert files(tmp_path) != []
    assert shelf.find(stored.key) == ((stored,), None)
    assert read(shelf, stored) == pattern(5000)


def test_what_a_kill_left_half_done_is_swept(tmp_path: Path) -> None:
    """A file whose row was never written, a spool; what is whole stays."""
    shelf = Shelf(tmp_path, 50_000_000)
    kept = put(shelf, entry_of(), pattern(40_000))
    orphan = tmp_path / "store" / "ab" / "cd" / ("0" * 28 + ".val")
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"x")
    (shelf.spools / "half").write_bytes(b"y")
    seventh = tmp_path / "spools" / "7"
    seventh.mkdir()
    shelf.close()
    again = Shelf(tmp_path, 50_000_000)
    assert list(again.spools.iterdir()) == []
    newborn = put(again, entry_of("/new"), pattern(50_000))
    assert sum(step() for step in again.leftovers.steps()) == 3
    assert not orphan.exists()
    assert not seventh.exists()
    assert again.spools.exists()
    assert list((tmp_path / "trash").iterdir()) == []
    assert len(again) == 2
    assert (read(again, kept), read(again, newborn)) == (pattern(40_000), pattern(50_000))


@pytest.mark.parametrize("damage", ["garbage", "gone", "unindexed"])
def test_a_damaged_database_is_begun_anew(tmp_path: Path, damage: str) -> None:
    """It is a cache: an empty one is better than none, and than one that forgets purges."""
    shelf = Shelf(tmp_path, 50_000_000)
    put(shelf, entry_of(tags=("t",)), pattern(40_000))
    shelf.close()
    if damage == "unindexed":
        with sqlite3.connect(tmp_path / "store" / "cache.db") as db:
            db.execute("DROP TABLE bodies")
            db.execute("DELETE FROM figures")
    else:
        for path in (tmp_path / "store").glob("cache.db*"):
            path.unlink()
    if damage == "garbage":
        (tmp_path / "store" / "cache.db").write_bytes(b"not a database" * 1000)
    again = open_shelf(tmp_path, 50_000_000)
    stored = again.entries("/cat.jpg")
    assert stored == ()
    assert read(again, put(again, entry_of(), b"new")) == b"new"
    for step in again.leftovers.steps():
        step()
    assert len(files(tmp_path)) == 0


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR_WRITE])
def test_a_full_or_read_only_disk_is_no_reason_to_throw_a_cache_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """It was not the files' fault, and they are good once there is room again."""
    shelf = Shelf(tmp_path, 50_000_000)
    kept = put(shelf, entry_of(), pattern(40_000))
    shelf.close()

    def fails(store: object) -> None:
        trouble = sqlite3.OperationalError("the disk")
        trouble.sqlite_errorcode = code
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr("edge.cache.shelf.Index", fails)
        with pytest.raises(sqlite3.OperationalError):
            open_shelf(tmp_path, 50_000_000)
    again = open_shelf(tmp_path, 50_000_000)
    assert read(again, kept) == pattern(40_000)


def test_making_room_never_forgets_what_room_is_made_for(tmp_path: Path) -> None:
    """A body whose head is as large as itself is known to purges, whoever had to leave for it."""
    shelf = Shelf(tmp_path, 165_000)
    put(shelf, entry_of("/old", tags=("t",)), pattern(40_000))
    entry = evolve(entry_of("/new", tags=("t",)), fields=Fields.of(X_Long="x" * 60_000))
    put(shelf, entry, pattern(80_000))
    assert len(shelf) == 1
    assert shelf.purge_tags(("t",)) == 1
    assert shelf.entries("/new") == ()


def test_room_is_made_for_what_a_smaller_limit_leaves_over(tmp_path: Path) -> None:
    """The document was changed between two starts."""
    shelf = Shelf(tmp_path, 50_000_000)
    for at in range(100):
        put(shelf, entry_of(f"/{at}"), pattern(40_000, at))
    shelf.close()
    smaller = Shelf(tmp_path, 500_000)
    put(smaller, entry_of("/new"), pattern(40_000))
    assert smaller.occupied_bytes <= 500_000
    assert read(smaller, smaller.entries("/99")[0]) == pattern(40_000, 99)


class ShelfMachine(RuleBasedStateMachine):
    """Any sequence of verbs and restarts against a dict: right bytes or none, and the limit is kept."""

    keys = Bundle("keys")
    limit = 120_000

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self._folder = tempfile.TemporaryDirectory()
        self.directory = Path(self._folder.name)
        self.shelf = Shelf(self.directory, self.limit)
        self.model: dict[tuple[str, str], tuple[Entry, bytes]] = {}

    @initialize(target=keys)
    def known(self) -> str:
        return "/first"

    @rule(target=keys, name=st.sampled_from("abc"))
    def key(self, name: str) -> str:
        return "/" + name

    @rule(
        key=keys,
        variant=st.sampled_from(["x", "y"]),
        size=st.sampled_from([0, 10, INLINE_BYTES, INLINE_BYTES + 600, 40_000]),
        tag=st.sampled_from(["t", "u"]),
        seed=st.integers(0, 99),
    )
    def insert(self, key: str, variant: str, size: int, tag: str, seed: int) -> None:
        stored = put(self.shelf, entry_of(key, variant=variant, tags=(tag,)), pattern(size, seed))
        self.model[key, stored.variant] = stored, pattern(size, seed)
        assert stored in self.shelf.entries(key)

    @rule(key=keys)
    def remove(self, key: str) -> None:
        self.shelf.remove(key)
        self.model = {place: held for place, held in self.model.items() if place[0] != key}
        assert self.shelf.entries(key) == ()

    @rule(tag=st.sampled_from(["t", "u"]))
    def purge(self, tag: str) -> None:
        self.shelf.purge_tags([tag])
        self.model = {p: held for p, held in self.model.items() if tag not in held[0].surrogate_keys}
        assert self.shelf.tagged([tag]) == ()

    @rule(key=keys)
    def use(self, key: str) -> None:
        for entry in self.shelf.entries(key):
            assert read(self.shelf, entry) == self.model[key, entry.variant][1]
            self.shelf.touch(entry.body_id)

    @rule()
    def restart(self) -> None:
        self.shelf.close()
        self.shelf = Shelf(self.directory, self.limit)

    @invariant()
    def only_what_was_stored_is_there_and_within_the_limit(self) -> None:
        assert self.shelf.occupied_bytes <= self.limit
        there = [e for key in {place[0] for place in self.model} for e in self.shelf.entries(key)]
        assert all(self.model[entry.key, entry.variant][0] == entry for entry in there)
        assert len(self.shelf) == len(there)
        assert len(files(self.directory)) == sum(entry.size > INLINE_BYTES for entry in there)

    def teardown(self) -> None:
        self.shelf.close()
        self._folder.cleanup()


TestShelf = ShelfMachine.TestCase
TestShelf.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


def test_an_open_file_is_handed_out_unread_when_it_is_long(shelf: Shelf) -> None:
    """Nobody wants a video in memory."""
    stored = put(shelf, entry_of(), pattern(DIGEST_BYTES + 1))
    found = shelf.open(stored)
    assert not isinstance(found, bytes)
    file: BinaryIO = found
    with file:
        assert file.read(3) == pattern(3)
