"""The response parser: strict, and indifferent to how the bytes are cut."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.storing import promised_length
from edge.upstream.response import MalformedResponse, ResponseParser
from wire.http.fields import ResponseHead
from wire.http.proxy_status import ProxyError


class Notes:
    """A sink that writes down what it is told, and releases the parser at once."""

    def __init__(self) -> None:
        self.head: ResponseHead | None = None
        self.body = b""
        self.ended = 0
        self.interim: list[ResponseHead] = []

    def interim_arrived(self, head: ResponseHead) -> None:
        assert self.head is None
        self.interim.append(head)

    def head_arrived(self, head: ResponseHead) -> None:
        assert self.head is None
        self.head = head

    def data_arrived(self, data: bytes) -> None:
        assert self.head is not None
        assert not self.ended
        self.body += data

    def message_ended(self) -> None:
        self.ended += 1


def parsed(raw: bytes, method: str = "GET", cuts: tuple[int, ...] = ()) -> tuple[Notes, ResponseParser]:
    """Feed it in pieces, released after each."""
    notes = Notes()
    parser = ResponseParser(method, notes)
    places = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    for start, stop in pairwise(places):
        parser.feed(raw[start:stop])
        if parser.is_held:
            parser.release()
    return notes, parser


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
WHOLE = {
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello": b"hello",
    b"HTTP/1.1 200\r\ncontent-length: 5, 5\r\n\r\nhello": b"hello",
    CHUNKED + b"3;x=y\r\nhel\r\n02\r\nlo\r\n0\r\nTrail: er\r\n\r\n": b"hello",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + EMPTY: b"",
    b"HTTP/1.1 204 No\r\nContent-Length: 7\r\n\r\n": b"",
    b"HTTP/1.1 304 Not\r\nContent-Length: 7\r\n\r\n": b"",
    b"HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nContent-Length: 2\r\n\r\nhi": b"hi",
}

MALFORMED = (
    b"HTTP/2.0 200 OK\r\n\r\n",
    b"200 OK\r\n\r\n",
    b"HTTP/1.1 20 OK\r\n\r\n",
    b"HTTP/1.1 101 Switching\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: compress\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\nY: b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n: y\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
)


@given(raw=st.sampled_from(sorted(WHOLE)), cuts=st.lists(st.integers(0, 300), max_size=8))
def test_a_whole_message_reads_the_same_however_it_is_cut(raw: bytes, cuts: list[int]) -> None:
    """TCP keeps no boundaries."""
    notes, parser = parsed(raw, cuts=tuple(cuts))
    assert notes.body == WHOLE[raw]
    assert notes.ended == 1
    assert parser.may_reuse
    assert not parser.leftover


@given(raw=st.sampled_from(sorted(WHOLE)), kept=st.integers(0, 300))
def test_a_message_cut_short_is_never_whole(raw: bytes, kept: int) -> None:
    """Neither an orderly close nor a reset makes up for bytes that are missing."""
    notes, parser = parsed(raw[: kept % len(raw)])
    assert not notes.ended
    assert not parser.closed(cleanly=True)


@pytest.mark.parametrize("raw", MALFORMED)
def test_what_could_be_read_in_two_ways_is_refused(raw: bytes) -> None:
    """Better a 502 than a guess (sheet 12.3, 12.5)."""
    with pytest.raises(MalformedResponse):
        parsed(raw)


@given(raw=st.binary(max_size=200))
def test_no_bytes_do_more_than_malform(raw: bytes) -> None:
    """Garbage raises one exception, or waits for more."""
    for prefix in (b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
        with suppress(MalformedResponse):
            parsed(prefix + raw)


def test_a_body_without_framing_ends_with_an_orderly_close_only() -> None:
    """A reset may have eaten its tail (sheet 12.1)."""
    raw = b"HTTP/1.0 200 OK\r\n\r\nhello"
    notes, parser = parsed(raw)
    assert not notes.ended
    assert not parser.closed(cleanly=False)
    notes, parser = parsed(raw)
    assert parser.closed(cleanly=True)
    assert (notes.body, notes.ended, parser.may_reuse) == (b"hello", 1, False)


def test_bytes_after_the_message_are_dropped_with_the_connection() -> None:
    """The first N bytes are the body; the rest answers no question (sheet 12.2)."""
    notes, parser = parsed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi there")
    assert (notes.body, notes.ended, parser.leftover, parser.may_reuse) == (b"hi", 1, 6, False)


def test_chunked_wins_over_a_length_and_the_connection_is_not_kept() -> None:
    """Somebody in between is confused (sheet 12.3)."""
    notes, parser = parsed(
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    )
    assert notes.head is not None
    assert promised_length(notes.head) == -1
    assert (notes.body, notes.ended, parser.may_reuse) == (b"hi", 1, False)


CODED = {
    b"identity": b"hello",
    b"gzip": gzip.compress(b"hello"),
    b"x-gzip": gzip.compress(b"hello"),
    b"deflate": zlib.compress(b"hello"),
}


@given(
    coding=st.sampled_from(sorted(CODED)),
    cuts=st.lists(st.integers(0, 300), max_size=8),
    kept=st.integers(0, 300),
)
def test_what_does_not_end_in_chunked_is_read_to_the_close(coding: bytes, cuts: list[int], kept: int) -> None:
    """Sheet 12.3 (RFC 9112 §6.3): whole by an orderly close alone, and only once the coding has had its own end."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: %b\r\n\r\n" % coding
    notes, parser = parsed(head + CODED[coding], cuts=tuple(cuts))
    assert notes.head is not None
    assert (notes.body, notes.ended, promised_length(notes.head)) == (b"hello", 0, -1)
    assert not parser.closed(cleanly=False)
    assert parser.closed(cleanly=True)
    assert (notes.ended, parser.may_reuse) == (1, False)
    _, short = parsed(head + CODED[coding][: kept % len(CODED[coding])])
    assert short.closed(cleanly=True) is (coding == b"identity")


