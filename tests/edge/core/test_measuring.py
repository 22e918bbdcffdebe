"""Ranges of what has no length before its end, where they are waited for (sheet 11.6)."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.core.commands import (
    CancelFetch,
    CompleteFlight,
    Done,
    FailFlight,
    Fetch,
    Follow,
    Forward,
    JoinFlight,
    Keep,
    LandFlight,
    LeaveFlight,
    ReleaseFlight,
    Respond,
    ShareFlight,
    Store,
)
from edge.core.events import (
    Failure,
    FlightHeadArrived,
    FlightJoined,
    FlightReleased,
    ResponseBodyCompleted,
    ResponseBodyOutgrew,
    ResponseFailed,
    ResponseHeadArrived,
    Role,
    ViewerLeft,
)
from edge.core.pieces import Span
from edge.core.policy import Policy
from tests.edge.core.playbook import KEY, Playbook, get, leading, looking, ok, outcome, status_of, stored
from tests.edge.core.tabletop import Tabletop, answering
from wire.http.fields import Fields, ResponseHead

MEASURING = Policy(always_cuts_ranges=True)
UNKNOWN = ok(Cache_Control="max-age=60", ETag='"v1"')


def measuring(wanted: str = "bytes=2-3") -> Playbook:
    """A leader whose answer waits for its length."""
    book = leading(get(Range=wanted), policy=MEASURING)
    return book >> ResponseHeadArrived(1.0, UNKNOWN, 0.0) << Keep(from_start=True) << ShareFlight


def following(**fields: str) -> Playbook:
    """A follower who is told of a body without a length."""
    book = looking(get(**fields), policy=MEASURING) << JoinFlight >> FlightJoined(0.0, Role.FOLLOWER)
    return book >> FlightHeadArrived(1.0, evolve(stored(), size=-1, body_id=""))


def test_a_range_is_cut_out_when_all_is_here() -> None:
    book = measuring() >> ResponseBodyCompleted(2.0, 10) << Forward
    assert (book.head().status, book.head().fields.get("content-range")) == (206, "bytes 2-3/10")
    book << CompleteFlight
    assert isinstance(book.last, CompleteFlight)
    assert book.last.entry is not None
    assert book.last.entry.size == 10
    assert outcome(book << Store << LandFlight << Done).status == 206


def test_a_range_behind_the_end_is_told_so() -> None:
    book = measuring("bytes=10-") >> ResponseBodyCompleted(2.0, 10) << Respond
    assert status_of(book.last) == 416


@pytest.mark.parametrize("fields", [{"Range": "lines=1-2"}, {"Range": "bytes=1-2", "If_Range": '"v0"'}, {}])
def test_who_gets_the_whole_waits_for_nothing(fields: dict[str, str]) -> None:
    book = leading(get(**fields), policy=MEASURING)
    book >> ResponseHeadArrived(1.0, UNKNOWN, 0.0) << ShareFlight << Forward
    assert book.head().status == 200


def test_nobody_waits_where_the_site_does_not() -> None:
    """All of it at once, as it comes (RFC 9110 §14.2)."""
    book = leading(get(Range="bytes=2-3")) >> ResponseHeadArrived(1.0, UNKNOWN, 0.0) << ShareFlight << Forward
    assert book.head().status == 200


def test_what_outgrows_the_cache_is_not_waited_for() -> None:
    book = measuring() >> ResponseBodyOutgrew(2.0) << Forward
    assert book.head().status == 200
    book << ReleaseFlight(KEY, remember=True) >> ResponseBodyCompleted(3.0, 99) << LandFlight << Done


def test_a_body_that_breaks_off_before_the_answer_is_an_error() -> None:
    """Not a cut: nothing has been said yet."""
    book = measuring() >> ResponseFailed(2.0, Failure.CUT, received=3)
    book << FailFlight(KEY, Failure.CUT) << Respond
    assert status_of(book.last) == 502


def test_who_leaves_while_it_is_measured_ends_it_or_not() -> None:
    """12.6, as if it had been answered."""
    book = measuring() >> ViewerLeft(2.0, followers=1)
    book >> ResponseBodyCompleted(3.0, 10) << CompleteFlight << Store << LandFlight << Done
    book = measuring() >> ViewerLeft(2.0, received=2 << 20) << CancelFetch
    assert isinstance(book.last, CancelFetch)


def test_a_follower_waits_for_the_length_too() -> None:
    book = following(Range="bytes=2-3") >> FlightHeadArrived(2.0, evolve(stored(), body_id=""), is_whole=True)
    book << Follow
    assert (book.head().status, book.head().fields.get("content-range")) == (206, "bytes 2-3/10")
    book << Done


def test_a_follower_that_waits_in_vain_asks_for_its_range() -> None:
    book = following(Range="bytes=2-3") >> FlightReleased(2.0) << LeaveFlight(KEY) << JoinFlight
    book >> FlightJoined(2.0, Role.LEADER) << Fetch
    assert book.sent().fields.get("range") == "bytes=2-3"
    following(Range="bytes=2-3") >> ViewerLeft(2.0) << LeaveFlight(KEY) << Done


@pytest.mark.parametrize("becomes", ["whole", "too large", "broken", "abandoned"])
def test_nobody_is_left_waiting_for_a_length(becomes: str) -> None:
    """Whatever becomes of the leader's body; and who drinks of it drinks on."""
    table = Tabletop(policy=MEASURING)
    leader, follower, drinker = (table.begin(get(**told)) for told in ({}, {"Range": "bytes=2-3"}, {}))
    table.send_head(leader, UNKNOWN)
    assert (follower.outcome is None, drinker.outcome is None) == (True, False)
    match becomes:
        case "whole":
            table.send_body(leader, b"0123456789")
            assert (follower.body, drinker.body) == (b"23", b"0123456789")
            return
        case "too large":
            table._tell(leader, ResponseBodyOutgrew(table.now))
        case "broken":
            table.fail(leader)
        case _:
            table._hand_round(table.flights.abandon(leader, table.now))
    assert follower.fetch is not None
    assert follower.fetch.fields.get("range") == "bytes=2-3"


