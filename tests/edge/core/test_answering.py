"""Heads for viewers (sheet 6.4, 10, 11, 17)."""

from __future__ import annotations

from email import message_from_bytes
from typing import Any

import pytest
from attrs import evolve

from edge.core.answering import Answer, Marks, answer_from
from edge.core.entry import Entry
from edge.core.outcome import Verdict
from edge.core.pieces import WHOLE, Span
from edge.core.policy import Policy
from tests.edge.core.playbook import get
from wire.http.fields import Fields, RequestHead

MARKS = Marks(Policy(node="fra"), Verdict.HIT, "fra; hit; ttl=9", milliseconds=1.25, age=7)
BODY = b"0123456789"


def stored(status: int = 200, /, size: int = 10, **fields: str) -> Entry:
    return Entry(
        "k", status, Fields.of(**fields), 0.0, 0.0, 0.0, 60.0, 0.0, size=size, etag=fields.get("ETag")
    )


def answered(entry: Entry, request: RequestHead, marks: Marks = MARKS) -> Answer:
    return answer_from(entry, entry.fields, request, marks, 0.0)


def body_of(answer: Answer, body: bytes = BODY) -> bytes:
    return b"".join(
        piece if isinstance(piece, bytes) else body[piece.start : piece.stop] for piece in answer.pieces
    )


@pytest.mark.parametrize(
    ("verdict", "timing"),
    [
        (
            Verdict.MISS,
            'content-info;desc="width=1,height=2", origin;dur=4.1, transformation;dur=3.5, edge;dur=1.2;desc=miss',
        ),
        (Verdict.HIT, 'content-info;desc="width=1,height=2", edge;dur=1.2;desc=hit'),
        (Verdict.REVALIDATED, 'content-info;desc="width=1,height=2", edge;dur=1.2;desc=miss'),
        (Verdict.STALE, 'content-info;desc="width=1,height=2", edge;dur=1.2;desc=hit'),
    ],
)
def test_the_work_of_the_first_answer_is_not_told_again(verdict: Verdict, timing: str) -> None:
    timing_before = 'content-info;desc="width=1,height=2", origin;dur=4.1, transformation;dur=3.5'
    entry = stored(Server_Timing=timing_before)
    head = answered(entry, get(), evolve(MARKS, verdict=verdict)).head.fields
    assert head.get("server-timing") == timing


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        (("30",), ("30",)),
        (("5000, 0",), ("5000",)),
        (("0", "5000"), ("0",)),
        *(((said,), ()) for said in ("junk", "-5", "72.5", "")),
        ((), ()),
    ],
)
def test_an_age_that_is_no_number_goes_no_further(lines: tuple[str, ...], seen: tuple[str, ...]) -> None:
    """6.2, 6.4: a miss passes on what of the origin's Age counts. An edge of ours sees what the origin said, and
    judges for itself."""
    fields = Fields([("Age", said) for said in lines])
    first = evolve(MARKS, verdict=Verdict.MISS, age=None)
    assert first.on(fields).all("age") == seen
    assert evolve(first, to_our_edge=True).on(fields).all("age") == lines


