"""What a 206 or a 416 means for the viewer and the store, command by command (sheet 3.2, 11.9, 11.10, 17.2)."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from edge.core.commands import (
    Abort,
    CancelFetch,
    Done,
    Drop,
    FailFlight,
    Fetch,
    Forward,
    Freshen,
    JoinFlight,
    Prepend,
    ReleaseFlight,
    Respond,
    ShareFlight,
    Store,
)
from edge.core.entry import Entry
from edge.core.events import (
    Failure,
    FlightJoined,
    ResponseBodyCompleted,
    ResponseFailed,
    ResponseHeadArrived,
    Role,
)
from edge.core.exchange import Exchange
from edge.core.parts import view_of
from edge.core.policy import Policy
from edge.core.ruling import BYPASS, Ruling
from tests.edge.core.playbook import KEY, Playbook, get, leading, looking, ok, outcome, stored
from wire.http.cache_control import parse_cache_control

FORWARD = Policy(range_fill="forward")
WITHIN: Any = {"Content_Range": "bytes 1-2/10", "Content_Length": "2", "Cache_Control": "max-age=60"}


def part(age: float = 61.0, etag: str = '"v1"', **fields: Any) -> Entry:
    """The first five of ten bytes."""
    return evolve(stored(age, ETag=etag, **fields), size=5, part_of=10)


def validating(entry: Entry, **terms: str) -> Playbook:
    """A stale part is asked about."""
    return looking(get(Range="bytes=1-2", **terms), entry, policy=FORWARD) << Fetch


def test_a_part_that_is_told_of_anew_is_not_dropped_and_lends_its_fields() -> None:
    """11.9: 206 in place of 304, of the same strong tag; it is fresh, and the old bytes with it."""
    old = part(Content_Type="a/b")
    book = validating(old) >> ResponseHeadArrived(1.0, ok(206, ETag='"v1"', **WITHIN), 0.0) << Forward
    assert book.head().fields.get("cache-status") == "edge; fwd=stale; fwd-status=206; stored; ttl=59"
    book >> ResponseBodyCompleted(2.0, 2) << Freshen
    assert isinstance(book.last, Freshen)
    after = book.last.entry
    assert (after.first, after.size, after.body_id, after.is_fresh(2.0)) == (0, 5, "b1", True)
    assert after.fields.get("content-type") == "a/b"
    assert outcome(book << Done).stored
    book.end()


def test_a_part_of_another_version_takes_the_place_of_the_old_at_its_head() -> None:
    """11.9: whatever then becomes of its body."""
    old = part()
    book = validating(old) >> ResponseHeadArrived(1.0, ok(206, ETag='"v2"', **WITHIN), 0.0)
    book << Drop(old) << Forward
    book.end()


@pytest.mark.parametrize(("terms", "is_gone"), [("", True), ("no-store", False)])
def test_a_part_that_is_not_kept_supersedes_too_unless_for_the_requests_sake(
    terms: str, is_gone: bool
) -> None:
    """3.2, 7.7."""
    old = part()
    asked = {"Cache_Control": terms} if terms else {}
    told = WITHIN | ({} if terms else {"Cache_Control": "private"})
    book = validating(old, **asked) >> ResponseHeadArrived(1.0, ok(206, ETag='"v2"', **told), 0.0)
    assert (Drop(old) in book.pending) is is_gone
    assert isinstance(book.pending[-1], Forward)


def test_a_refresh_that_finds_another_part_lets_the_old_go_and_takes_no_bytes() -> None:
    """14.6, 11.9: who asks next fetches it."""
    old = part()
    asked = get(Range="bytes=1-2")
    book = Playbook(Exchange.refreshing(view_of((old,)), asked, FORWARD)) << JoinFlight
    book >> FlightJoined(0.0, Role.LEADER) << Fetch
    (
        book
        >> ResponseHeadArrived(1.0, ok(206, ETag='"v2"', **WITHIN), 0.0)
        << CancelFetch()
        << Drop(old)
        << Done
    )
    book.end()


def test_a_rest_that_does_not_fit_costs_the_beginning_once() -> None:
    """11.10: dropped, and all of it asked for; what then may not be stored has nothing more to supersede."""
    old = part(0.0)
    book = looking(get(), old) << JoinFlight >> FlightJoined(0.0, Role.LEADER) << Fetch
    assert book.sent().fields.get("range") == "bytes=5-"
    book >> ResponseHeadArrived(1.0, ok(416, Content_Range="bytes */10"), 0.0)
    book << CancelFetch() << Drop(old) << Fetch
    assert not {"range", "if-range"} & book.sent().fields.names()
    book >> ResponseHeadArrived(2.0, ok(Cache_Control="private"), 1.0) << ReleaseFlight << Forward
    book.end()


@pytest.mark.parametrize("reason", ["", "no-store", "bypass"])
def test_a_range_that_is_asked_for_alone_after_all_costs_what_was_stored(reason: str) -> None:
    """11.6, 3.2: the validation had another answer, which will not be kept: gone, once; 7.7: unless for the request's
    sake, or where the answer says nothing of what is stored."""
    old = stored(61.0, ETag='"v1"')
    bypassing = Policy(reading=lambda head, now: Ruling(parse_cache_control(BYPASS)))
    asked = get(Range="bytes=2-3", **({"Cache_Control": reason} if reason == "no-store" else {}))
    policy = bypassing if reason == "bypass" else Policy()
    book = looking(asked, old, policy=policy) if reason == "no-store" else leading(asked, old, policy=policy)
    if reason == "no-store":
        book << Fetch
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="private"), 0.0) << CancelFetch()
    if not reason:
        book << Drop(old)
    if reason != "no-store":
        book << ReleaseFlight(KEY, remember=True)
    book << Fetch
    assert book.sent().fields.get("range") == "bytes=2-3"
    book >> ResponseHeadArrived(2.0, ok(206, ETag='"v2"', **WITHIN), 1.0) << Forward
    book.end()


@pytest.mark.parametrize(
    ("asked", "policy", "status", "ask"),
    [({"If_None_Match": '"v0"'}, Policy(), 304, None), ({"Range": "bytes=5-20"}, FORWARD, 416, "bytes=5-20")],
)
def test_an_answer_about_the_question_alone_leaves_the_parts(
    asked: dict[str, Any], policy: Policy, status: int, ask: str | None
) -> None:
    """10.1, 11.12, 3.2: the viewer's own 304, and a range that is beyond the end."""
    old = part(0.0, 'W/"v1"')
    book = looking(get(**asked), old, policy=policy) << JoinFlight >> FlightJoined(0.0, Role.LEADER) << Fetch
    assert book.sent().fields.get("range") == ask
    book >> ResponseHeadArrived(1.0, ok(status), 0.0) << ReleaseFlight
    assert [type(command) for command in book.pending] == [Respond if status == 304 else Forward]


