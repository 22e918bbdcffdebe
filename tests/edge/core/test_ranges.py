"""A range of what is not stored: the whole, or the range alone (sheet 11)."""

from __future__ import annotations

from typing import Any

import pytest

from edge.core.commands import (
    CancelFetch,
    CompleteFlight,
    Done,
    FailFlight,
    Fetch,
    Forward,
    JoinFlight,
    LandFlight,
    ReleaseFlight,
    Respond,
    ShareFlight,
    Store,
)
from edge.core.events import (
    FlightJoined,
    ResponseBodyCompleted,
    ResponseHeadArrived,
    Role,
)
from edge.core.policy import Policy
from tests.edge.core.playbook import (
    KEY,
    get,
    leading,
    looking,
    ok,
    outcome,
    status_of,
)
from tests.edge.core.tabletop import Tabletop, answering


def test_a_range_on_a_miss_fills_the_whole() -> None:
    """11.6: fetch without Range, store, and answer 206 from the growing body."""
    book = leading(get(Range="bytes=2-3", If_Range='"v1"'))
    assert "range" not in book.sent().fields
    assert "if-range" not in book.sent().fields
    head = ok(Cache_Control="max-age=60", Content_Length="10", ETag='"v1"')
    book >> ResponseHeadArrived(1.0, head, 0.0) << ShareFlight << Forward
    assert book.head().status == 206
    assert book.head().fields.get("content-range") == "bytes 2-3/10"
    assert book.head().fields.all("content-length") == ("2",)


@pytest.mark.parametrize(
    "head", [ok(Cache_Control="private"), ok(Cache_Control="max-age=9", Content_Length="99")]
)
def test_a_range_of_what_will_not_be_kept_is_forwarded_instead(head: object) -> None:
    """11.6: too large to wait for, or not to be stored: ask for the part, and remember not to queue."""
    book = leading(get(Range="bytes=2-3"), policy=Policy(range_fill_bytes=50))
    book >> ResponseHeadArrived(1.0, head, 0.0) << CancelFetch()  # type: ignore[arg-type]
    book << ReleaseFlight(KEY, remember=True) << Fetch
    assert book.sent().fields.get("range") == "bytes=2-3"
    partial = ok(206, Content_Range="bytes 2-3/99", Content_Length="2", Cache_Control="max-age=9")
    book >> ResponseHeadArrived(2.0, partial, 1.0) << Forward
    assert book.head().status == 206
    book >> ResponseBodyCompleted(2.0, 2) << Store << Done
    assert outcome(book).stored


def test_ranges_are_forwarded_where_the_site_says_so() -> None:
    """11.6: and a 200 in return is stored, and sliced."""
    book = looking(get(Range="bytes=2-3"), policy=Policy(range_fill="forward"))
    book << JoinFlight(f"{KEY}\n~\n~2-3", 0.0) >> FlightJoined(0.0, Role.LEADER) << Fetch
    assert book.sent().fields.get("range") == "bytes=2-3"
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=9", Content_Length="10"), 0.0)
    book << ShareFlight << Forward
    assert book.head().status == 206
    book >> ResponseBodyCompleted(2.0, 10) << CompleteFlight << Store << LandFlight << Done


def test_an_unasked_206_is_an_origin_error() -> None:
    """11.8: a part is never a whole."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(206), 0.0) << CancelFetch() << FailFlight << Respond
    assert status_of(book.last) == 502


@pytest.mark.parametrize(
    ("held", "size", "limit", "asked"),
    [
        ("0-3", 10, 10, "bytes=4-"),
        ("0-0", 10, 10, "bytes=1-"),
        ("5-9", 10, 10, None),
        ("0-3", 10, 9, None),
    ],
)
def test_what_is_asked_for_beside_a_part(held: str, size: int, limit: int, asked: str | None) -> None:
    """11.10: the rest of a beginning, if the whole may be kept; else all of it."""
    first, last = (int(number) for number in held.split("-"))
    edge = Tabletop(Policy(range_fill="forward", object_bytes=limit))
    place = f"bytes {first}-{last}/{size}"
    part = answering(
        206, b"x" * (last + 1 - first), ETag='"v1"', Cache_Control="max-age=60", Content_Range=place
    )
    edge.ask(get(Range=f"bytes={held}"), part)
    edge.begin(get())
    assert edge.fetched[-1].fields.get("range") == asked


@pytest.mark.parametrize(("limit", "asked"), [(9, "bytes=2-6"), (10, "bytes=4-")])
def test_a_range_of_something_large_is_forwarded(limit: int, asked: str) -> None:
    """11.6: larger than `range_fill_bytes`, as the part that is held has told."""
    edge = Tabletop(Policy(range_fill="forward"))
    part: Any = {"Content_Range": "bytes 0-3/10", "ETag": '"v1"', "Cache_Control": "max-age=60"}
    edge.ask(get(Range="bytes=0-3"), answering(206, b"0123", **part))
    edge.policy = Policy(range_fill_bytes=limit)
    edge.begin(get(Range="bytes=2-6"))
    assert edge.fetched[-1].fields.get("range") == asked