def test_the_marks_of_this_node() -> None:
    """17: one Age, Via and Cache-Status appended, the edge's own view in place of the shield's."""
    head = answered(
        stored(
            X="1",
            Age="99",
            Via="1.1 sin",
            Cache_Status="sin; hit",
            X_Cache="MISS",
            X_PoP="sin",
            Server_Timing="render;dur=9",
            Surrogate_Key="a b",
            Surrogate_Control="max-age=9",
            CDN_Cache_Control="max-age=9",
            Access_Control_Allow_Origin="*",
        ),
        get(),
    ).head.fields
    assert head.all("age") == ("7",)
    assert head.all("via") == ("1.1 sin, 1.1 fra",)
    assert head.all("cache-status") == ("sin; hit, fra; hit; ttl=9",)
    assert head.all("x-cache") == ("HIT",)
    assert head.all("x-pop") == ("fra",)
    assert head.get("server-timing") == "render;dur=9, edge;dur=1.2;desc=hit"
    assert "surrogate-key" not in head
    assert "surrogate-control" not in head
    assert head.get("cdn-cache-control") == "max-age=9"
    assert "X-PoP" in str(head.get("access-control-expose-headers"))
    assert head.get("x") == "1"
    assert head.get("accept-ranges") == "bytes"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "X-PoP, X-Cache, Age, Via, Cache-Status, Server-Timing"),
        ("X-Cld-Error, age", "X-Cld-Error, age, X-PoP, X-Cache, Via, Cache-Status, Server-Timing"),
        ("*", "*"),
    ],
)
def test_scripts_may_read_what_every_node_wrote_and_are_told_once(before: str, after: str) -> None:
    """Behind a shield that has said so already, an edge adds nothing."""
    lines = [("Access-Control-Allow-Origin", "*")]
    lines += [("Access-Control-Expose-Headers", before)] if before else []
    entry = evolve(stored(), fields=Fields(lines))
    shield = answered(entry, get(), evolve(MARKS, to_our_edge=True)).head.fields
    edge = answered(evolve(stored(), fields=shield), get()).head.fields
    assert (
        shield.all("access-control-expose-headers") == edge.all("access-control-expose-headers") == (after,)
    )


def test_our_own_edges_get_the_keys_and_measure_for_themselves() -> None:
    """A shield strips nothing that its edges index."""
    entry = stored(Surrogate_Key="a b", Surrogate_Control="max-age=9")
    head = answered(entry, get(), evolve(MARKS, to_our_edge=True)).head.fields
    assert head.get("surrogate-key") == "a b"
    assert head.get("surrogate-control") == "max-age=9"
    assert "server-timing" not in head


def test_who_looks_for_faults_is_shown_the_tags() -> None:
    """20.2: and no more of what is for edges alone (15.5)."""
    entry = stored(Surrogate_Key="a b", Cache_Tag="c", Surrogate_Control="max-age=9")
    for debug in (False, True):
        head = answered(entry, get(), evolve(MARKS, policy=Policy(debug=debug))).head.fields
        assert head.get("surrogate-key") == ("a b" if debug else None)
        assert head.get("cache-tag") == ("c" if debug else None)
        assert "surrogate-control" not in head


def test_fields_for_this_product_stay_here_and_strangers_pass() -> None:
    """15.5: to an edge of ours they go on."""
    entry = stored(Pixeledge_CDN_Cache_Control="max-age=9", Other_Cache_Control="max-age=8")
    outer = answered(entry, get()).head.fields
    assert outer.get("other-cache-control") == "max-age=8"
    assert "pixeledge-cdn-cache-control" not in outer
    inner = answered(entry, get(), evolve(MARKS, to_our_edge=True)).head.fields
    assert inner.get("pixeledge-cdn-cache-control") == "max-age=9"


def test_targeted_fields_can_be_kept_from_viewers() -> None:
    """15.5."""
    marks = evolve(MARKS, policy=Policy(strip_targeted=True))
    assert (
        "cdn-cache-control" not in answered(stored(CDN_Cache_Control="max-age=9"), get(), marks).head.fields
    )


def test_a_bare_edge_writes_no_pop_fields() -> None:
    """As a plain reverse proxy: only what the RFCs know."""
    head = answered(
        stored(X_Cache="theirs"), get(), evolve(MARKS, policy=Policy(pop_fields=False))
    ).head.fields
    assert head.get("x-cache") == "theirs"
    assert "x-pop" not in head


def test_length_is_the_stored_bodys() -> None:
    """4.6; HEAD has the same head and no body (13.3); 204 has neither (12.4)."""
    answer = answered(stored(), get())
    assert answer.pieces == WHOLE
    assert answer.head.fields.get("content-length") == "10"
    head = answered(stored(), get(method="HEAD"))
    assert head.head.fields.get("content-length") == "10"
    assert head.pieces == ()
    empty = answered(stored(204, size=0), get())
    assert "content-length" not in empty.head.fields
    assert empty.pieces == ()
    arriving = answered(stored(size=-1), get(Range="bytes=0-1"))
    assert "content-length" not in arriving.head.fields
    assert arriving.pieces == WHOLE