UNKEPT = Fields.of(Cache_Control="no-store")


def unkept(wanted: str, length: str | None = "10") -> Playbook:
    """Alone with an origin that ignores ranges, and wants nothing of its answer kept."""
    book = looking(get(Range=wanted), policy=MEASURING) << JoinFlight >> FlightJoined(0.0, Role.ALONE)
    if "," not in wanted:  # one that others may want
        book << JoinFlight >> FlightJoined(0.0, Role.ALONE)
    book << Fetch
    assert book.sent().fields.get("range") == wanted
    fields = UNKEPT if length is None else UNKEPT.adding("Content-Length", length)
    return book >> ResponseHeadArrived(1.0, ResponseHead(200, fields), 0.0)


def test_a_range_of_what_may_not_be_kept_is_cut_out_as_it_passes() -> None:
    """cdn-vendors §14.7, and not a byte of it on the disk (22.4)."""
    book = unkept("bytes=2-3") << Forward
    assert (book.head().status, book.head().fields.get("content-range")) == (206, "bytes 2-3/10")
    assert book.head().fields.get("content-length") == "2"
    assert isinstance(book.last, Forward)
    assert (book.last.pieces, book.last.keep) == ((Span(2, 4),), False)
    assert outcome(book >> ResponseBodyCompleted(2.0, 10) << Done).status == 206


def test_the_rest_of_what_nobody_else_will_read_is_not_waited_for() -> None:
    book = unkept("bytes=2-3") << Forward >> ViewerLeft(2.0, received=5, is_served=True) << CancelFetch()
    assert outcome(book << Done).complete


def test_a_range_behind_the_end_of_what_may_not_be_kept_is_told_so() -> None:
    assert status_of((unkept("bytes=10-") << Respond).last) == 416


@pytest.mark.parametrize(
    ("wanted", "length", "kind"),
    [("bytes=2-3", None, ""), ("bytes=-2", None, ""), ("bytes=900-,0-1", "999", "multipart/byteranges")],
)
def test_what_cannot_be_cut_out_as_it_passes_waits_in_memory(
    wanted: str, length: str | None, kind: str
) -> None:
    book = unkept(wanted, length) << Keep(from_start=True, on_disk=False)
    book >> ResponseBodyCompleted(2.0, 999) << Forward
    assert book.head().status == 206
    assert (book.head().fields.get("content-type") or "").startswith(kind)
    book << Done


def test_what_memory_does_not_take_goes_out_whole() -> None:
    book = unkept("bytes=2-3", None) << Keep(from_start=True, on_disk=False)
    book >> ResponseBodyOutgrew(2.0) << Forward
    assert (book.head().status, book.head().fields.get("content-range")) == (200, None)
    book >> ResponseBodyCompleted(3.0, 99) << Done


@pytest.mark.parametrize("fields", [{"Range": "bytes=2-3", "If_Range": '"v0"'}, {"Range": "lines=1-2"}, {}])
def test_who_wants_the_whole_of_what_may_not_be_kept_gets_it(fields: dict[str, str]) -> None:
    table = Tabletop(policy=MEASURING)
    visit = table.ask(get(**fields), answering(Cache_Control="no-store"))
    assert visit.head is not None
    assert (visit.head.status, visit.body) == (200, b"0123456789")


RANGES = st.from_regex(r"[0-9]{1,2}-[0-9]{0,2}|-[0-9]{1,2}", fullmatch=True)


@given(st.lists(RANGES, min_size=1, max_size=3), st.booleans(), st.sampled_from(["no-store", "max-age=60"]))
def test_a_range_is_the_same_part_whatever_is_kept(wanted: list[str], has_length: bool, control: str) -> None:
    """cdn-vendors §14.7: as one cuts it out of a whole that is held."""
    asked = get(Range="bytes=" + ",".join(wanted))
    length = {"Content_Length": "10"} if has_length else {}
    holder, other = Tabletop(policy=MEASURING), Tabletop(policy=MEASURING)
    holder.ask(get(), answering(200, b"0123456789", Cache_Control="max-age=60"))
    want, got = (
        holder.ask(asked),
        other.ask(asked, answering(200, b"0123456789", Cache_Control=control, **length)),
    )
    assert want.head is not None
    assert got.head is not None
    assert (got.head.status, got.body) == (want.head.status, want.body)
    for name in ("content-range", "content-length", "content-type"):
        assert got.head.fields.get(name) == want.head.fields.get(name) or want.head.status == 200
