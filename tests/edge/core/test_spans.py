"""Many viewers of one range that is asked for alone: they cost one question, too (sheet 11.6, 18.3)."""

from __future__ import annotations

import pytest

from edge.core.flights import flight_key, is_for_span, primary_key_of
from edge.core.policy import Policy
from tests.edge.core.playbook import get, ok
from tests.edge.core.tabletop import Tabletop
from wire.http.fields import RequestHead, ResponseHead
from wire.http.ranges import parse_ranges, resolve

BODY = b"0123456789"
FORWARD = Policy(range_fill="forward")
FIELDS = {"Cache_Control": "max-age=60", "ETag": '"v1"'}


def ranged(start: int = 2, stop: int = 6, **fields: str) -> ResponseHead:
    told = {**FIELDS, **fields}
    span = f"bytes {start}-{stop - 1}/10"
    return ok(206, Content_Range=span, Content_Length=str(stop - start), **told)


def slicing(asked: RequestHead) -> tuple[ResponseHead, bytes]:
    """An origin that knows ranges."""
    wanted = resolve(parse_ranges(asked.fields.joined("range") or ""), len(BODY))
    if wanted is None:
        return ok(Content_Length="10", **FIELDS), BODY
    ((start, stop),) = wanted
    return ranged(start, stop), BODY[start:stop]


def ranges(edge: Tabletop) -> list[str | None]:
    return [asked.fields.get("range") for asked in edge.fetched]


def test_a_hundred_of_one_span_cost_one_fetch_and_drink_while_it_grows() -> None:
    """18.1: each gets the part it asked for, and later ones find it stored."""
    edge = Tabletop(FORWARD)
    visits = [edge.begin(get(Range="bytes=2-5")) for _ in range(100)]
    edge.send_head(visits[0], ranged())
    edge.send_body(visits[0], b"23", whole=False)
    visits.append(edge.begin(get(Range="bytes=2-5")))
    assert {visit.body for visit in visits} == {b"23"}
    edge.send_body(visits[0], b"45")
    assert {visit.body for visit in visits} == {b"2345"}
    assert {(visit.answers, visit.field("content-range")) for visit in visits} == {(1, "bytes 2-5/10")}
    assert {visit.field("content-length") for visit in visits} == {"4"}
    assert "collapsed" in str(visits[1].field("cache-status"))
    assert ranges(edge) == ["bytes=2-5"]
    assert edge.ask(get(Range="bytes=3-4")).verdict == "HIT"


def test_another_span_another_fetch() -> None:
    """Also one that differs in how it is written; but not in case or spaces."""
    edge = Tabletop(FORWARD)
    for wanted in ("bytes=0-1", "bytes=0-2", "bytes=-2", "bytes=8-", "Bytes= 0-1"):
        edge.begin(get(Range=wanted))
    assert ranges(edge) == ["bytes=0-1", "bytes=0-2", "bytes=-2", "bytes=8-"]
    edge.answer_all(slicing)
    assert [visit.body for visit in edge.visits] == [b"01", b"012", b"89", b"89", b"01"]


@pytest.mark.parametrize(
    "fields",
    [
        {"Range": "bytes=2-5,8-9"},
        {"Range": "lines=2-5"},
        {"Range": "bytes=2-5", "Authorization": "x"},
        {"Range": "bytes=2-5", "Cache_Control": "no-cache"},
    ],
)
def test_some_ranges_are_asked_for_each_by_itself(fields: dict[str, str]) -> None:
    """18.3: several parts, other units, and whoever may not share."""
    edge = Tabletop(FORWARD)
    for _ in range(2):
        edge.begin(get(**fields))
    assert len(edge.under_way()) == 2


@pytest.mark.parametrize(
    ("condition", "expected", "asked"), [('"v1"', b"2345", 1), ('"v0"', BODY, 2), ('W/"v1"', BODY, 2)]
)
def test_who_wants_the_part_of_another_version_asks_for_itself(
    condition: str, expected: bytes, asked: int
) -> None:
    """11.5: If-Range is judged by what came, for each."""
    edge = Tabletop(FORWARD)
    leader, follower = (
        edge.begin(get(Range="bytes=2-5")),
        edge.begin(get(Range="bytes=2-5", If_Range=condition)),
    )
    edge.send_head(leader, ranged())
    edge.send_body(leader, b"2345")
    edge.answer_all(lambda _: (ok(Content_Length="10", **FIELDS), BODY))
    assert (follower.body, len(edge.fetched)) == (expected, asked)


def test_a_follower_of_a_part_that_it_has_is_told_so() -> None:
    """11.4: preconditions first."""
    edge = Tabletop(FORWARD)
    leader, follower = (
        edge.begin(get(Range="bytes=2-5")),
        edge.begin(get(Range="bytes=2-5", If_None_Match='"v1"')),
    )
    edge.send_head(leader, ranged())
    edge.send_body(leader, b"2345")
    assert follower.head is not None
    assert (follower.head.status, follower.answers, len(edge.fetched)) == (304, 1, 1)


