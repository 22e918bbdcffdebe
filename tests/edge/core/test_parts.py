"""Stored parts of bodies (sheet 11.7–11.11, 12.1): served as parts, put together, never taken for a whole."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from edge.core.events import Failure
from edge.core.parts import in_view
from edge.core.policy import Policy
from tests.edge.core.playbook import get
from tests.edge.core.stored_parts import part
from tests.edge.core.tabletop import Script, Tabletop
from wire.http.fields import Fields, RequestHead, ResponseHead
from wire.http.ranges import parse_ranges, resolve

BODY = b"0123456789"
FORWARD = Policy(range_fill="forward")


def slicing(tag: str = '"v1"', body: bytes = BODY, control: str = "max-age=60", **more: str) -> Script:
    """An origin that knows ranges, If-Range and If-None-Match."""

    def answer(request: RequestHead) -> tuple[ResponseHead, bytes]:
        lines = [("Cache-Control", control), *Fields.of(**more), *([("ETag", tag)] if tag else [])]
        if tag and request.fields.get("if-none-match") == tag:
            return ResponseHead(304, Fields(lines)), b""
        wanted = request.fields.get("range")
        if wanted is not None and request.fields.get("if-range") in (None, tag):
            parts = resolve(parse_ranges(wanted), len(body))
            if parts == ():
                return ResponseHead(416, Fields([("Content-Range", f"bytes */{len(body)}")])), b""
            if parts is not None:
                ((start, stop),) = parts
                lines += [("Content-Range", f"bytes {start}-{stop - 1}/{len(body)}")]
                lines += [("Content-Length", str(stop - start))]
                return ResponseHead(206, Fields(lines)), body[start:stop]
        return ResponseHead(200, Fields([*lines, ("Content-Length", str(len(body)))])), body

    return answer


def holding(*ranges: str, **origin: Any) -> Tabletop:
    """An edge that was asked for these ranges."""
    edge = Tabletop(FORWARD)
    for wanted in ranges:
        visit = edge.ask(get(Range=f"bytes={wanted}"), slicing(**origin))
        assert visit.head is not None
        assert visit.head.status == 206
    return edge


@pytest.mark.parametrize(
    ("wanted", "verdict", "body"),
    [
        ("0-4", "HIT", b"01234"),
        ("1-3", "HIT", b"123"),
        ("-5", "MISS", b"56789"),
        ("3-6", "MISS", b"3456"),
        ("0-0", "HIT", b"0"),
    ],
)
@pytest.mark.parametrize("tag", ['"v1"', ""])
def test_a_stored_206_answers_ranges_within_it(wanted: str, verdict: str, body: bytes, tag: str) -> None:
    """11.7: any range it holds, with or without a validator; others are forwarded."""
    edge = holding("0-4", tag=tag)
    visit = edge.ask(get(Range=f"bytes={wanted}"), slicing(tag))
    assert (visit.verdict, visit.body, visit.field("content-length")) == (verdict, body, str(len(body)))
    assert visit.field("content-range") is not None
    assert visit.head is not None
    assert visit.head.status == 206


def test_a_suffix_of_a_known_length_is_found() -> None:
    """11.7: 5-9/10 holds the last two."""
    visit = holding("5-9").ask(get(Range="bytes=-2"))
    assert (visit.verdict, visit.body, visit.field("content-range")) == ("HIT", b"89", "bytes 8-9/10")


def test_a_range_beyond_a_known_length_is_refused_from_a_part() -> None:
    """11.1: the length is all that a 416 takes."""
    visit = holding("0-4").ask(get(Range="bytes=10-"))
    assert visit.head is not None
    assert (visit.head.status, visit.field("content-range")) == (416, "bytes */10")


@pytest.mark.parametrize(
    "fields",
    [
        {"Content_Range": "bytes 0-4/*"},
        {"Content_Range": "bytes 4-0/10"},
        {"Content_Range": "bytes 0-10/10"},
        {"Content_Range": "items 0-4/10"},
        {"Content_Type": "multipart/byteranges; boundary=x"},
        {"Content_Range": "bytes 0-4/10", "Content_Length": "4"},
        {"Content_Range": "bytes 0-4/10", "Cache_Control": "private, max-age=60"},
        {"Content_Range": "bytes 0-4/10", "Cache_Control": "no-store"},
    ],
)
def test_a_206_that_makes_no_sense_or_may_not_is_forwarded_and_not_stored(fields: dict[str, str]) -> None:
    """11.7: an invalid or multipart Content-Range, and whatever forbids storing a 200."""
    edge = Tabletop(FORWARD)
    head = ResponseHead(206, Fields.of(**{"Cache_Control": "max-age=60", "ETag": '"v1"'} | fields))
    visit = edge.ask(get(Range="bytes=0-4"), lambda _: (head, b"01234"))
    assert (visit.verdict, visit.body) == ("PASS", b"01234")
    assert not any(edge.stored.values())


def test_a_206_whose_body_disagrees_is_not_stored() -> None:
    """11.7: forwarded, for it came so."""
    edge = Tabletop(FORWARD)
    head = ResponseHead(206, Fields.of(Content_Range="bytes 0-4/10", Cache_Control="max-age=60"))
    assert edge.ask(get(Range="bytes=0-4"), lambda _: (head, b"0123")).body == b"0123"
    assert not any(edge.stored.values())


def test_a_part_never_answers_for_the_whole() -> None:
    """11.8: not a plain GET, not a HEAD, not a range partly held, not a failed If-Range."""
    for request in (
        get(),
        get(method="HEAD"),
        get(Range="bytes=3-7"),
        get(Range="bytes=0-1", If_Range='"v0"'),
        get(Range="lines=0-1"),
        get(If_None_Match='"v1"'),
    ):
        edge = holding("0-4")
        edge.ask(request, slicing())
        assert len(edge.fetched) == 2, request


def test_parts_of_one_strong_validator_become_a_whole() -> None:
    """11.9: the next plain GET is a hit, with the whole's length and no Content-Range."""
    edge = holding("0-4", "5-9")
    visit = edge.ask(get())
    assert (visit.verdict, visit.body, visit.field("content-length")) == ("HIT", BODY, "10")
    assert visit.field("content-range") is None
    assert len(edge.stored["http://ex.com/a"]) == 1


