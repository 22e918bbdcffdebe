"""Invalidations are idempotent by their reference, bounded, and outlive the process."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from edge.vendors.cloudfront.batch import Batch
from edge.vendors.cloudfront.errors import AwsError
from edge.vendors.cloudfront.records import Book, Limits


def batch(reference: str, *items: str) -> Batch:
    return Batch(items or ("/a",), reference)


def code_of(book: Book, wanted: Batch) -> str:
    with pytest.raises(AwsError) as refused:
        book.create("E1", wanted, 0.0)
    return refused.value.code


def test_the_same_reference_is_the_same_invalidation() -> None:
    """With the same paths in any order; with others it is a mistake. Each distribution has its own."""
    book = Book(Random(1))
    first, is_new = book.create("E1", batch("r", "/a", "/b"), 0.0)
    assert is_new
    assert len(first.id) == 14
    assert first.id.startswith("I")
    assert book.create("E1", batch("r", "/b", "/a"), 5.0) == (first, False)
    assert code_of(book, batch("r", "/c")) == "InvalidationBatchAlreadyExists"
    assert book.create("E2", batch("r", "/c"), 0.0)[1]


def test_what_is_in_progress_is_bounded() -> None:
    book = Book(Random(1), Limits(paths=3, wildcards=1))
    assert code_of(book, batch("r", "/a", "/b", "/c", "/d")) == "BatchTooLarge"
    first, _ = book.create("E1", batch("1", "/a", "/b", "/x*"), 0.0)
    assert code_of(book, batch("2", "/a", "/b")) == "TooManyInvalidationsInProgress"
    assert code_of(book, batch("2", "/y*")) == "TooManyInvalidationsInProgress"
    book.complete(first)
    assert book.create("E1", batch("2", "/a", "/b", "/y*"), 0.0)[1]


def test_who_wants_too_much_at_once_is_told_what_is_allowed() -> None:
    """To wait would not help with more wildcards in one batch than there may ever be."""
    with pytest.raises(AwsError) as refused:
        Book(Random(1), Limits(paths=3, wildcards=1)).create("E1", batch("r", "/x*", "/y*"), 0.0)
    assert refused.value.code == "TooManyInvalidationsInProgress"
    assert "3 paths and 1 wildcards" in refused.value.public


def test_pages_newest_first() -> None:
    book = Book(Random(1))
    made = [book.create("E1", batch(str(number)), 0.0)[0] for number in range(5)]
    assert book.page("E1", "", 2) == ((made[4], made[3]), True)
    assert book.page("E1", made[3].id, 2) == ((made[2], made[1]), True)
    assert book.page("E1", made[1].id, 2) == ((made[0],), False)
    with pytest.raises(AwsError):
        book.page("E1", "I0", 2)


def test_it_outlives_the_process(tmp_path: Path) -> None:
    """What was not completed is to be done again."""
    path = tmp_path / "state" / "book.jsonl"
    book = Book(Random(1), path=path)
    done, _ = book.create("E1", batch("1"), 1.0)
    left, _ = book.create("E1", batch("2", "/b", "#t"), 2.0)
    book.complete(done)
    again = Book(Random(2), path=path)
    assert [each.id for each in again.of("E1")] == [left.id, done.id]
    assert list(again.in_progress) == [left]
    assert again.get("E1", done.id).status == "Completed"


def test_a_line_that_was_cut_short_costs_itself_alone(tmp_path: Path) -> None:
    """A node that was killed while it wrote starts again."""
    path = tmp_path / "book.jsonl"
    first, _ = Book(Random(1), path=path).create("E1", batch("1"), 0.0)
    with path.open("a") as file:
        file.write('{"id": "I2", "distr')
    again = Book(Random(2), path=path)
    assert again.of("E1") == (first,)
    second, _ = again.create("E1", batch("2"), 0.0)
    assert Book(Random(1), path=path).of("E1") == (second, first)
