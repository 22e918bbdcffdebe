"""wire.http2.blocks: header blocks in pieces, without end and that cannot be unpacked (RFC 9113 §4.3)."""

from __future__ import annotations

import pytest

from tests.support.frames import (
    GET,
)
from tests.support.http2_table import fails, opened
from wire.http2 import events as ev
from wire.http2.frames import (
    END_HEADERS,
    END_STREAM,
    Code,
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
