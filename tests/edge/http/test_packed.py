"""The head of an answer on HTTP/2, with room for its age."""

from __future__ import annotations

import hpack
import pytest

from edge.http.packed import PackedTemplate

HEAD = (
    b"HTTP/2 200\r\nContent-Type: image/png\r\nAge: 0\r\nConnection: close\r\nVia: 1.1 a: b\r\n"
    b'Cache-Status: edge; hit; ttl=59\r\nSet-Cookie: a=b\r\nX-Empty: \r\nETag: "e"\r\n\r\n'
)


@pytest.mark.parametrize(("age", "ttl"), [(0, 59), (12, 3), (1_000_000, 10**12)])
def test_it_shows_another_age_and_nothing_else(age: int, ttl: int) -> None:
    """Names in lower case and no line of the connection's (RFC 9113 §8.2); no index of secrets (RFC 7541 §7.1.3)."""
    template = PackedTemplate.of(HEAD, 0, 59)
    assert template is not None
    lines = list(hpack.Decoder().decode(template.head_at(age, ttl), raw=True))
    assert lines == [
        (b":status", b"200"),
        (b"content-type", b"image/png"),
        (b"age", b"%d" % age),
        (b"via", b"1.1 a: b"),
        (b"cache-status", b"edge; hit; ttl=%d" % ttl),
        (b"set-cookie", b"a=b"),
        (b"x-empty", b""),
        (b"etag", b'"e"'),
    ]
    assert [line[0] for line in lines if not line.indexable and line[0] == b"set-cookie"] == [b"set-cookie"]


def test_there_is_none_of_a_head_that_shows_its_age_otherwise() -> None:
    """Its seconds could not be written anew."""
    for wrong in (
        HEAD.replace(b"Age: 0\r\n", b""),
        HEAD.replace(b"Age: 0", b"Age: 1"),
        HEAD.replace(b"ttl=59", b'ttl=59; key="x"'),
        HEAD.replace(b"Cache-Status", b"X-Status"),
    ):
        assert PackedTemplate.of(wrong, 0, 59) is None
