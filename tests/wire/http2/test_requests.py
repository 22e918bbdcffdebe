"""wire.http2.requests: what is a request and what is none (RFC 9113 §8.2, §8.3)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.http.incoming import Incoming, Refused
from wire.http.lines import STRAY
from wire.http2 import requests
from wire.http2.limits import Limits
from wire.http2.requests import check_trailers, size_of

Line = tuple[bytes, bytes]
GET = ((b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"a.example"), (b":path", b"/x?y"))


def read(lines: Iterable[Line], *, is_ended: bool = True, limits: Limits | None = None) -> Incoming:
    return requests.read(list(lines), is_ended=is_ended, limits=limits or Limits())


def test_a_request_is_read() -> None:
    """The host comes first, whichever way it was named; cookie crumbs are one line again (§8.2.3, §8.3.1)."""
    asked = read((*GET, (b"cookie", b"a=1"), (b"accept", b"*/*"), (b"cookie", b"b=2")))
    assert (asked.method, asked.target, asked.length) == (b"GET", b"/x?y", 0)
    assert asked.lines == ((b"host", b"a.example"), (b"accept", b"*/*"), (b"cookie", b"a=1; b=2"))


def test_host_stands_in_for_authority_and_may_repeat_it() -> None:
    """§8.3.1: as a proxy from HTTP/1 sends it."""
    without = [line for line in GET if line[0] != b":authority"]
    assert read((*without, (b"host", b"a.example"))).lines == ((b"host", b"a.example"),)
    assert read((*GET, (b"host", b"A.example"))).lines == ((b"host", b"a.example"),)


def test_connect_and_options_star() -> None:
    """§8.5 and RFC 9110 §7.1."""
    asked = read([(b":method", b"CONNECT"), (b":authority", b"a.example:443")])
    assert (asked.method, asked.target) == (b"CONNECT", b"a.example:443")
    star = read([(b":method", b"OPTIONS"), *GET[1:3], (b":path", b"*")])
    assert star.target == b"*"


def test_te_trailers_is_the_one_hop_field_that_may_come() -> None:
    """§8.2.2."""
    assert (b"te", b"trailers") in read((*GET, (b"te", b"trailers"))).lines


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ((*GET, (b"Accept", b"*/*")), "Accept is no field name in lower case"),  # §8.2.1
        ((*GET, (b"a b", b"x")), "no field name"),
        ((*GET, (b"", b"x")), "no field name"),
        ((*GET, (b"a\x80", b"x")), "no field name"),
        ((*GET, (b"a", b"x\r\ny")), "control characters"),
        ((*GET, (b"a", b"x\x00")), "control characters"),
        ((*GET, (b"a", b"x\x01y")), "control characters"),  # RFC 9110 §5.5, as on HTTP/1
        ((*GET, (b"a", b"x\x7f")), "control characters"),
        ((*GET, (b"a", b" x")), "white space"),
        ((*GET, (b"a", b"x\t")), "white space"),
        ((*GET, (b"connection", b"close")), "of HTTP/1 connections"),  # §8.2.2
        ((*GET, (b"keep-alive", b"1")), "of HTTP/1 connections"),
        ((*GET, (b"proxy-connection", b"close")), "of HTTP/1 connections"),
        ((*GET, (b"transfer-encoding", b"chunked")), "of HTTP/1 connections"),
        ((*GET, (b"upgrade", b"h2c")), "of HTTP/1 connections"),
        ((*GET, (b"te", b"gzip")), "te may say trailers"),
        ((GET[0], *GET), "repeated"),  # §8.3
        ((*GET, (b":status", b"200")), "unknown"),
        ((*GET[:3], (b"accept", b"*/*"), GET[3]), "late"),
        ((*GET[:3], (b"cookie", b"a=b"), GET[3]), "late"),
        (GET[1:], "Exactly one :method"),  # §8.3.1
        ((GET[0], *GET[2:]), "Exactly one :scheme"),
        (GET[:3], "begins with a slash"),
        ((*GET[:3], (b":path", b"")), "begins with a slash"),
        ((*GET[:3], (b":path", b"x")), "begins with a slash"),
        ((*GET[:3], (b":path", b"/a b")), "percent-encoded"),
        ((*GET[:3], (b":path", b"/\xc3\xa9")), "percent-encoded"),
        ((*GET[:3], (b":path", b"/a#b")), "no fragment"),
        ((*GET, (b"content-length", b"3")), "shorter than its Content-Length"),
        ((*GET, (b"expect", b"200-ok")), "only expectation"),
        ((*GET[:3], (b":path", b"*")), "begins with a slash"),
        ((*GET[:2], GET[3]), "An :authority is needed"),
        ((*GET[:2], (b":authority", b"u@a.example"), GET[3]), "with a port at most"),
        ((*GET, (b"host", b"b.example")), "not one"),
        ((*GET, (b"host", b"a.example"), (b"host", b"a.example")), "not one"),
        (((b":method", b"CONNECT"), *GET[1:]), "CONNECT"),  # §8.5
        ([(b":method", b"CONNECT")], "CONNECT"),
        (((b":method", b"G T"), *GET[1:]), "Exactly one :method"),
        ((*GET, (b"content-length", b"1"), (b"content-length", b"2")), "one plain number"),  # §8.1.1
        ((*GET, (b"content-length", b"+1")), "one plain number"),
        ((*GET, (b"content-length", b"1, 1")), "one plain number"),
    ],
)
def test_what_breaks_a_rule_is_told(lines: list[tuple[bytes, bytes]], sentence: str) -> None:
    """§8.1.1: malformed, whoever else would be lenient."""
    with pytest.raises(Refused, match=sentence):
        read(lines)


@pytest.mark.parametrize(
    ("lines", "is_ended", "status"),
    [
        ((*GET, (b"a", b"x" * 2000)), True, 431),
        ((*GET, *[(b"a", b"")] * 8), True, 431),
        ((*GET[:3], (b":path", b"/" * 101)), True, 414),
        (((b":method", b"POST"), *GET[1:], (b"content-length", b"11")), False, 413),
        ((*GET, (b"expect", b"maybe")), True, 417),
        (GET, False, 400),  # a GET with a body, sheet 22.2
        (((b":method", b"HEAD"), *GET[1:], (b"content-length", b"1")), False, 400),
    ],
)
def test_limits_are_those_of_http_1(lines: tuple[Line, ...], is_ended: bool, status: int) -> None:
    """With the same statuses."""
    limits = Limits(header_bytes=2000, fields=10, target_bytes=100, body_bytes=10)
    with pytest.raises(Refused) as refused:
        read(lines, is_ended=is_ended, limits=limits)
    assert refused.value.status == status


def test_a_body_is_as_long_as_it_says_or_its_end_tells() -> None:
    """§8.1.1."""
    post = ((b":method", b"POST"), *GET[1:])
    assert read(post, is_ended=False).length is None
    told = read((*post, (b"content-length", b"7"), (b"expect", b"100-Continue")), is_ended=False)
    assert (told.length, told.expects_continue) == (7, True)
    assert read((*post, (b"expect", b"100-continue"))).expects_continue is False


@pytest.mark.parametrize("line", [(b":path", b"/"), (b"Upper", b"x"), (b"a", b"\n"), (b"connection", b"x")])
def test_trailers_are_fields_and_nothing_else(line: tuple[bytes, bytes]) -> None:
    """§8.1."""
    check_trailers([(b"checksum", b"x")])
    with pytest.raises(Refused):
        check_trailers([line])


def test_a_list_counts_as_the_setting_counts_it() -> None:
    """§6.5.2: 32 for each line."""
    assert size_of([(b"ab", b"cde"), (b"", b"")]) == 5 + 64


@given(st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), max_size=6))
def test_whatever_lines_come_the_request_they_make_is_safe_for_http_1(
    lines: list[tuple[bytes, bytes]],
) -> None:
    """What is let through could not be read in two ways by a server behind us."""
    try:
        asked = read((*GET, *lines))
    except Refused:
        return
    for name, value in asked.lines:
        assert name == name.lower()
        assert name[:1] != b":"
        assert not {b"\r", b"\n", b"\x00", b":"} & {name[at : at + 1] for at in range(len(name))}
        assert b"\r" not in value
        assert b"\n" not in value
        assert STRAY.search(value) is None
    assert [name for name, _ in asked.lines].count(b"host") == 1


@pytest.mark.parametrize("lines", [GET, (*GET, (b"content-length", b"3"))])
def test_a_read_has_a_body_only_for_who_refuses_it_in_its_own_words(lines: tuple[Line, ...]) -> None:
    """It is refused here (sheet 22.2), unless whoever answers wants to."""
    with pytest.raises(Refused):
        read(lines, is_ended=False)
    assert read(lines, is_ended=False, limits=Limits(any_body=True)).length != 0


@pytest.mark.parametrize("line", [(b"a", b"x" * 40_000), (b":path", b"/" + b"x" * 20_000)])
def test_what_is_too_large_has_the_status_that_whoever_answers_wants(line: Line) -> None:
    """414 or 431 (sheet 22.1), or one for both."""
    lines = (*(each for each in GET if each[0] != line[0]), line)
    for limits, status in ((Limits(), 414 if line[0] == b":path" else 431), (Limits(too_large=413), 413)):
        with pytest.raises(Refused) as refused:
            read(lines, limits=limits)
        assert refused.value.status == status
