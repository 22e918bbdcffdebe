"""A HEAD that finds nothing, where the site lets it stand for its GET (sheet 13.3: else it never fills)."""

from typing import Literal

import pytest
from attrs import evolve

from edge.core.commands import Done, Fetch, ForgetUnshareable, JoinFlight, Keep, LookUp, Respond, Store
from edge.core.events import FlightJoined, ResponseBodyCompleted, ResponseHeadArrived, Role, StoreAnswered
from edge.core.exchange import Exchange
from edge.core.policy import Policy
from tests.edge.core.playbook import Playbook, get, ok
from tests.edge.core.tabletop import Tabletop, answering

STORABLE = answering(Cache_Control="max-age=60", ETag='"v1"', Content_Length="10")
FILLING = Policy(node="edge", head_fill=True)


def test_it_asks_with_get_and_fills() -> None:
    """Who looks with HEAD twice sees a miss and a hit, and so does the GET after it."""
    edge = Tabletop(FILLING)
    first = edge.ask(get(method="HEAD"), STORABLE)
    assert (first.verdict, first.body, first.field("content-length")) == ("MISS", b"", "10")
    assert [asked.method for asked in edge.fetched] == ["GET"]
    again, whole = edge.ask(get(method="HEAD")), edge.ask(get())
    assert (again.verdict, again.body, again.field("content-length")) == ("HIT", b"", "10")
    assert (whole.verdict, whole.body) == ("HIT", b"0123456789")
    assert len(edge.fetched) == 1


def test_what_cannot_be_stored_is_answered_without_its_body() -> None:
    edge = Tabletop(FILLING)
    visit = edge.ask(get(method="HEAD"), answering(Cache_Control="no-store", Content_Length="10"))
    assert (visit.body, visit.field("content-length")) == (b"", "10")
    edge.ask(get(method="HEAD"), STORABLE)
    assert len(edge.fetched) == 2


@pytest.mark.parametrize("fields", [{"Authorization": "x"}, {"If_Match": '"v1"'}])
def test_what_is_not_for_others_is_still_one_question(fields: dict[str, str]) -> None:
    """Credentials and preconditions for the origin keep their meaning."""
    edge = Tabletop(FILLING)
    visit = edge.ask(get(method="HEAD", **fields), STORABLE)
    assert visit.body == b""
    assert len(edge.fetched) == 1


@pytest.mark.parametrize("range_fill", ["whole", "forward"])
def test_a_range_is_none_of_its_business(range_fill: Literal["whole", "forward"]) -> None:
    """RFC 9110 §14.2: only GET has ranges, whether the origin says so or not."""
    edge = Tabletop(evolve(FILLING, range_fill=range_fill))
    visit = edge.ask(get(method="HEAD", Range="bytes=0-1", If_Range='"v0"'), STORABLE)
    assert visit.head is not None
    assert (visit.head.status, visit.field("content-length")) == (200, "10")
    assert not edge.fetched[0].fields.names() & {"range", "if-range"}
    assert edge.ask(get()).verdict == "HIT"


@pytest.mark.parametrize(("status", "verdict"), [(304, "REVALIDATED"), (200, "MISS")])
def test_what_is_stale_is_asked_about_with_get_as_well(status: int, verdict: str) -> None:
    """9.1: either answer is good for the GETs after it."""
    edge = Tabletop(FILLING)
    edge.ask(get(), STORABLE)
    edge.now += 61
    said = answering(status, b"abcdefghij", Cache_Control="max-age=60", ETag='"v1"', Content_Length="10")
    head = edge.ask(get(method="HEAD"), said)
    asked = edge.fetched[-1]
    assert (asked.method, asked.fields.get("if-none-match")) == ("GET", '"v1"')
    assert (head.verdict, head.body, head.field("content-length")) == (verdict, b"", "10")
    hit = edge.ask(get())
    assert (hit.verdict, hit.body) == ("HIT", b"0123456789" if status == 304 else b"abcdefghij")


def test_without_leave_a_head_is_a_head() -> None:
    edge = Tabletop(Policy(node="edge"))
    edge.ask(get(method="HEAD"), STORABLE)
    assert [asked.method for asked in edge.fetched] == ["HEAD"]
    assert edge.ask(get(), STORABLE).verdict == "MISS"


def test_a_body_that_nobody_reads_is_kept_for_the_store() -> None:
    """Alone, without a flight that others drink from: the shell is told so, or there would be none to store."""
    playing = Playbook(Exchange(get(method="HEAD"), FILLING))
    playing << LookUp
    playing >> StoreAnswered(0.0) << JoinFlight
    playing >> FlightJoined(0.0, Role.ALONE) << Fetch
    (
        playing
        >> ResponseHeadArrived(0.0, ok(Cache_Control="max-age=60"), 0.0)
        << Keep()
        << ForgetUnshareable
        << Respond
    )
    playing >> ResponseBodyCompleted(0.0, 10) << Store << Done
    playing.end()