@pytest.mark.parametrize("tags", [('"v1"', '"v2"'), ('W/"v1"', 'W/"v1"'), ("", "")])
def test_parts_that_may_differ_are_never_put_together(tags: tuple[str, str]) -> None:
    """11.9: another strong validator discards the old part; weak ones, or none, say nothing."""
    edge = holding("0-4", tag=tags[0])
    other = edge.ask(get(Range="bytes=5-9"), slicing(tags[1], b"abcdefghij"))
    assert other.body == b"fghij"
    whole = edge.ask(get(), slicing(tags[1], b"abcdefghij"))
    assert (whole.verdict, whole.body) == ("MISS", b"abcdefghij")
    edge = holding("0-4", tag=tags[0])
    edge.ask(get(Range="bytes=5-9"), slicing(tags[1], b"abcdefghij"))
    first = edge.ask(get(Range="bytes=0-4"), slicing(tags[1], b"abcdefghij"))
    assert first.body in (b"01234", b"abcde") if tags[0] == tags[1] else first.body == b"abcde"


def test_the_newer_parts_fields_replace_the_older_ones() -> None:
    """11.9: each name's lines; what the newer one leaves out is kept."""
    edge = holding("0-4", X_A="1", X_B="1")
    edge.now += 1
    edge.ask(get(Range="bytes=6-9"), slicing(X_A="2"))
    visit = edge.ask(get(Range="bytes=0-1"))
    assert (visit.verdict, visit.field("x-a"), visit.field("x-b")) == ("HIT", "2", "1")


def beginning_of_a_200(**fields: str) -> Tabletop:
    """An edge whose 200 broke off after four bytes."""
    edge = Tabletop(FORWARD)
    visit = edge.begin(get())
    said = {"Cache_Control": "max-age=9", "ETag": '"v1"', "Content_Length": "10", "X_A": "whole"}
    edge.send_head(visit, ResponseHead(200, Fields.of(**(said | fields))))
    edge.send_body(visit, BODY[:4], whole=False)
    edge.fail(visit)
    return edge