@pytest.mark.parametrize(("sent", "is_stored"), [(9, True), (8, False)])
def test_one_byte_is_a_beginning(sent: int, is_stored: bool) -> None:
    """11.10: and its rest is held to what was told of it."""
    old = evolve(part(0.0), size=1)
    book = looking(get(), old) << JoinFlight >> FlightJoined(0.0, Role.LEADER) << Fetch
    told: Any = {"Content_Range": "bytes 1-9/10", "ETag": '"v1"', "Cache_Control": "max-age=60"}
    book >> ResponseHeadArrived(1.0, ok(206, Content_Length="9", **told), 0.0)
    book << Prepend << ShareFlight << Forward >> ResponseBodyCompleted(2.0, sent)
    assert any(isinstance(command, Store) for command in book.pending) is is_stored


def test_a_rest_of_which_nothing_comes_still_confirms_the_beginning() -> None:
    """11.9: its head did."""
    old = part(61.0)
    book = looking(get(), old) << JoinFlight >> FlightJoined(0.0, Role.LEADER) << Fetch
    told: Any = {"Content_Range": "bytes 5-9/10", "ETag": '"v1"', "Cache_Control": "max-age=60"}
    (
        book
        >> ResponseHeadArrived(1.0, ok(206, Content_Length="5", **told), 0.0)
        << Prepend
        << ShareFlight
        << Forward
    )
    book >> ResponseFailed(2.0, Failure.CUT) << Abort() << FailFlight << Freshen << Done
    book.end()
