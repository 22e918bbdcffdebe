"""Codings for the transfer alone (RFC 9112 §6.1, §6.3, §7.2)."""

from __future__ import annotations

import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.http.transfer import MOST_BYTES, PIECE_BYTES, Framing, Inflating, MalformedCoding, framing_of


@pytest.mark.parametrize(
    ("codings", "framing"),
    [
        (["chunked"], Framing(is_chunked=True)),
        (["gzip", "chunked"], Framing(is_chunked=True, coding="gzip")),
        (["gzip"], Framing(is_chunked=False, coding="gzip")),
        (["deflate"], Framing(is_chunked=False, coding="deflate")),
        (["identity"], Framing(is_chunked=False)),
    ],
)
def test_where_a_body_ends_and_what_is_to_be_undone(codings: list[str], framing: Framing) -> None:
    """Chunked as the last, or the connection's end (sheet 12.3)."""
    assert framing_of(codings) == framing


@pytest.mark.parametrize(
    "codings",
    [
        *(["br"], ["compress"], ["gzip;q=1"], ["x", "chunked"], ["identity", "chunked"], ["gzip", "deflate"]),
        *(
            ["chunked", "chunked"],
            ["chunked", "gzip"],
            ["chunked", "identity"],
            ["chunked", "gzip", "chunked"],
        ),
    ],
)
def test_what_cannot_be_undone_is_refused(codings: list[str]) -> None:
    """What it means could not be told to whoever is behind us; and two must not see two ends (sheet 12.3, 22.1)."""
    with pytest.raises(MalformedCoding):
        framing_of(codings)


@given(content=st.binary(max_size=300), repeated=st.integers(1, 2000), cuts=st.lists(st.integers(0, 400)))
def test_the_content_comes_out_however_it_is_cut(content: bytes, repeated: int, cuts: list[int]) -> None:
    """In pieces of a bounded size."""
    plain = content * repeated
    coded = gzip.compress(plain)
    inflating, found = Inflating("gzip"), []
    for start, stop in pairwise((0, *sorted(min(cut, len(coded)) for cut in cuts), len(coded))):
        assert inflating.is_whole is (start == len(coded))
        found += list(inflating.take(coded[start:stop]))
    assert b"".join(found) == plain
    assert inflating.is_whole
    assert all(0 < len(piece) <= PIECE_BYTES for piece in found)


def test_more_than_the_coding_is_malformed() -> None:
    """Whether they come with its end or later."""
    coded = zlib.compress(b"hello")
    with pytest.raises(MalformedCoding):
        list(Inflating("deflate").take(coded + b"x"))
    inflating = Inflating("deflate")
    assert list(inflating.take(coded)) == [b"hello"]
    with pytest.raises(MalformedCoding):
        list(inflating.take(b"x"))


def test_a_bomb_does_not_go_off() -> None:
    """One piece off the wire comes to so much and no more; in many pieces it may be as large as it likes."""
    coded = gzip.compress(bytes(2 * MOST_BYTES))
    made = 0
    with pytest.raises(MalformedCoding):
        for piece in Inflating("gzip").take(coded):
            made += len(piece)
    assert made <= MOST_BYTES
    inflating, half = Inflating("gzip"), len(coded) // 4
    pieces = [piece for at in range(0, len(coded), half) for piece in inflating.take(coded[at : at + half])]
    assert sum(map(len, pieces)) == 2 * MOST_BYTES
    assert inflating.is_whole
