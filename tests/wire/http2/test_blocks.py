"""wire.http2.blocks: header blocks in pieces, without end and that cannot be unpacked (RFC 9113 §4.3)."""

from __future__ import annotations

import hpack
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.frames import (
    GET,
    POST,
)
from tests.support.http2_table import fails, opened
from wire.http.lines import Line
from wire.http2 import events as ev
from wire.http2.blocks import HeaderBlocks
from wire.http2.frames import (
    END_HEADERS,
    END_STREAM,
    Code,
    ConnectionFault,
    Kind,
    frame,
)
from wire.http2.limits import Limits

FOR_HEADERS = END_HEADERS | END_STREAM


class TestHeaderBlocks:
    def test_a_block_may_come_in_pieces(self) -> None:
        """§4.3, §6.10."""
        table = opened()
        block = table.hand.encoder.encode(list(GET))
        pieces = [frame(Kind.HEADERS, END_STREAM, 1, block[:3]), frame(Kind.CONTINUATION, 0, 1, block[3:5])]
        assert table.hears(*pieces) == []
        (arrived,) = table.hears(frame(Kind.CONTINUATION, END_HEADERS, 1, block[5:]))
        assert isinstance(arrived, ev.RequestArrived)
        assert (arrived.stream, arrived.head.length, arrived.head.target) == (1, 0, b"/a")

    @pytest.mark.parametrize("other", [frame(Kind.PING, 0, 0, bytes(8)), frame(Kind.CONTINUATION, 0, 3, b"")])
    def test_nothing_else_may_come_between(self, other: bytes) -> None:
        """§4.3, §6.10."""
        table = opened()
        fails(table, Code.PROTOCOL_ERROR, table.hand.headers(1, GET, END_STREAM), other)

    def test_what_cannot_be_unpacked_ends_the_connection(self) -> None:
        """§4.3: the two ends have no common table any more."""
        fails(opened(), Code.COMPRESSION_ERROR, frame(Kind.HEADERS, FOR_HEADERS, 1, b"\xff\xff\xff\xff\x0f"))

    @pytest.mark.parametrize("piece", [b"", b"\x00", bytes(1000)])
    def test_a_block_without_end(self, piece: bytes) -> None:
        """CVE-2024-27316: many pieces, small or large, and never the last."""
        table = opened()
        flood = frame(Kind.CONTINUATION, 0, 1, piece) * 100
        fails(table, Code.ENHANCE_YOUR_CALM, table.hand.headers(1, GET, END_STREAM), flood)

    def test_a_list_over_the_limit_is_answered_431_and_the_table_kept(self) -> None:
        """§6.5.2, §10.5.1; RFC 6585 §5."""
        table = opened(Limits(header_bytes=1000))
        (refused,) = table.hears(table.hand.headers(1, [*GET, (b"x-a", b"a" * 900)]))
        assert isinstance(refused, ev.RequestRefused)
        assert (refused.status, "1000 bytes" in refused.sentence) == (431, True)
        assert table.hears(table.hand.headers(3, [*GET, (b"x-a", b"a" * 800)]))[0].stream == 3  # type: ignore[union-attr]

    def test_a_small_block_that_unpacks_to_very_much(self) -> None:
        """CVE-2016-6581: one large line in the table, named again and again."""
        table = opened(Limits(header_bytes=4000))
        large = (b"x-a", b"a" * 3500)
        assert isinstance(table.hears(table.hand.headers(1, [*GET, large]))[0], ev.RequestArrived)
        bomb = table.hand.headers(3, [*GET, *[large] * 5])
        assert len(bomb) < 100
        fails(table, Code.ENHANCE_YOUR_CALM, bomb)


NAMES = st.sampled_from([b"x-a", b"x-b", b"accept", b":path", b"cookie"])
VALUES = st.sampled_from([b"", b"1", b"2", b"/", b"v" * 1500])
LINES = st.lists(st.tuples(NAMES, VALUES), max_size=5)


class TestMemory:
    """Blocks that came before are not unpacked again, as long as they say the same (RFC 7541 §2.3.2)."""

    @given(st.lists(st.tuples(LINES, st.booleans(), st.sampled_from([None, 0, 100, 4096])), max_size=40))
    @example([([(b"x-a", b"1")], True, None), ([(b"x-b", b"1")], True, None)])
    def test_it_says_what_unpacking_says(self, sent: list[tuple[list[Line], bool, int | None]]) -> None:
        """However lines enter and leave the table: the same bytes may then mean another line."""
        blocks, plain, encoder = HeaderBlocks(Limits()), hpack.Decoder(), hpack.Encoder()
        for lines, is_indexed, size in sent:
            if size is not None:
                encoder.header_table_size = size
            for _ in range(2):
                block = encoder.encode([(name, value, not is_indexed) for name, value in lines])
                blocks.begin(1, is_last=True)
                blocks.add(block)
                assert blocks.end().lines == list(plain.decode(block, raw=True))

    def test_a_new_size_is_heeded_each_time(self) -> None:
        """RFC 7541 §4.3: what it evicts cannot be named any more, whatever was said before in the same bytes."""
        blocks = HeaderBlocks(Limits())

        def unpacked(block: bytes) -> list[Line]:
            blocks.begin(1, is_last=True)
            blocks.add(block)
            return blocks.end().lines

        added, named = b"\x40\x01a\x01b", b"\xbe"
        emptied, restored = b"\x20\x82", b"\x3f\xe1\x1f\x82"
        for _ in range(2):
            assert unpacked(restored + added)[-1:] == unpacked(named) == [(b"a", b"b")]
            assert unpacked(emptied) == [(b":method", b"GET")]
            with pytest.raises(ConnectionFault):
                unpacked(named)

    def test_a_request_in_the_same_bytes_is_read_once(self) -> None:
        """Its head is the same value; one that has a body is read for itself."""
        table = opened()
        first, second, third = (table.hears(table.hand.headers(stream, POST))[0] for stream in (1, 3, 5))
        assert isinstance(first, ev.RequestArrived)
        assert isinstance(second, ev.RequestArrived)
        assert isinstance(third, ev.RequestArrived)
        assert second.head is third.head
        assert second.head == first.head
        (fourth,) = table.hears(table.hand.headers(7, POST, END_HEADERS))
        assert isinstance(fourth, ev.RequestArrived)
        assert fourth.head.length is None

    def test_it_does_not_grow(self) -> None:
        """Neither by many blocks nor by one that unpacks to much."""
        blocks = HeaderBlocks(Limits())
        plain = [hpack.Encoder().encode([(b":path", b"/%d" % n, True)]) for n in range(100)]
        large = hpack.Encoder().encode([(b"x-a", b"a" * 5000, True)])
        for block in (*plain, large):
            blocks.begin(1, is_last=True)
            blocks.add(block)
            section = blocks.end()
        assert len(blocks.known) <= 16
        blocks.begin(3, is_last=True)
        blocks.add(large)
        assert blocks.end() is not section