def test_a_304_carries_what_the_client_needs_and_no_more() -> None:
    """10.6: with 304 before any range (11.4)."""
    entry = stored(
        ETag='"v1"',
        Last_Modified="D",
        Cache_Control="max-age=60",
        Vary="X",
        Set_Cookie="a=b",
        Content_Type="x",
        X="1",
    )
    answer = answered(entry, get(If_None_Match='"v1"', Range="bytes=0-1"))
    assert answer.head.status == 304
    assert answer.pieces == ()
    assert {"etag", "cache-control", "vary", "age", "via", "cache-status"} <= answer.head.fields.names()
    left_out = ("set-cookie", "content-type", "content-length", "x", "last-modified", "transfer-encoding")
    assert not answer.head.fields.names() & set(left_out)


def test_preconditions_are_for_200s() -> None:
    """10.7."""
    answer = answered(stored(404, ETag='"v1"'), get(If_None_Match='"v1"', Range="bytes=0-1"))
    assert answer.head.status == 404
    assert answer.pieces == WHOLE


def test_a_part_of_a_whole() -> None:
    """11.2: stored headers, Content-Range, the part's length, Age."""
    answer = answered(stored(X="1"), get(Range="bytes=-3"))
    assert (answer.head.status, answer.head.reason) == (206, "Partial Content")
    assert answer.pieces == (Span(7, 10),)
    assert answer.head.fields.get("content-range") == "bytes 7-9/10"
    assert answer.head.fields.all("content-length") == ("3",)
    assert answer.head.fields.get("x") == "1"


def test_a_range_beyond_the_end() -> None:
    """11.12: 416 with the length, without the stored type."""
    answer = answered(stored(Content_Type="x"), get(Range="bytes=10-"))
    assert answer.head.status == 416
    assert answer.head.fields.get("content-range") == "bytes */10"
    assert "content-type" not in answer.head.fields
    assert answer.pieces == ()


@pytest.mark.parametrize(
    "request_head",
    [
        get(method="HEAD", Range="bytes=0-1"),
        get(Range="items=0-1"),
        get(Range="bytes=5-2"),
        get(Range="bytes=0-1", If_Range='"v0"'),
        get(Range="bytes=0-1", If_Range='W/"v1"'),
        get(If_Range='"v1"'),
    ],
    ids=str,
)
def test_ranges_that_are_ignored(request_head: RequestHead) -> None:
    """11.1, 11.5."""
    assert answered(stored(ETag='"v1"'), request_head).head.status == 200


def test_if_range_that_holds() -> None:
    """11.5."""
    assert answered(stored(ETag='"v1"'), get(Range="bytes=0-1", If_Range='"v1"')).head.status == 206


def test_several_parts_are_a_multipart() -> None:
    """11.3: each with its own type and range, in the order asked; the length is exact."""
    body = bytes(range(256)) * 4
    answer = answered(stored(size=len(body), Content_Type="image/x"), get(Range="bytes=900-909, 0-4"))
    sent = body_of(answer, body)
    kind = answer.head.fields.get("content-type")
    assert "content-range" not in answer.head.fields
    assert answer.head.fields.get("content-length") == str(len(sent))
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + sent)
    parts = list(message.walk())[1:]
    assert [part["Content-Range"] for part in parts] == ["bytes 900-909/1024", "bytes 0-4/1024"]
    assert [part["Content-Type"] for part in parts] == ["image/x", "image/x"]
    assert body[900:910] in sent
    assert body[0:5] in sent


def test_one_part_left_is_a_plain_206() -> None:
    """11.3."""
    answer = answered(stored(), get(Range="bytes=0-1, 50-"))
    assert answer.pieces == (Span(0, 2),)


