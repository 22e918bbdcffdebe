"""What is remembered of the disk: the latest, nothing that was forgotten, and no file that was changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from attrs import evolve

from edge.cache.known import BROUGHT, Known
from edge.core.entry import Entry
from tests.support.caches import entry_of
from wire.web.files import SharedFile


@pytest.fixture
def known() -> Known:
    """Room for three keys and two files."""
    return Known(keys=3, files=2)


def named(name: str) -> Entry:
    """As stored."""
    return evolve(entry_of(f"/{name}"), body_id=name, size=4)


def opened(folder: Path, name: str) -> SharedFile:
    """A file of four bytes; the caller is its user."""
    (folder / name).write_bytes(b"body")
    return SharedFile((folder / name).open("rb", buffering=0))


def kept(known: Known, folder: Path, name: str) -> SharedFile:
    """A body that is left open, and whose reader has gone."""
    file = opened(folder, name)
    known.note(f"/{name}", (named(name),))
    known.keep(named(name), file)
    file.close()
    return file


def is_closed(file: SharedFile) -> bool:
    """Whether it has no user any more: then nothing of it is at hand."""
    return not file.is_at_hand(0, 4)


def test_the_latest_used_are_remembered(known: Known, tmp_path: Path) -> None:
    """With fewer files than heads."""
    files = {name: kept(known, tmp_path, name) for name in "ab"}
    assert known.file(named("a")) is files["a"]
    files["c"] = kept(known, tmp_path, "c")
    assert [is_closed(files[name]) for name in "abc"] == [False, True, False]
    assert known.heads("/b") == (named("b"),)
    known.note("/d", (named("d"),))
    assert known.heads("/a") == ()
    assert is_closed(files["a"])
    assert known.file(named("c")) is files["c"]


def test_what_is_forgotten_is_closed(known: Known, tmp_path: Path) -> None:
    """Key by key, or all at once; and what is noted anew takes the place of what was."""
    (
        a,
        b,
    ) = kept(known, tmp_path, "a"), kept(known, tmp_path, "b")
    known.forget("/a")
    assert (known.heads("/a"), known.file(named("a")), is_closed(a)) == ((), None, True)
    known.clear()
    assert (known.heads("/b"), is_closed(b)) == ((), True)
    a = kept(known, tmp_path, "a")
    known.note("/a", (named("other"),))
    assert (known.heads("/a"), is_closed(a)) == ((named("other"),), True)
    known.note("/a", ())
    assert known.heads("/a") == ()


def test_a_body_of_a_key_that_was_forgotten_meanwhile_is_not_kept(known: Known, tmp_path: Path) -> None:
    """A purge may come while it is opened."""
    file = opened(tmp_path, "a")
    known.keep(named("a"), file)
    assert known.file(named("a")) is None
    file.close()
    assert is_closed(file)


@pytest.mark.parametrize("deed", ["removed", "rewritten", "grown"])
def test_a_file_that_is_not_as_it_was_is_none(known: Known, tmp_path: Path, deed: str) -> None:
    """Its room is to be had again, or its bytes must be checked."""
    files = [kept(known, tmp_path, name) for name in "ab"]
    path = tmp_path / "a"
    if deed == "removed":
        path.unlink()
    else:
        path.write_bytes(b"BODY" if deed == "rewritten" else b"body and more")
        os.utime(path, ns=(1, 1))
    known.forget_removed()
    assert [is_closed(file) for file in files] == [True, False]
    (tmp_path / "b").unlink()
    assert known.file(named("b")) is None
    assert is_closed(files[1])


def test_a_body_that_came_along_is_had_once(known: Known) -> None:
    """By who looked it up; the rest of many waits no longer."""
    for number in range(BROUGHT + 1):
        known.bring(named(str(number)), b"body")
    assert not known.has_brought(named("0"))
    assert known.has_brought(named("1"))
    assert known.take(named("1")) == b"body"
    assert known.take(named("1")) is None
    known.forget_brought()
    assert known.take(named("2")) is None
