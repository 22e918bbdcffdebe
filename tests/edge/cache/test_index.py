"""What the disk tier's index knows."""

from collections.abc import Iterator
from pathlib import Path

import diskcache
import pytest

from edge.cache.bytesdisk import BytesDisk
from edge.cache.index import Index


def store_in(folder: Path) -> diskcache.Cache:
    return diskcache.Cache(str(folder), disk=BytesDisk)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with store_in(tmp_path) as store:
        yield Index(store)


def test_the_least_recently_touched_is_oldest(index: Index) -> None:
    """Uses are written in batches, in their order."""
    for name in "abc":
        index.add(name, "/" + name, ())
    index.touch(["c", "a", "gone"])
    assert [body_id for body_id, _ in index.oldest(3)] == ["b", "c", "a"]
    assert index.oldest(1) == [("b", "/b")]


def test_forgetting_a_body_forgets_its_tags(index: Index) -> None:
    """Else the tag table grows for ever."""
    index.add("a", "/a", ("t", "u"))
    index.add("b", "/a", ("t",))
    assert sorted(index.tagged(["t", "u"])) == [("/a", "a"), ("/a", "b")]
    index.forget(["a"])
    assert index.tagged(["t", "u"]) == [("/a", "b")]
    assert (index.stock()[1], index.by_use("/a")) == (1, ["b"])
    index.forget(["b", "b"])
    assert index._run("SELECT tag FROM tags") == []
    assert index.stock()[1] == 0


def test_new_tags_replace_the_old_and_never_those_of_a_stranger(index: Index) -> None:
    """A 304 for what was evicted meanwhile must not leave a tag without a body."""
    index.add("a", "/a", ("t",))
    index.retag("a", ("u",))
    index.retag("stranger", ("u",))
    assert index.tagged(["t"]) == []
    assert index.tagged(["u"]) == [("/a", "a")]


def test_order_of_use_goes_on_after_a_restart_and_among_processes(tmp_path: Path) -> None:
    """A new process must not take its first uses for the oldest, nor one beside it."""
    first, second = Index(store_in(tmp_path)), Index(store_in(tmp_path))
    first.add("a", "/a", ())
    second.add("b", "/b", ())
    first.touch(["a"])
    second.add("c", "/c", ())
    assert [body_id for body_id, _ in first.oldest(3)] == ["b", "a", "c"]


def test_bodies_and_what_is_known_of_them_are_one_transaction(index: Index) -> None:
    """What is rolled back was never known, nor counted."""
    with pytest.raises(ValueError), index._store.transact():
        index.add("a", "/a", ("t",))
        index._store.set("b:a", b"body")
        raise ValueError
    assert (index.stock()[1], index.tagged(["t"]), index.is_whole) == (0, [], True)
    index._store.set("b:a", b"body")
    assert not index.is_whole
