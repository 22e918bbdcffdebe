"""wire.http2.connection, by windows: what is sent and taken under flow control (RFC 9113 §5.2, §6.9)."""

from __future__ import annotations

import struct

import pytest

from tests.support.frames import (
    POST,
    data,
    setting,
    window,
)
from tests.support.http2_table import HEAD, fails, opened, resets
from wire.http2 import events as ev
from wire.http2.frames import (
    END_HEADERS,
    Code,
    Kind,
    Setting,
)
from wire.http2.limits import Limits


class TestFlowControl:
    def test_no_more_is_sent_than_both_windows_take(self) -> None:
        """§6.9.1; a frame has 16 KiB."""
        table = opened()
        table.hears(
            setting(Setting.INITIAL_WINDOW_SIZE, 100_000), table.hand.headers(1), table.hand.headers(3)
        )
        connection = table.connection
        for stream in (1, 3):
            connection.send_head(stream, HEAD, is_last=False)
        sent = 0
        while room := connection.room_for(1):
            connection.send_data(1, bytes(room), is_last=False)
            sent += room
        assert sent == 65_535
        assert connection.room_for(3) == 0
        assert table.hears(window(0, 7)) == [ev.WindowOpened(0)]
        assert (connection.room_for(1), connection.room_for(3)) == (7, 7)
        assert max(len(each.payload) for each in table.says()) == 16_384

    @pytest.mark.parametrize("stream", [0, 1])
    def test_windows_grow_by_something_to_below_two_to_the_31(self, stream: int) -> None:
        """§6.9, §6.9.1: a stream's fault is that stream's end."""
        for increment, code in ((0, Code.PROTOCOL_ERROR), ((1 << 31) - 1, Code.FLOW_CONTROL_ERROR)):
            table = opened()
            table.hears(table.hand.headers(1))
            if stream:
                assert ev.StreamEnded(1, code) in resets(table, code, 1, window(1, increment))
            else:
                fails(table, code, window(0, increment))

    def test_a_stream_gets_its_window_back_when_its_body_was_read(self) -> None:
        """§6.9: not before, so that a slow reader slows its sender."""
        table = opened()
        table.hears(table.hand.headers(1, POST, END_HEADERS), *[data(1, bytes(16_384))] * 8)
        assert [each for each in table.says() if each.kind is Kind.WINDOW_UPDATE and each.stream] == []
        table.connection.consumed(1, 8 * 16_384)
        (update,) = table.says()
        assert (update.stream, update.payload) == (1, struct.pack(">L", 8 * 16_384))

    def test_more_than_a_streams_window_has_room_for(self) -> None:
        """§6.9.1."""
        table = opened()
        table.hears(table.hand.headers(1, POST, END_HEADERS))
        resets(table, Code.FLOW_CONTROL_ERROR, 1, *[data(1, bytes(16_384))] * 8, data(1, b"x"))

    def test_the_connections_window_is_handed_back_at_once(self) -> None:
        """A body that nobody reads does not stop the others."""
        table = opened(Limits(streams=100))
        for stream in range(1, 41, 2):
            table.hears(table.hand.headers(stream, POST, END_HEADERS), *[data(stream, bytes(16_384))] * 8)
        given = [each for each in table.says() if each.kind is Kind.WINDOW_UPDATE]
        assert {each.stream for each in given} == {0}
        assert sum(struct.unpack(">L", each.payload)[0] for each in given) >= 20 * 8 * 16_384 - (1 << 20)

    def test_more_than_the_connections_window_has_room_for(self) -> None:
        """§6.9.1, for a window too small to be handed back in time."""
        table = opened(Limits(connection_window=65_535, stream_window=1 << 20))
        table.hears(table.hand.headers(1, POST, END_HEADERS))
        table.connection._receive_window = 10
        fails(table, Code.FLOW_CONTROL_ERROR, data(1, bytes(11)))