@pytest.mark.parametrize("ranges", [(), ("5-9",), ("7-9", "5-6"), ("4-9",)])
def test_a_200s_fields_stay_whatever_parts_come_to_it(ranges: tuple[str, ...]) -> None:
    """11.9 (RFC 9110 §15.3.7.3): its own count, and those a 206 leaves out or adds do not; but how long all of it is
    good, the newer says (RFC 9111 §3.4)."""
    edge = beginning_of_a_200(Content_Type="a/b")
    edge.now += 5
    part = slicing(X_A="part", X_B="part", Content_Type="c/d")
    for wanted in ranges:
        edge.ask(get(Range=f"bytes={wanted}"), part)
    whole = edge.ask(get(), part)
    assert (whole.body, whole.field("content-length")) == (BODY, "10")
    hit = edge.ask(get())
    for visit in (whole, hit, edge.ask(get(Range="bytes=5-8"))):
        assert [visit.field(name) for name in ("x-a", "x-b", "content-type")] == ["whole", None, "a/b"]
        assert visit.field("cache-control") == "max-age=60"
    assert (hit.verdict, hit.field("age")) == ("HIT", "0")
    assert len(edge.stored["http://ex.com/a"]) == 1


def test_a_200_that_breaks_off_later_brings_its_own_fields() -> None:
    """11.9: the most recent 200's are those of all."""
    edge = holding("6-9", X_A="part", X_B="part")
    visit = edge.begin(get())
    edge.send_head(
        visit, ResponseHead(200, Fields.of(Cache_Control="max-age=9", ETag='"v1"', Content_Length="10"))
    )
    edge.send_body(visit, BODY[:7], whole=False)
    edge.fail(visit)
    again = edge.ask(get())
    assert (again.verdict, again.body, again.field("x-a"), again.field("x-b")) == ("HIT", BODY, None, None)


def test_parts_stored_at_the_same_time_show_the_200s_fields() -> None:
    """11.9: whichever of two that knew nothing of each other came last."""
    of_206, of_200 = evolve(part(5, 5, date=2.0), of_206=True), part(0, 4, date=1.0)
    (view,) = in_view((of_206, of_200))
    assert (view.date, view.of_206) == (1.0, False)


def test_a_range_over_two_parts_is_served_from_both() -> None:
    """11.9, before they are one: several ranges too."""
    edge = holding("0-6", "8-9", "7-7")
    assert edge.ask(get(Range="bytes=5-8")).body == b"5678"


def test_the_rest_is_asked_for_and_completes_the_whole() -> None:
    """11.10: Range from where we are, If-Range with the strong validator; what comes is shared and stored."""
    edge = holding("0-3", X_A="1")
    first = edge.begin(get())
    assert [edge.fetched[-1].fields.get(name) for name in ("range", "if-range")] == ["bytes=4-", '"v1"']
    edge.answer_all(slicing())
    assert (first.body, first.field("content-length"), first.field("x-a")) == (BODY, "10", "1")
    assert first.field("content-range") is None
    assert "fwd=partial; fwd-status=206; stored; ttl=60" in str(first.field("cache-status"))
    assert edge.ask(get()).verdict == "HIT"
    assert len(edge.stored["http://ex.com/a"]) == 1


def test_who_asks_while_the_rest_arrives_follows() -> None:
    """18.1: the beginning comes from the store for both."""
    edge = holding("0-3")
    edge.policy = Policy()
    first, second = edge.begin(get()), edge.begin(get(Range="bytes=2-5"))
    edge.answer_all(slicing())
    assert (first.body, len(edge.fetched)) == (BODY, 2)
    assert (second.body, second.field("content-range")) == (b"2345", "bytes 2-5/10")


def test_a_rest_that_changed_replaces_the_part() -> None:
    """11.10: 200 in place of 206."""
    edge = holding("0-3")
    visit = edge.ask(get(), slicing('"v2"', b"abcdefghij"))
    assert visit.body == b"abcdefghij"
    assert len(edge.fetched) == 2
    assert edge.ask(get(Range="bytes=0-1")).body == b"ab"


