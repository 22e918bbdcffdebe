"""What the disk tier's index knows."""

from pathlib import Path

import pytest

from edge.cache.index import Index


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(tmp_path / "index.db")


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
    assert (len(index), index.by_use("/a")) == (1, ["b"])
    index.forget(["b", "b"])
    assert index._rows("SELECT tag FROM tags") == []
    assert len(index) == 0


def test_new_tags_replace_the_old_and_never_those_of_a_stranger(index: Index) -> None:
    """A 304 for what was evicted meanwhile must not leave a tag without a body."""
    index.add("a", "/a", ("t",))
    index.retag("a", ("u",))
    index.retag("stranger", ("u",))
    assert index.tagged(["t"]) == []
    assert index.tagged(["u"]) == [("/a", "a")]


def test_order_of_use_goes_on_after_a_restart(tmp_path: Path) -> None:
    """A new process must not take its first uses for the oldest."""
    first = Index(tmp_path / "index.db")
    for name in "ab":
        first.add(name, "/" + name, ())
    first.close()
    second = Index(tmp_path / "index.db")
    second.touch(["a"])
    second.add("c", "/c", ())
    assert [body_id for body_id, _ in second.oldest(3)] == ["b", "a", "c"]
    assert second.page("", second.last_use_at_opening, 10) == ["b"]
