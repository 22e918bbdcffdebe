"""How large a request may be, to the byte, and what a parser tells of where it stands (sheet 22.5)."""

from __future__ import annotations

import pytest

from tests.wire.http.test_incoming import every_byte, read
from wire.http.incoming import End, HeadLimits, Incoming, Refused, RequestParser, request_line

NARROW = HeadLimits(line_bytes=64, head_bytes=64, fields=3, body_bytes=10)


def line_of(length: int) -> bytes:
    """A request line of so many bytes, its end included."""
    return b"GET /" + b"a" * (length - 16) + b" HTTP/1.1\r\n"


def fields_of(length: int, lines: int = 2) -> bytes:
    """Header lines that come to so many bytes with the line ends before and behind them."""
    few = b"Host: x\r\n" + b"X:\r\n" * (lines - 2)
    return few + b"Y: " + b"a" * (length - len(few) - 9) + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (line_of(64) + fields_of(64), None),
        (line_of(65) + fields_of(64), 414),
        (line_of(65)[:64], 414),
        (line_of(64)[:63], None),
        (line_of(64) + fields_of(65), 431),
        (line_of(64) + fields_of(65)[:62], 431),
        (line_of(64) + fields_of(64)[:61], None),
        (line_of(64) + fields_of(40, lines=3), None),
        (line_of(64) + fields_of(40, lines=4), 431),
    ],
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else str(value),
)
def test_heads_to_the_byte(raw: bytes, refusal: int | None) -> None:
    """Lines count with their ends; whoever says too much is told before the end of it."""
    for cuts in ((), every_byte(raw)):
        got = read(raw, cuts, NARROW)
        assert (got.refusal[0] if got.refusal else None) == refusal
    assert len(fields_of(64)) == 62
    assert len(line_of(64)) == 64


POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "is_whole"),
    [
        (POST + b"Content-Length: 10\r\n\r\n0123456789", True),
        (POST + b"Content-Length: 11\r\n\r\n", False),
        (CHUNKED + b"5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", True),
        (CHUNKED + b"5\r\n01234\r\n6\r\n56789a", False),
    ],
)
def test_bodies_to_the_byte(raw: bytes, is_whole: bool) -> None:
    """However they are framed; without a limit all is well."""
    got = read(raw, (), NARROW)
    assert bool(got.whole) is is_whole
    assert (got.refusal is None) is is_whole
    if got.refusal is not None:
        assert got.refusal == (413, "The body is larger than 10 bytes")
    assert read(raw, (), HeadLimits()).refusal is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"GET / HTTP/1.0", (b"GET", b"/", b"HTTP/1.0")),
        (b"GET / HTTP/1.1", (b"GET", b"/", b"HTTP/1.1")),
        (b"GET / HTTP/1.9", (b"GET", b"/", b"HTTP/1.1")),
        (b"OPTIONS * HTTP/1.1", (b"OPTIONS", b"*", b"HTTP/1.1")),
        (b"CONNECT a:1 HTTP/1.1", (b"CONNECT", b"a:1", b"HTTP/1.1")),
        (b"GET HTTPS://a?b HTTP/1.1", (b"GET", b"HTTPS://a?b", b"HTTP/1.1")),
        (b"GET * HTTP/1.1", 400),
        (b"OPTIONS a:1 HTTP/1.1", 400),
        (b"GET http:///a HTTP/1.1", 400),
        (b"GET / HTTP/0.9", 505),
        (b"GET /\xc3\xa9 HTTP/1.1", 400),
    ],
)
def test_request_lines(line: bytes, said: tuple[bytes, bytes, bytes] | int) -> None:
    """RFC 9112 §3, §2.3: a newer minor version is spoken like 1.1."""
    if isinstance(said, tuple):
        assert request_line(line) == said
        return
    with pytest.raises(Refused) as refused:
        request_line(line)
    assert refused.value.status == said
    assert ("percent-encoded" in refused.value.sentence) is not line.isascii()


def test_what_a_parser_tells_of_itself() -> None:
    """Who waits for whom: a head that has begun, bytes that nobody has asked for yet."""
    parser = RequestParser(HeadLimits())
    assert (parser.is_amid_head, parser.waiting, parser.method) == (False, 0, b"")
    parser.feed(b"PO")
    assert parser.next_event() is None
    assert (parser.is_amid_head, parser.waiting, parser.method) == (True, 2, b"")
    parser.feed(b"ST / HTTP/1.1\r\nHost: x\r\n")
    assert parser.next_event() is None
    assert (parser.is_amid_head, parser.method) == (True, b"POST")
    parser.feed(b"X-A:  1\r\nContent-Length: 3\r\n\r\nab")
    head = parser.next_event()
    assert isinstance(head, Incoming)
    assert head.text == b"POST / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nContent-Length: 3\r\n\r\n"
    assert (parser.is_amid_head, parser.waiting) == (False, 2)
    assert (parser.next_event(), parser.next_event()) == (b"ab", None)
    parser.feed(b"cGET")
    assert (parser.next_event(), parser.is_amid_head) == (b"c", False)
    assert parser.next_event() is End.OF_BODY
    assert (parser.is_amid_head, parser.waiting) == (True, 3)


def test_an_empty_line_is_skipped_before_each_request_and_no_second() -> None:
    """RFC 9112 §2.2."""
    one = b"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
    with_body = POST + b"Content-Length: 1\r\n\r\nx"
    assert len(read(one * 3).whole) == 3
    assert len(read(with_body + one + b"\r\n" + with_body).whole) == 3
    assert read(one + b"\r\n" + one).refusal is not None


def test_a_tunnel_is_the_last_that_a_connection_asks_for() -> None:
    """RFC 9110 §9.3.6: what follows is not HTTP."""
    ((head, _),) = read(b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n").whole
    assert not head.keeps


@pytest.mark.parametrize("told", [b"100-continue\r\nExpect: 100-continue", b"x", b"", b"100-continue, x"])
def test_any_other_expectation_is_refused(told: bytes) -> None:
    """RFC 9110 §10.1.1: 417, but in HTTP/1.0, which has none."""
    lines = b"Host: x\r\nContent-Length: 1\r\nExpect: " + told + b"\r\n\r\nx"
    refusal = read(b"POST / HTTP/1.1\r\n" + lines).refusal
    assert refusal is not None
    assert refusal[0] == 417
    assert read(b"POST / HTTP/1.0\r\n" + lines).refusal is None


def test_whoever_refuses_bodies_in_words_of_their_own_may_read_them() -> None:
    """22.2: a GET with a body is the parser's to refuse, unless it is told otherwise."""
    raw = b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"
    assert read(raw).refusal == (400, "A GET or HEAD request must not have a body")
    assert read(raw, (), HeadLimits(any_body=True)).whole[0][1] == b"x"