@pytest.mark.parametrize("answer", [416, 206, 304])
def test_a_rest_that_makes_no_sense_is_asked_for_as_a_whole(answer: int) -> None:
    """11.10: 416, or a part that does not fit: refetch; a 304 nobody asked for is an error (9.3)."""
    edge = holding("0-3")

    def odd(request: RequestHead) -> tuple[ResponseHead, bytes]:
        if "range" not in request.fields:
            return slicing()(request)  # type: ignore[return-value]
        fields = Fields.of(Content_Range="bytes 5-9/10", ETag='"v1"', Content_Length="5")
        return ResponseHead(answer, fields if answer == 206 else Fields()), b"56789"

    visit = edge.ask(get(), odd)
    if answer == 304:
        assert visit.head is not None
        assert visit.head.status == 502
        return
    assert (visit.body, len(edge.fetched)) == (BODY, 3)
    assert edge.ask(get()).verdict == "HIT"


@pytest.mark.parametrize("tag", ['W/"v1"', ""])
def test_without_a_strong_validator_the_whole_is_fetched(tag: str) -> None:
    """11.10: no Range, no If-Range."""
    edge = holding("0-3", tag=tag)
    assert edge.ask(get(), slicing(tag)).body == BODY
    assert "range" not in edge.fetched[-1].fields


def test_a_stale_part_is_validated_for_the_range_it_holds() -> None:
    """11.11: its ETag is offered with the Range, and for no other request."""
    edge = holding("0-4", control="max-age=1")
    edge.now += 5
    visit = edge.ask(get(Range="bytes=1-2"), slicing())
    sent = edge.fetched[-1].fields
    assert (sent.get("if-none-match"), sent.get("range")) == ('"v1"', "bytes=1-2")
    assert (visit.verdict, visit.body) == ("REVALIDATED", b"12")
    assert edge.ask(get(Range="bytes=0-4")).verdict == "HIT"
    edge.now += 100
    edge.ask(get(Range="bytes=3-7"), slicing())
    assert "if-none-match" not in edge.fetched[-1].fields
    edge = holding("0-4", control="max-age=1")
    edge.now += 5
    edge.ask(get(), slicing())
    assert "if-none-match" not in edge.fetched[-1].fields


def test_a_part_that_has_changed_gives_way() -> None:
    """11.9: the new one answers and is stored, the old one is gone."""
    edge = holding("0-4", control="max-age=1")
    edge.now += 5
    visit = edge.ask(get(Range="bytes=1-2"), slicing('"v2"', b"abcdefghij"))
    assert visit.body == b"bc"
    assert edge.ask(get(Range="bytes=1-2")).body == b"bc"
    assert [entry.etag for entry, _ in edge.stored["http://ex.com/a"].values()] == ['"v2"']


def test_a_stale_part_under_grace_is_served_and_validated_behind() -> None:
    """14.6: also parts; a changed one is dropped, and fetched by who asks next."""
    for tag, then in (('"v1"', "HIT"), ('"v2"', "MISS")):
        edge = holding("0-4", control="max-age=1, stale-while-revalidate=60")
        edge.now += 5
        visit = edge.ask(get(Range="bytes=1-2"), slicing(tag))
        assert (visit.verdict, visit.body) == ("STALE", b"12")
        assert edge.fetched[-1].fields.get("range") == "bytes=1-2"
        assert edge.ask(get(Range="bytes=1-2"), slicing(tag)).verdict == then


def test_a_part_that_was_confirmed_is_no_answer_to_who_waits_for_the_whole() -> None:
    """11.8, 18.6: who follows its validation is served what it holds, or asks for itself."""
    edge = holding("0-4", control="max-age=1, stale-while-revalidate=60")
    edge.now += 5
    edge.begin(get(Range="bytes=1-2"))
    whole, within = edge.begin(get()), edge.begin(get(Range="bytes=3-4", Cache_Control="min-fresh=1"))
    assert len(edge.under_way()) == 2  # the validation, and one that nobody may share
    edge.answer_all(slicing())
    assert (whole.body, within.body) == (BODY, b"34")
    assert whole.head is not None
    assert whole.head.status == 200