def test_an_origin_without_ranges_serves_all_who_wait_for_one() -> None:
    """11.6: its 200 is stored, and sliced for each."""
    edge = Tabletop(FORWARD)
    visits = [edge.begin(get(Range="bytes=2-5")) for _ in range(3)]
    edge.send_head(visits[0], ok(Content_Length="10", **FIELDS))
    edge.send_body(visits[0], BODY)
    assert {(visit.field("content-range"), visit.body) for visit in visits} == {("bytes 2-5/10", b"2345")}
    assert (len(edge.fetched), edge.ask(get()).verdict) == (1, "HIT")


def test_an_origin_that_sends_another_part_serves_whom_it_can() -> None:
    """11.8: nobody gets bytes that are not the ones asked for."""
    edge = Tabletop(FORWARD)
    visits = [edge.begin(get(Range="bytes=2-5")) for _ in range(2)]
    edge.send_head(visits[0], ranged(2, 4))
    assert ranges(edge) == ["bytes=2-5"] * 2
    edge.send_body(visits[0], b"23")
    edge.answer_all(slicing)
    assert (visits[0].body, visits[1].body) == (b"23", b"2345")


def test_a_span_that_may_not_be_shared_is_not_queued_for() -> None:
    """18.1, 18.2: released at its head, and remembered; until it may be."""
    edge = Tabletop(FORWARD)
    visits = [edge.begin(get(Range="bytes=2-5")) for _ in range(3)]
    edge.send_head(visits[0], ranged(Cache_Control="private"))
    assert len(edge.under_way()) == 3
    edge.send_body(visits[0], b"2345")
    edge.answer_all(lambda _: (ranged(Cache_Control="private"), b"2345"))
    edge.begin(get(Range="bytes=2-5"))
    edge.begin(get(Range="bytes=2-5"))
    assert len(edge.under_way()) == 2
    edge.answer_all(lambda _: (ranged(Cache_Control="max-age=1"), b"2345"))
    edge.now += 5
    edge.purge("http://ex.com/a")
    edge.fetched.clear()
    for _ in range(3):
        edge.begin(get(Range="bytes=2-5"))
    assert len(edge.fetched) == 1


def test_viewers_of_what_is_too_large_to_fill_share_its_span() -> None:
    """11.6: the whole is asked for once and given up; then one asks for all who want the same, now and later."""
    edge = Tabletop(Policy(range_fill_bytes=5))
    visits = [edge.begin(get(Range="bytes=2-5")) for _ in range(10)]
    other = edge.begin(get(Range="bytes=0-1"))
    edge.send_head(visits[0], ok(Content_Length="10", **FIELDS))
    assert sorted(map(str, ranges(edge))) == ["None", "bytes=0-1", "bytes=2-5", "bytes=2-5"]
    edge.answer_all(slicing)
    assert {visit.body for visit in visits} == {b"2345"}
    assert other.body == b"01"
    edge.fetched.clear()
    later = [edge.begin(get(Range="bytes=7-8")) for _ in range(5)]
    assert ranges(edge) == ["bytes=7-8"]
    edge.answer_all(slicing)
    assert {visit.body for visit in later} == {b"78"}


def test_a_leader_whose_viewer_leaves_brings_the_span_home_for_the_others() -> None:
    """18.4."""
    edge = Tabletop(FORWARD)
    leader, follower = (edge.begin(get(Range="bytes=2-5")) for _ in range(2))
    edge.leave(leader)
    edge.send_head(leader, ranged())
    edge.send_body(leader, b"2345")
    assert (follower.body, len(edge.fetched)) == (b"2345", 1)


def test_variants_of_a_span_are_fetched_apart() -> None:
    """18.3, 8: a class of viewers each."""
    edge = Tabletop(FORWARD)
    visits = [edge.begin(get(Range="bytes=2-5", X_Shape=shape)) for shape in ("1", "1", "2", "2")]
    edge.send_head(visits[0], ranged(Vary="X-Shape"))
    assert len(edge.fetched) == 2
    edge.send_body(visits[0], b"2345")
    edge.answer_all(lambda _: (ranged(Vary="X-Shape"), b"2345"))
    assert {visit.body for visit in visits} == {b"2345"}
    assert [asked.fields.get("x-shape") for asked in edge.fetched] == ["1", "2"]


def test_a_purge_lets_nobody_join_a_span_any_more() -> None:
    """20.5: by the key that the flight's name begins with."""
    edge = Tabletop(FORWARD)
    edge.begin(get(Range="bytes=2-5"))
    edge.purge("http://ex.com/a")
    edge.begin(get(Range="bytes=2-5"))
    assert len(edge.fetched) == 2
    for variant in ("", "abc"):
        name = flight_key("http://ex.com/a\nx-a:1", variant, "2-5")
        assert (primary_key_of(name), is_for_span(name)) == ("http://ex.com/a\nx-a:1", True)
        assert not is_for_span(flight_key("http://ex.com/a", variant))
