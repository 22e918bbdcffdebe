"""The folder: nothing half written is ever seen, whatever dies, fills up or goes away."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
import pytest_twisted
from twisted.internet import reactor

from origin.store import ObjectMissing, StoreUnavailable
from origin.store.durable import remove_older
from origin.store.filesystem import FilesystemStore
from tests.contracts.test_store import read

# Puts files under the MD5 of their bytes for ever; every second one as if it came from another device.
WRITER = """
import hashlib, os, sys
from errno import EXDEV
from pathlib import Path
from origin.store.durable import make_folder, place
root, rename = Path(sys.argv[1]), Path.rename
def across(source, target):
    if source.parent.name == "spools" and int(source.name) % 2:
        raise OSError(EXDEV, "another device")
    return rename(source, target)
Path.rename = across
number = 0
print("ready", flush=True)
while True:
    number += 1
    data = os.urandom(1 << 20)
    source = root / "spools" / str(number)
    source.write_bytes(data)
    target = root / "objects" / hashlib.md5(data).hexdigest()
    make_folder(target.parent, root / "objects")
    place(source, target, root / "incoming")
    print(target.name, flush=True)
"""


@pytest_twisted.ensureDeferred
async def test_a_killed_writer_leaves_no_half_object(tmp_path: Path) -> None:
    """kill -9 at random moments: what is listed is whole, what was acknowledged is there."""
    store = FilesystemStore(tmp_path, reactor=reactor)
    await store.check()
    (tmp_path / "spools").mkdir()
    rng = Random(20)
    acknowledged: set[str] = set()
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0.01, 0.25))
        writer.send_signal(signal.SIGKILL)
        acknowledged |= {each.strip() for each in writer.stdout if each.endswith("\n")}
        writer.wait()
    listed = [each.key async for each in store.list("")]
    assert acknowledged
    assert acknowledged <= set(listed)
    for key in listed:
        assert hashlib.md5((tmp_path / "objects" / key).read_bytes()).hexdigest() == key
    await store.close()


@pytest_twisted.ensureDeferred
async def test_a_full_disk_is_an_error_that_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, no object, no half copy; with space again it works."""
    store = FilesystemStore(tmp_path / "media", reactor=reactor)
    source = tmp_path / "spool"
    source.write_bytes(b"pixels")

    def across(self: Path, target: Path) -> Path:
        if self == source:
            raise OSError(errno.EXDEV, "another device")
        return Path(shutil.move(self, target))

    def full(_: Path, copy: Path) -> None:
        copy.write_bytes(b"pix")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "rename", across)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", full)
        with pytest.raises(StoreUnavailable):
            await store.put("a/b", source)
    assert source.read_bytes() == b"pixels"
    assert list((tmp_path / "media" / "incoming").iterdir()) == []
    with pytest.raises(ObjectMissing):
        await store.stat("a/b")
    await store.put("a/b", source)
    assert not source.exists()
    assert await read(store, "a/b") == b"pixels"
    await store.close()


@pytest_twisted.ensureDeferred
async def test_a_disk_that_went_away_is_unavailable_not_empty(tmp_path: Path) -> None:
    """A 404 would be cached; and when the disk is back, so are the objects, without a restart."""
    store = FilesystemStore(tmp_path / "media", reactor=reactor)
    source = tmp_path / "spool"
    source.write_bytes(b"pixels")
    await store.put("a/b", source)
    (tmp_path / "media").rename(tmp_path / "away")
    source.write_bytes(b"more")
    for asking in (
        store.stat("a/b"),
        read(store, "a/b"),
        store.check(),
        store.put("c/d", source),
        store.delete("a/b"),
    ):
        with pytest.raises(StoreUnavailable):
            await asking
    with pytest.raises(StoreUnavailable):
        [each async for each in store.list("")]
    (tmp_path / "away").rename(tmp_path / "media")
    await store.check()
    assert await read(store, "a/b") == b"pixels"
    await store.close()


@pytest_twisted.ensureDeferred
async def test_a_key_within_another_objects_key_is_refused(tmp_path: Path) -> None:
    """`a` cannot be a file and a folder; our keys never nest, so this is a bug found."""
    store = FilesystemStore(tmp_path / "media", reactor=reactor)
    for key, good in [("a/b", True), ("a", False), ("a/b/c", False), ("a/c", True)]:
        source = tmp_path / "spool"
        source.write_bytes(b"x")
        if good:
            await store.put(key, source)
        else:
            with pytest.raises(ValueError):
                await store.put(key, source)
    assert [each.key async for each in store.list("")] == ["a/b", "a/c"]
    await store.close()


@pytest_twisted.ensureDeferred
async def test_an_object_cut_short_on_disk_is_an_error(tmp_path: Path) -> None:
    """Row and file disagree: the caller asked for the row's size and must not get less as if it were all."""
    store = FilesystemStore(tmp_path / "media", reactor=reactor)
    source = tmp_path / "spool"
    source.write_bytes(os.urandom(1_000_000))
    await store.put("a/b", source)
    os.truncate(tmp_path / "media" / "objects" / "a" / "b", 600_000)
    with pytest.raises(StoreUnavailable):
        await read(store, "a/b", 0, 1_000_000)
    await store.close()


def test_leftovers_are_removed_by_age(tmp_path: Path) -> None:
    """By when they were last touched or linked: a lent file shares its object's old mtime."""
    (tmp_path / "left").write_bytes(b"x")
    os.utime(tmp_path / "left", (0, 0))
    now = (tmp_path / "left").stat().st_ctime
    assert remove_older(tmp_path, 3600, now) == 0
    assert remove_older(tmp_path, 3600, now + 3601) == 1
    assert list(tmp_path.iterdir()) == []


@pytest_twisted.ensureDeferred
async def test_a_closed_store_is_unavailable(tmp_path: Path) -> None:
    """Late callers of a node that stops get a clean answer."""
    store = FilesystemStore(tmp_path / "media", reactor=reactor)
    await store.check()
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.stat("a/b")
