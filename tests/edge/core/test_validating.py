"""What the origin says of what is stored, and whose preconditions it is asked with (sheet 9, 10)."""

from __future__ import annotations

from edge.core.commands import (
    CancelFetch,
    Deliver,
    Done,
    Drop,
    FailFlight,
    Fetch,
    Forward,
    Freshen,
    FreshenFlight,
    ReleaseFlight,
    Respond,
    ShareFlight,
)
from edge.core.events import (
    ResponseBodyCompleted,
    ResponseHeadArrived,
)
from edge.core.outcome import Verdict
from tests.edge.core.playbook import (
    KEY,
    get,
    leading,
    looking,
    ok,
    outcome,
    playing,
    status_of,
    stored,
)


def test_a_stale_entry_is_validated_with_its_own_validators() -> None:
    """9.1: as received, both; the viewer's own are judged afterwards (10.5)."""
    entry = stored(61.0, ETag='W/"v1"', Last_Modified="D")
    book = leading(get(If_None_Match='"v0"'), entry)
    assert book.sent().fields.all("if-none-match") == ('W/"v1"',)
    assert book.sent().fields.all("if-modified-since") == ("D",)
    book >> ResponseHeadArrived(1.0, ok(304, ETag='W/"v1"', Cache_Control="max-age=9"), 0.0)
    book << Freshen
    assert isinstance(book.last, Freshen)
    assert book.last.entry.body_id == "b1"
    assert book.last.entry.lifetime == 9
    book << FreshenFlight << Deliver
    assert book.head().status == 200
    assert book.head().fields.get("age") == "1"
    book >> ResponseBodyCompleted(1.0, 0) << Done
    assert outcome(book).verdict is Verdict.REVALIDATED


def test_a_viewers_own_tag_is_answered_after_validation() -> None:
    """10.5: stale "v1", the viewer has "v1", the origin confirms: 304."""
    book = leading(get(If_None_Match='"v1"'), stored(61.0, ETag='"v1"', Cache_Control="max-age=60"))
    book >> ResponseHeadArrived(1.0, ok(304), 0.0) << Freshen << FreshenFlight << Respond
    assert status_of(book.last) == 304


def test_a_304_that_names_nothing_we_have_is_asked_again() -> None:
    """9.3: update nothing; refetch without conditionals."""
    book = leading(get(), stored(61.0, ETag='"v1"'))
    book >> ResponseHeadArrived(1.0, ok(304, ETag='"v9"'), 0.0) << CancelFetch() << Fetch
    assert "if-none-match" not in book.sent().fields
    book >> ResponseHeadArrived(2.0, ok(Cache_Control="max-age=9"), 1.0) << ShareFlight << Forward


def test_a_304_nobody_asked_for_is_an_origin_error() -> None:
    """9.3: 502, store nothing."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(304), 0.0) << CancelFetch()
    book << FailFlight << Respond
    assert status_of(book.last) == 502
    book << Done


def test_a_304_that_forbids_keeping_is_served_and_dropped() -> None:
    """9.4: serve, then drop the entry."""
    entry = stored(61.0, ETag='"v1"')
    book = leading(get(), entry) >> ResponseHeadArrived(1.0, ok(304, Cache_Control="no-store"), 0.0)
    book << ReleaseFlight(KEY, remember=True) << Deliver << Drop(entry)


def test_a_viewers_conditionals_on_a_miss_go_as_they_are() -> None:
    """10.1: there is nothing to judge them by; the 304 is relayed and not stored."""
    book = leading(get(If_None_Match='"v1"'))
    assert book.sent().fields.get("if-none-match") == '"v1"'
    book >> ResponseHeadArrived(1.0, ok(304, ETag='"v1"'), 0.0) << ReleaseFlight(KEY) << Respond
    assert status_of(book.last) == 304
    book >> ResponseBodyCompleted(1.0, 0) << Done
    book.end()


def test_no_cache_validates_and_does_not_refetch() -> None:
    """7.3."""
    book = looking(get(Cache_Control="no-cache"), stored(ETag='"v1"', Cache_Control="max-age=60")) << Fetch
    assert book.sent().fields.get("if-none-match") == '"v1"'
    book >> ResponseHeadArrived(1.0, ok(304), 0.0) << Freshen << Deliver
    assert "fwd=request; fwd-status=304" in str(book.head().fields.get("cache-status"))


def test_preconditions_for_the_origin_are_forwarded() -> None:
    """10.2: If-Match and If-Unmodified-Since are not for the cache."""
    book = playing(get(If_Match='"v1"')) << Fetch
    assert book.sent().fields.get("if-match") == '"v1"'
    book >> ResponseHeadArrived(1.0, ok(412), 0.0) << Forward >> ResponseBodyCompleted(1.0, 0) << Done
    assert outcome(book).verdict is Verdict.PASS
