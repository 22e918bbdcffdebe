"""Requests are read in one way or not at all, however their bytes are cut (RFC 9112, sheet 22.1)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from attrs import frozen
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.corpus import Case, corpus
from wire.http.incoming import End, HeadLimits, Incoming, Refused, RequestParser, is_plain

CORPUS = corpus()
OF_THE_EDGE = {405}  # what the parser lets pass and an edge refuses
AT_THE_EDGE = {"absolute-form-with-a-user"}
LIMITS = HeadLimits()


@frozen
class Read:
    """All that came of some bytes."""

    requests: tuple[tuple[Incoming, bytes, bool], ...]
    """Head, body, and whether that is all of the body."""
    refusal: tuple[int, str] | None

    @property
    def whole(self) -> tuple[tuple[Incoming, bytes], ...]:
        return tuple((head, body) for head, body, is_whole in self.requests if is_whole)


def read(raw: bytes, cuts: tuple[int, ...] = (), limits: HeadLimits = LIMITS) -> Read:
    """Feed it in pieces, and take all there is after each."""
    parser = RequestParser(limits)
    requests: list[tuple[Incoming, bytes, bool]] = []
    places = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    try:
        for start, stop in pairwise(places):
            parser.feed(raw[start:stop])
            while (event := parser.next_event()) is not None:
                if isinstance(event, Incoming):
                    requests.append((event, b"", event.length == 0))
                    continue
                head, body, _ = requests[-1]
                requests[-1] = (head, body, True) if event is End.OF_BODY else (head, body + event, False)
    except Refused as refused:
        return Read(tuple(requests), (refused.status, refused.sentence))
    return Read(tuple(requests), None)


def every_byte(raw: bytes) -> tuple[int, ...]:
    return tuple(range(len(raw)))


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_the_corpus_is_read_as_the_table_says(case: Case) -> None:
    """And byte by byte the same comes of it."""
    got = read(case.raw)
    assert read(case.raw, every_byte(case.raw)) == got
    last = case.statuses[-1]
    if last == 200 or last in OF_THE_EDGE or case.name in AT_THE_EDGE:
        assert got.refusal is None
    else:
        assert got.refusal is not None
        assert got.refusal[0] == last
        assert got.refusal[1][0].isupper()
        assert len(got.whole) == len(case.statuses) - 1


PIECES = st.lists(
    st.sampled_from(
        (
            *(b"GET", b"POST", b" ", b"/", b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\r", b"\n", b"\r\n\r\n"),
            *(b"Host: x", b"Content-Length: ", b"Transfer-Encoding: chunked", b"5", b"0", b"3;x", b"hello"),
            *(b":", b"\0", b"\t", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nHost: x\r\n"),
            *(b"0\r\n\r\n", b"5\r\nhello\r\n", b"Expect: 100-continue", b"Connection: close", b"\xe9"),
        )
    )
    | st.binary(max_size=5),
    max_size=40,
).map(b"".join)
CUTS = st.lists(st.integers(0, 400), max_size=12).map(tuple)


@given(raw=PIECES | st.binary(max_size=200), cuts=CUTS)
@example(raw=b"GET / HTTP/1.1\r\r\n\r\n", cuts=(15, 16, 17))
@example(raw=b"GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", cuts=(24, 25))
@example(raw=b"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", cuts=(1, 2, 3))
def test_where_the_bytes_are_cut_changes_nothing(raw: bytes, cuts: tuple[int, ...]) -> None:
    """The same requests and the same refusal, for whatever bytes; and nothing else is ever raised."""
    assert read(raw, cuts) == read(raw) == read(raw, every_byte(raw))


@given(raw=PIECES, cuts=CUTS)
def test_limits_do_not_depend_on_the_cuts_either(raw: bytes, cuts: tuple[int, ...]) -> None:
    """Only how much of a too large body was seen before it was too large may differ."""
    limits = HeadLimits(line_bytes=20, head_bytes=30, fields=2, body_bytes=7)
    got, want = read(raw, cuts, limits), read(raw, (), limits)
    assert (got.whole, got.refusal) == (want.whole, want.refusal)


@given(
    method=st.sampled_from((b"POST", b"PUT", b"BREW")),
    fields=st.lists(
        st.tuples(
            st.from_regex(rb"X-[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", fullmatch=True),
            st.from_regex(rb"(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?", fullmatch=True),
        ),
        max_size=8,
    ),
    body=st.binary(max_size=300),
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=20),
    is_chunked=st.booleans(),
    cuts=CUTS,
)
def test_what_is_written_right_is_read_back(
    method: bytes,
    fields: list[tuple[bytes, bytes]],
    body: bytes,
    sizes: list[int],
    is_chunked: bool,
    cuts: tuple[int, ...],
) -> None:
    """A round trip, and the next request begins where this one ends."""
    lines = [(b"Host", b"cdn.example"), *fields]
    if is_chunked:
        lines.append((b"Transfer-Encoding", b"chunked"))
        content, rest = b"", body
        for size in (*sizes, len(body) + 1):
            part, rest = rest[:size], rest[size:]
            content += b"%x\r\n%b\r\n" % (len(part), part) if part else b""
        content += b"0\r\n\r\n"
    else:
        lines.append((b"Content-Length", b"%d" % len(body)))
        content = body
    head = b"".join(b"%b: %b\r\n" % line for line in lines)
    raw = method + b" /a?b HTTP/1.1\r\n" + head + b"\r\n" + content
    got = read(raw * 2, cuts)
    assert got.refusal is None
    assert [(one.method, one.target, one.lines, content) for one, content in got.whole] == [
        (method, b"/a?b", tuple(lines), body)
    ] * 2


@given(kinds=st.lists(st.sampled_from((0, 1, 2)), min_size=1, max_size=6), cuts=CUTS)
def test_every_byte_is_some_requests(kinds: list[int], cuts: tuple[int, ...]) -> None:
    """What was taken of each is its own length, framing and trailers among it, however the bytes are cut."""
    written = (
        b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /bb HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;a\r\nhi\r\n0\r\nT: 1\r\n\r\n",
    )
    raw = b"".join(written[kind] for kind in kinds)
    parser, taken = RequestParser(LIMITS), list[int]()
    places = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    for start, stop in pairwise(places):
        parser.feed(raw[start:stop])
        while (event := parser.next_event()) is not None:
            if event is End.OF_BODY or (isinstance(event, Incoming) and event.length == 0):
                taken.append(parser.message_bytes)
    assert taken == [len(written[kind]) for kind in kinds]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /" + b"a" * 20_000, 414),
        (b"GET /a HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000, 431),
        (b"GET /a HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 128 + b"\r\n", 431),
        (b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413),
        (b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001, 413),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 5000, 400),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + (b"1;" + b"a" * 100 + b"\r\nx\r\n") * 300,
            400,
        ),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
            + b"X: aaaaaaaa\r\n" * 2000,
            400,
        ),
    ],
)
def test_what_is_too_large_is_refused_as_soon_as_it_is(raw: bytes, status: int) -> None:
    """Sheet 22.5: a request that never ends costs no more than its limit."""
    refusal = read(raw, limits=HeadLimits(body_bytes=1000)).refusal
    assert refusal is not None
    assert refusal[0] == status


def test_many_small_chunks_are_no_abuse() -> None:
    """A byte a chunk is allowed, if foolish."""
    raw = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 20_000
    assert read(raw + b"0\r\n\r\n").whole[0][1] == b"x" * 20_000


@pytest.mark.parametrize(
    ("version", "lines", "keeps"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"Connection: Close\r\n", False),
        (b"1.1", b"Connection: x, close\r\n", False),
        (b"1.1", b"Connection: x\r\nConnection: close\r\n", False),
        (b"1.0", b"", False),
        (b"1.0", b"Connection: Keep-Alive\r\n", True),
        (b"1.0", b"Connection: keep-alive, close\r\n", False),
    ],
)
def test_who_may_ask_again(version: bytes, lines: bytes, keeps: bool) -> None:
    """RFC 9112 §9.3."""
    (((head, _)),) = read(b"GET / HTTP/%b\r\nHost: x\r\n%b\r\n" % (version, lines)).whole
    assert head.keeps is keeps


@pytest.mark.parametrize(
    ("version", "length", "expects"), [(b"1.1", b"5", True), (b"1.1", b"0", False), (b"1.0", b"5", False)]
)
def test_expectations_count_where_there_is_a_body(version: bytes, length: bytes, expects: bool) -> None:
    """RFC 9110 §10.1.1: ignored in HTTP/1.0, and void without a body."""
    raw = b"POST / HTTP/%b\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: %b\r\n\r\n" % (
        version,
        length,
    )
    assert read(raw).requests[0][0].expects_continue is expects


def test_plain_is_one_whole_question_that_ends_with_its_head() -> None:
    """Nothing else goes anywhere unread."""
    raw = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
    assert is_plain(raw, len(raw))
    assert is_plain(raw.replace(b"GET", b"HEAD"), 100)
    for other in (raw[:-1], raw * 2, raw + b"x", b"\r\n" + raw, raw.replace(b"GET", b"POST"), b""):
        assert not is_plain(other, 100)
    assert not is_plain(raw, len(raw) - 1)