def test_a_cut_200_leaves_its_beginning() -> None:
    """12.1: as a partial with a strong ETag; its rest completes it."""
    edge = Tabletop()
    visit = edge.begin(get())
    edge.send_head(visit, slicing()(visit.fetch)[0])  # type: ignore[arg-type, index]
    edge.send_body(visit, BODY[:6], whole=False)
    edge.fail(visit)
    assert visit.aborted
    assert edge.ask(get(Range="bytes=2-5")).body == b"2345"
    assert edge.ask(get(), slicing()).body == BODY
    assert edge.fetched[-1].fields.get("range") == "bytes=6-"
    assert edge.ask(get()).verdict == "HIT"


@pytest.mark.parametrize(
    ("tag", "reason", "length"),
    [
        ('W/"v1"', Failure.CUT, "10"),
        ("", Failure.CUT, "10"),
        ('"v1"', Failure.MALFORMED, "10"),
        ('"v1"', Failure.CUT, ""),
    ],
)
def test_a_cut_200_leaves_nothing_where_its_rest_could_not_be_told(
    tag: str, reason: Failure, length: str
) -> None:
    """12.1: no strong validator, no length, or bytes that are no message."""
    edge = Tabletop()
    visit = edge.begin(get())
    fields = {"ETag": tag, "Content_Length": length, "Cache_Control": "max-age=60"}
    edge.send_head(
        visit, ResponseHead(200, Fields.of(**{name: value for name, value in fields.items() if value}))
    )
    edge.send_body(visit, BODY[:6], whole=False)
    edge.fail(visit, reason)
    assert not any(edge.stored.values())


def test_what_a_viewer_left_behind_is_a_part() -> None:
    """12.6, 12.1: a large fill that is cancelled keeps what came."""
    edge = Tabletop(Policy(finish_abandoned_bytes=1))
    visit = edge.begin(get())
    edge.send_head(visit, slicing()(visit.fetch)[0])  # type: ignore[arg-type, index]
    edge.send_body(visit, BODY[:4], whole=False)
    edge.leave(visit)
    assert visit.fetch is None
    assert edge.ask(get(Range="bytes=0-3")).verdict == "HIT"


def test_a_whole_supersedes_its_parts() -> None:
    """11.9: nothing of the old representation stays beside a new 200."""
    edge = holding("0-4", "6-7", control="max-age=1")
    edge.now += 9
    edge.ask(get(), slicing('"v2"', b"abcdefghij"))
    assert [entry.is_part for entry, _ in edge.stored["http://ex.com/a"].values()] == [False]


def test_large_objects_are_filled_part_by_part() -> None:
    """11.6: once it is known to be too large to be filled as a whole, ranges are forwarded at once."""
    edge = Tabletop(Policy(range_fill_bytes=5))
    edge.ask(get(Range="bytes=0-1"), slicing())
    assert len(edge.fetched) == 2, "the whole first, then the part"
    edge.ask(get(Range="bytes=4-5"), slicing())
    assert len(edge.fetched) == 3
    assert edge.ask(get(Range="bytes=4-4")).verdict == "HIT"


def test_a_range_near_what_has_arrived_follows_a_growing_body() -> None:
    """11.6: reach counts from where the body is by now, not from its beginning."""
    for received, served in ((0, False), (5, True)):
        edge = Tabletop(Policy(range_fill_bytes=3))
        leader = edge.begin(get())
        edge.send_head(leader, slicing()(get())[0])  # type: ignore[index]
        edge.send_body(leader, BODY[:received], whole=False)
        follower = edge.begin(get(Range="bytes=6-7"))
        assert (follower.outcome is not None) is served
        edge.send_body(leader, BODY[received:])
        edge.answer_all(slicing())
        assert follower.body == b"67"


def test_a_purge_takes_the_parts_too() -> None:
    """20.1."""
    edge = holding("0-4")
    edge.purge("http://ex.com/a")
    assert edge.ask(get(Range="bytes=0-4"), slicing()).verdict == "MISS"