EVERYTHING: Any = {
    "Cache_Control": "max-age=60",
    "CDN_Cache_Control": "max-age=9",
    "Content_Location": "/x",
    "Date": "D",
    "Expires": "E",
    "Vary": "X",
    "Last_Modified": "L",
    "Via": "1.1 sin",
    "Cache_Status": "sin; hit",
    "Surrogate_Key": "a",
    "Surrogate_Control": "max-age=9",
    "Cache_Tag": "a",
    "Content_Type": "a/b",
    "Access_Control_Allow_Origin": "*",
    "Access_Control_Expose_Headers": "X",
    "Timing_Allow_Origin": "*",
    "Set_Cookie": "a=b",
}
OURS = {"age", "via", "cache-status", "server-timing", "x-cache", "x-pop", "access-control-expose-headers"}


def test_the_fields_of_a_304_to_the_letter() -> None:
    """10.6 (RFC 9110 §15.4.5); an edge of ours gets the tags of its own index too (20.2)."""
    asked = get(If_None_Match='"v1"')
    kept = {"cache-control", "cdn-cache-control", "content-location", "date", "expires", "vary"}
    kept |= {"access-control-allow-origin", "timing-allow-origin"}
    answer = answered(stored(ETag='"v1"', **EVERYTHING), asked)
    assert answer.head.reason == "Not Modified"
    assert answer.head.fields.names() == kept | OURS | {"etag"}
    assert answer.head.fields.all("via") == ("1.1 sin, 1.1 fra",)
    assert answer.head.fields.all("cache-status") == ("sin; hit, fra; hit; ttl=9",)
    inner = answered(stored(ETag='"v1"', **EVERYTHING), asked, evolve(MARKS, to_our_edge=True))
    assert inner.head.fields.names() == (
        (kept | OURS | {"etag", "surrogate-key", "cache-tag", "surrogate-control"}) - {"server-timing"}
    )
    undated = evolve(stored(**EVERYTHING), last_modified=0.0)
    since = answered(undated, get(If_Modified_Since="Thu, 01 Jan 1970 00:00:00 GMT"))
    assert since.head.status == 304
    assert since.head.fields.names() == kept | OURS | {"last-modified"}


def test_the_fields_of_a_416_to_the_letter() -> None:
    """11.12."""
    head = answered(stored(ETag='"v1"', **EVERYTHING), get(Range="bytes=10-")).head
    kept = {"cache-control", "date", "vary", "access-control-allow-origin", "content-range", "content-length"}
    assert head.reason == "Range Not Satisfiable"
    assert head.fields.names() == kept | OURS | {"etag"}
    assert head.fields.get("content-length") == "0"


@pytest.mark.parametrize("kind", ["Content-Type: image/x\r\n", ""])
def test_a_multipart_to_the_letter(kind: str) -> None:
    """11.3 (RFC 9110 §14.6)."""
    body = bytes(range(256)) * 4
    fields: Any = {"Content_Type": "image/x"} if kind else {}
    answer = answered(stored(size=len(body), **fields), get(Range="bytes=0-4, 900-909"))
    assert (answer.head.status, answer.head.reason) == (206, "Partial Content")
    (told,) = answer.head.fields.all("content-type")
    mark = told.removeprefix("multipart/byteranges; boundary=")
    first = f"--{mark}\r\n{kind}Content-Range: bytes 0-4/1024\r\n\r\n".encode()
    second = f"\r\n--{mark}\r\n{kind}Content-Range: bytes 900-909/1024\r\n\r\n".encode()
    assert body_of(answer, body) == (
        first + body[:5] + second + body[900:910] + f"\r\n--{mark}--\r\n".encode()
    )


def test_there_is_one_date_where_it_is_rebased() -> None:
    """15.5; an edge of ours gets Age and Date as they are."""
    marks = evolve(MARKS, date="now")
    fields = answered(stored(Date="then"), get(), marks).head.fields
    assert (fields.all("date"), "age" in fields) == (("now",), False)
    inner = answered(stored(Date="then"), get(), evolve(marks, to_our_edge=True)).head.fields
    assert (inner.all("date"), inner.all("age")) == (("then",), ("7",))