@given(cuts=st.lists(st.integers(0, 300), max_size=8))
def test_a_coding_below_chunks_is_undone(cuts: list[int]) -> None:
    """Sheet 12.3: the chunks tell where it ends, so the connection is good for more."""
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    for at in range(0, len(CODED[b"gzip"]), 9):
        piece = CODED[b"gzip"][at : at + 9]
        raw += b"%x\r\n%b\r\n" % (len(piece), piece)
    notes, parser = parsed(raw + b"0\r\n\r\n", cuts=tuple(cuts))
    assert (notes.body, notes.ended, parser.may_reuse) == (b"hello", 1, True)


@given(cuts=st.lists(st.integers(0, 300), max_size=8))
def test_interim_heads_come_before_the_final_one_and_are_not_merged(cuts: list[int]) -> None:
    """Sheet 16.4."""
    early = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n"
    notes, parser = parsed(early + EMPTY, cuts=tuple(cuts))
    assert [(one.status, one.fields.get("link")) for one in notes.interim] == [(102, None), (103, "</a>")]
    assert notes.head is not None
    assert "link" not in notes.head.fields
    assert parser.may_reuse


def test_interim_heads_without_an_end_are_malformed() -> None:
    with pytest.raises(MalformedResponse):
        parsed(b"HTTP/1.1 102 Processing\r\n\r\n" * 33)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"garbage\r\n\r\n", ProxyError.HTTP_PROTOCOL_ERROR),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
            ProxyError.HTTP_RESPONSE_HEADER_SECTION_SIZE,
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: br\r\n\r\n",
            ProxyError.HTTP_RESPONSE_TRANSFER_CODING,
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
            ProxyError.HTTP_RESPONSE_TRANSFER_CODING,
        ),
    ],
)
def test_what_is_wrong_has_its_name(raw: bytes, error: ProxyError) -> None:
    """RFC 9209 §2.3."""
    with pytest.raises(MalformedResponse) as malformed:
        parsed(raw)
    assert malformed.value.error is error


def test_codings_in_http_1_0_end_the_connection() -> None:
    """RFC 9112 §6.1: it should know none."""
    raw = CHUNKED.replace(b"1.1", b"1.0") + b"2\r\nhi\r\n0\r\n\r\n"
    notes, parser = parsed(raw.replace(b"\r\n", b"\r\nConnection: keep-alive\r\n", 1))
    assert (notes.body, parser.may_reuse) == (b"hi", False)


def test_nothing_of_the_body_is_told_while_the_head_is_considered() -> None:
    """The core first decides where the bytes go."""
    notes = Notes()
    parser = ResponseParser("GET", notes)
    parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
    parser.feed(b"lo")
    assert (notes.body, notes.ended) == (b"", 0)
    parser.release()
    assert (notes.body, notes.ended) == (b"hello", 1)


def test_a_head_asked_for_alone_has_no_body_whatever_it_announces() -> None:
    """RFC 9110 §9.3.2."""
    notes, parser = parsed(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", method="HEAD")
    assert (notes.body, notes.ended, parser.may_reuse) == (b"", 1, True)
