"""No pickle gets in or out of a cache directory."""

import pickle
import sqlite3
from pathlib import Path

import diskcache
import pytest

from edge.cache.bytesdisk import Adopted, BytesDisk, NotBytes, space_of

NAME = "0123456789abcdef"


exploded: list[bool] = []


def explode() -> None:
    """What an attacker would have run."""
    exploded.append(True)


class Bomb:
    """Runs code when unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (explode, ())


@pytest.fixture
def cache(tmp_path: Path) -> diskcache.Cache:
    return diskcache.Cache(str(tmp_path / "store"), disk=BytesDisk)


@pytest.mark.parametrize("value", ["text", "", b"bytes", b"\0" * 100_000])
def test_text_and_bytes_come_back_as_they_went_in(cache: diskcache.Cache, value: object) -> None:
    """With their types."""
    cache.set("k", value)
    assert cache.get("k") == value
    assert list(cache) == ["k"]


@pytest.mark.parametrize("value", [1, 1.5, None, ("a",), {"a": 1}, bytearray(b"x"), Bomb()])
def test_anything_else_is_refused(cache: diskcache.Cache, value: object) -> None:
    """As a value and as a key; diskcache would pickle it."""
    with pytest.raises(NotBytes):
        cache.set("k", value)
    with pytest.raises(NotBytes):
        cache.set(value, "v")
    assert "k" not in cache


def test_a_pickle_that_somebody_put_there_is_never_loaded(cache: diskcache.Cache) -> None:
    """Mode 4 is diskcache's pickle (CVE-2025-69872)."""
    cache.set("k", "v")
    with sqlite3.connect(Path(cache.directory) / "cache.db") as db:
        db.execute("UPDATE Cache SET mode = 4, value = ?", (pickle.dumps(Bomb()),))
    with pytest.raises(NotBytes):
        cache.get("k")
    assert exploded == []
    pickle.loads(pickle.dumps(Bomb()))
    assert exploded == [True]


def test_an_adopted_file_is_moved_not_copied(cache: diskcache.Cache, tmp_path: Path) -> None:
    """The same inode under another name: a rename costs nothing, however large."""
    spool = tmp_path / "spool"
    spool.write_bytes(b"x" * 10_000)
    inode = spool.stat().st_ino
    cache.set("k", Adopted(spool, NAME))
    kept = Path(cache.directory, "01", "23456789abcdef.val")
    assert not spool.exists()
    assert kept.stat().st_ino == inode
    with cache.get("k", read=True) as file:
        assert file.read() == b"x" * 10_000
    cache.delete("k")
    assert not kept.exists()


def test_room_is_counted_as_the_disk_counts_it() -> None:
    """Blocks for files, rows for all: a million tiny entries are not free."""
    assert space_of(1, inline=False) == space_of(4096, inline=False) == 4096 + 512
    assert space_of(0, inline=True) == 512
