"""wire.http2.connection, by frames: each rule of RFC 9113 for a server, and what a hostile client may try."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.frames import (
    GET,
    HELLO,
    POST,
    SETTINGS,
    Hand,
    Sent,
    data,
    frames_in,
    reset,
    setting,
    window,
)
from wire.http2 import events as ev
from wire.http2.connection import Connection
from wire.http2.frames import (
    ACK,
    END_HEADERS,
    END_STREAM,
    PADDED,
    PREFACE,
    PRIORITY,
    Code,
    Kind,
    Setting,
    frame,
)
from wire.http2.limits import Limits

HEAD = [(b":status", b"200")]
FOR_HEADERS = END_HEADERS | END_STREAM


class Table:
    """A connection, and a hand that writes to it."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.connection = Connection(limits or Limits())
        self.hand = Hand()
        self.now = 0.0
        self.first = frames_in(self.connection.take())

    def hears(self, *sent: bytes) -> list[ev.Event]:
        return list(self.connection.receive(b"".join(sent), self.now))

    def says(self) -> list[Sent]:
        return frames_in(self.connection.take())


def opened(limits: Limits | None = None) -> Table:
    """Past the preface."""
    table = Table(limits)
    assert [type(each) for each in table.hears(HELLO)] == []
    assert [(each.kind, each.flags) for each in table.says()] == [(Kind.SETTINGS, ACK)]
    return table


def fails(table: Table, code: Code, *sent: bytes) -> None:
    """The connection ends with that code."""
    events = table.hears(*sent)
    broken = [each for each in events if isinstance(each, ev.Broken)]
    assert [each.code for each in broken] == [code], events
    (goaway,) = [each for each in table.says() if each.kind is Kind.GOAWAY]
    assert goaway.code == code
    assert goaway.last == table.connection.highest


def resets(table: Table, code: Code, stream: int, *sent: bytes) -> list[ev.Event]:
    """The stream ends with that code, and the connection goes on."""
    events = table.hears(*sent)
    assert not any(isinstance(each, ev.Broken) for each in events), events
    assert [(each.stream, each.code) for each in table.says() if each.kind is Kind.RST_STREAM] == [
        (stream, code)
    ]
    following = max(table.connection.highest, stream) + 2
    assert [each.stream for each in table.hears(table.hand.headers(following))] == [following]  # type: ignore[union-attr]
    return events


class TestStarting:
    def test_our_settings_come_first(self) -> None:
        """§3.4, §6.5.2: limits are told before they are enforced."""
        first, second = Table(Limits(streams=7)).first
        assert (first.kind, first.stream, first.flags) == (Kind.SETTINGS, 0, 0)
        told = dict(struct.iter_unpack(">HL", first.payload))
        assert told[Setting.MAX_CONCURRENT_STREAMS] == 7
        assert told[Setting.INITIAL_WINDOW_SIZE] == 128 * 1024
        assert told[Setting.MAX_HEADER_LIST_SIZE] == 32 * 1024
        assert (second.kind, second.payload) == (Kind.WINDOW_UPDATE, struct.pack(">L", (1 << 20) - 65535))

    @pytest.mark.parametrize("cut", [0, 1, 9, 23, 24, 30])
    def test_the_preface_may_come_in_pieces(self, cut: int) -> None:
        """§3.4."""
        table = Table()
        assert table.hears(HELLO[:cut]) == []
        assert table.hears(HELLO[cut:], table.hand.headers(1))[0].stream == 1  # type: ignore[union-attr]

    def test_anything_else_is_no_http_2(self) -> None:
        """§3.4."""
        fails(Table(), Code.PROTOCOL_ERROR, b"GET / HTTP/1.1\r\n\r\n")
        fails(Table(), Code.PROTOCOL_ERROR, PREFACE, frame(Kind.PING, 0, 0, bytes(8)))
        fails(Table(), Code.PROTOCOL_ERROR, PREFACE, frame(Kind.SETTINGS, ACK, 0))

    def test_after_its_end_nothing_is_read(self) -> None:
        """§5.4.1: there is no common state to read it by."""
        table = opened()
        fails(table, Code.FRAME_SIZE_ERROR, frame(Kind.DATA, 0, 1, bytes(16385)), table.hand.headers(1))
        assert (table.hears(table.hand.headers(3)), table.says()) == ([], [])


class TestFraming:
    def test_a_frame_beyond_the_size_we_take(self) -> None:
        """§4.2."""
        fails(opened(), Code.FRAME_SIZE_ERROR, frame(Kind.DATA, 0, 1, bytes(16385)))

    def test_kinds_and_flags_nobody_knows_are_ignored(self) -> None:
        """§4.1, §5.5."""
        table = opened()
        unknown = b"\x00\x00\x02\xfa\xff\x00\x00\x00\x05ab"
        assert table.hears(unknown, frame(Kind.PING, 0xFE, 0, bytes(8)), table.hand.headers(1))
        assert [each.kind for each in table.says()] == [Kind.PING]

    @pytest.mark.parametrize(
        ("kind", "stream", "payload"),
        [
            (Kind.DATA, 0, b""),  # §6.1
            (Kind.HEADERS, 0, b""),  # §6.2
            (Kind.PRIORITY, 0, bytes(5)),  # §6.3
            (Kind.RST_STREAM, 0, bytes(4)),  # §6.4
            (Kind.SETTINGS, 1, b""),  # §6.5
            (Kind.PUSH_PROMISE, 1, bytes(4)),  # §6.6, §8.4
            (Kind.PING, 1, bytes(8)),  # §6.7
            (Kind.GOAWAY, 1, bytes(8)),  # §6.8
            (Kind.CONTINUATION, 0, b""),  # §6.10
            (Kind.CONTINUATION, 1, b""),
        ],
    )
    def test_frames_where_they_do_not_belong(self, kind: Kind, stream: int, payload: bytes) -> None:
        """Each names its place."""
        fails(opened(), Code.PROTOCOL_ERROR, frame(kind, 0, stream, payload))

    @pytest.mark.parametrize(
        ("kind", "stream", "flags", "payload"),
        [
            (Kind.PRIORITY, 1, 0, bytes(4)),  # §6.3
            (Kind.RST_STREAM, 1, 0, bytes(3)),  # §6.4
            (Kind.SETTINGS, 0, 0, bytes(5)),  # §6.5
            (Kind.SETTINGS, 0, ACK, bytes(6)),
            (Kind.PING, 0, 0, bytes(7)),  # §6.7
            (Kind.GOAWAY, 0, 0, bytes(7)),  # §6.8
            (Kind.WINDOW_UPDATE, 0, 0, bytes(3)),  # §6.9
            (Kind.HEADERS, 1, FOR_HEADERS | PRIORITY, bytes(4)),  # §6.2
        ],
    )
    def test_frames_of_a_wrong_length(self, kind: Kind, stream: int, flags: int, payload: bytes) -> None:
        """§4.2."""
        fails(opened(), Code.FRAME_SIZE_ERROR, frame(kind, flags, stream, payload))

    def test_padding_and_old_priorities_are_taken_off(self) -> None:
        """§6.1, §6.2; the windows count the padding (§6.9.1)."""
        table = opened()
        block = table.hand.encoder.encode(list(POST))
        payload = b"\x03" + bytes(5) + block + bytes(3)
        padded = frame(Kind.HEADERS, END_HEADERS | PADDED | PRIORITY, 1, payload)
        events = table.hears(padded, frame(Kind.DATA, PADDED | END_STREAM, 1, b"\x02hi\0\0"))
        assert events[1:] == [ev.DataArrived(1, b"hi", 5), ev.BodyEnded(1)]

    @pytest.mark.parametrize("kind", [Kind.DATA, Kind.HEADERS])
    @pytest.mark.parametrize("payload", [b"", b"\x01", b"\x05hi"])
    def test_padding_longer_than_its_frame(self, kind: Kind, payload: bytes) -> None:
        """§6.1."""
        table = opened()
        table.hears(table.hand.headers(1, POST, END_HEADERS))
        fails(table, Code.PROTOCOL_ERROR, frame(kind, PADDED | END_HEADERS, 1, payload))


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


class TestStreams:
    def test_numbers_are_odd_and_grow(self) -> None:
        """§5.1.1."""
        table = opened()
        fails(table, Code.PROTOCOL_ERROR, table.hand.headers(2))
        table = opened()
        table.hears(table.hand.headers(5))
        fails(table, Code.STREAM_CLOSED, table.hand.headers(3))

    @pytest.mark.parametrize("sent", [data(1), reset(1), window(1, 1), data(2), reset(4), window(6, 1)])
    def test_a_stream_that_was_not_opened(self, sent: bytes) -> None:
        """§5.1: idle."""
        fails(opened(), Code.PROTOCOL_ERROR, sent)

    def test_more_than_the_limit_are_refused_and_may_be_sent_again(self) -> None:
        """§5.1.2, §8.7: each end of a stream makes room."""
        table = opened(Limits(streams=2))
        table.hears(table.hand.headers(1), table.hand.headers(3))
        assert table.hears(table.hand.headers(5)) == []
        (refused,) = table.says()
        assert (refused.kind, refused.stream, refused.code) == (Kind.RST_STREAM, 5, Code.REFUSED_STREAM)
        table.connection.send_head(1, HEAD, is_last=True)
        assert table.hears(table.hand.headers(7))[0].stream == 7  # type: ignore[union-attr]

    def test_data_after_the_end_of_a_half_closed_stream(self) -> None:
        """§5.1: half-closed (remote); a stream error while we are still answering."""
        table = opened()
        table.hears(table.hand.headers(1))
        resets(table, Code.STREAM_CLOSED, 1, data(1, b"x"))
        table = opened()
        table.hears(table.hand.headers(1))
        resets(table, Code.STREAM_CLOSED, 1, table.hand.headers(1))

    def test_frames_on_a_closed_stream(self) -> None:
        """§5.1: closed. What may have crossed our answer is ignored, the rest is a fault."""
        table = opened()
        table.hears(table.hand.headers(1))
        table.connection.send_head(1, HEAD, is_last=True)
        assert table.hears(window(1, 5), reset(1), frame(Kind.PRIORITY, 0, 1, bytes(5))) == []
        fails(table, Code.STREAM_CLOSED, data(1, b"x"))

    def test_what_was_on_its_way_to_a_stream_we_reset_is_ignored(self) -> None:
        """§5.1, §5.4.2: but counts for the connection's window, and for the compression's table."""
        table = opened()
        table.hears(table.hand.headers(1, POST, END_HEADERS))
        table.connection.reset(1, Code.CANCEL)
        table.says()
        trailers = table.hand.headers(1, [(b"x-later", b"y")])
        assert table.hears(data(1, b"x"), window(1, 1), trailers) == []
        (arrived,) = table.hears(table.hand.headers(3, [*GET, (b"x-later", b"y")]))
        assert isinstance(arrived, ev.RequestArrived)
        assert (b"x-later", b"y") in arrived.head.lines

    def test_a_reset_ends_one_stream(self) -> None:
        """§6.4."""
        table = opened()
        table.hears(table.hand.headers(1), table.hand.headers(3))
        assert table.hears(reset(1)) == [ev.StreamEnded(1, Code.CANCEL)]
        assert list(table.connection.streams) == [3]

    def test_who_hears_of_a_stream_may_answer_it_though_its_end_has_come(self) -> None:
        """§6.4: a request and its reset among the same bytes are heard one after the other."""
        table = opened()
        told = table.connection.receive(table.hand.headers(1) + reset(1) + table.hand.headers(3), 0.0)
        assert isinstance(next(told), ev.RequestArrived)
        table.connection.send_head(1, HEAD, is_last=False)
        assert [next(told), list(table.connection.streams)] == [ev.StreamEnded(1, Code.CANCEL), []]
        assert [type(each) for each in told] == [ev.RequestArrived]


class TestMessages:
    def test_a_body_and_its_trailers(self) -> None:
        """§8.1: trailers end the message."""
        table = opened()
        events = table.hears(
            table.hand.headers(1, POST, END_HEADERS), data(1, b"ab"), table.hand.headers(1, [(b"x", b"y")])
        )
        assert events[1:] == [ev.DataArrived(1, b"ab", 2), ev.BodyEnded(1)]

    @pytest.mark.parametrize(
        ("lines", "flags"),
        [([(b"x", b"y")], END_HEADERS), ([(b":path", b"/")], FOR_HEADERS), ([(b"X", b"y")], FOR_HEADERS)],
    )
    def test_trailers_that_are_none(self, lines: list[tuple[bytes, bytes]], flags: int) -> None:
        """§8.1."""
        table = opened()
        table.hears(table.hand.headers(1, POST, END_HEADERS))
        events = resets(table, Code.PROTOCOL_ERROR, 1, table.hand.headers(1, lines, flags))
        assert events == [ev.StreamEnded(1, Code.PROTOCOL_ERROR)]

    @pytest.mark.parametrize(
        "body", [(data(1, b"abc"),), (data(1, b"a", last=True),), (data(1, b"a"), data(1, b"bc", last=True))]
    )
    def test_a_body_of_another_length_than_announced(self, body: tuple[bytes, ...]) -> None:
        """§8.1.1."""
        table = opened()
        table.hears(table.hand.headers(1, [*POST, (b"content-length", b"2")], END_HEADERS))
        assert ev.StreamEnded(1, Code.PROTOCOL_ERROR) in resets(table, Code.PROTOCOL_ERROR, 1, *body)

    def test_no_body_where_one_was_announced(self) -> None:
        """§8.1.1."""
        table = opened()
        (refused,) = table.hears(table.hand.headers(1, [*POST, (b"content-length", b"2")]))
        assert isinstance(refused, ev.RequestRefused)
        assert refused.status == 400

    def test_trailers_that_come_too_early(self) -> None:
        """§8.1.1: shorter than announced."""
        table = opened()
        table.hears(table.hand.headers(1, [*POST, (b"content-length", b"2")], END_HEADERS))
        resets(table, Code.PROTOCOL_ERROR, 1, table.hand.headers(1, [(b"x", b"y")]))

    def test_a_malformed_request_is_refused_and_the_next_is_read(self) -> None:
        """§8.1.1: a stream error; an answer may come before it."""
        table = opened()
        (refused,) = table.hears(table.hand.headers(1, [*GET, (b"connection", b"close")]))
        assert isinstance(refused, ev.RequestRefused)
        assert refused.status == 400
        assert isinstance(table.hears(table.hand.headers(3))[0], ev.RequestArrived)


class TestSettings:
    def test_each_is_acknowledged(self) -> None:
        """§6.5.3; unknown ones are ignored (§6.5.2)."""
        table = opened()
        table.hears(setting(0x99, 5), setting(Setting.ENABLE_PUSH, 0))
        assert [(each.kind, each.flags) for each in table.says()] == [(Kind.SETTINGS, ACK)] * 2

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            (Setting.ENABLE_PUSH, 2, Code.PROTOCOL_ERROR),
            (Setting.INITIAL_WINDOW_SIZE, 1 << 31, Code.FLOW_CONTROL_ERROR),
            (Setting.MAX_FRAME_SIZE, 16383, Code.PROTOCOL_ERROR),
            (Setting.MAX_FRAME_SIZE, 1 << 24, Code.PROTOCOL_ERROR),
        ],
    )
    def test_values_out_of_range(self, name: int, value: int, code: Code) -> None:
        """§6.5.2."""
        fails(opened(), code, setting(name, value))

    def test_a_changed_window_changes_those_of_open_streams(self) -> None:
        """§6.9.2: below nothing, too."""
        table = opened()
        table.hears(table.hand.headers(1))
        table.connection.send_head(1, HEAD, is_last=False)
        table.connection.send_data(1, bytes(10_000), is_last=False)
        assert table.hears(setting(Setting.INITIAL_WINDOW_SIZE, 5_000)) == [ev.WindowOpened(0)]
        assert table.connection.room_for(1) == 0
        table.hears(window(1, 5_001))
        assert table.connection.room_for(1) == 1
        table.hears(window(1, (1 << 31) - 1 - 1))
        fails(table, Code.FLOW_CONTROL_ERROR, setting(Setting.INITIAL_WINDOW_SIZE, (1 << 31) - 1))

    def test_a_peers_smaller_compression_table_is_kept_to(self) -> None:
        """RFC 7541 §4.2: a client that keeps none can read us."""
        table = opened()
        table.hand.decoder.max_allowed_table_size = 0
        table.hears(setting(Setting.HEADER_TABLE_SIZE, 0), table.hand.headers(1), table.hand.headers(3))
        for stream in (1, 3):
            table.connection.send_head(stream, [*HEAD, (b"x-a", b"b")], is_last=True)
        heads = [each for each in table.says() if each.kind is Kind.HEADERS]
        assert [table.hand.lines(head) for head in heads] == [{":status": "200", "x-a": "b"}] * 2


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


class TestPatience:
    def test_streams_opened_to_no_end(self) -> None:
        """CVE-2023-44487 (rapid reset): a burst is forgiven, a flood is not, and time heals."""
        table = opened(Limits(resets=(10.0, 1.0)))
        numbers = iter(range(1, 1000, 2))

        def open_and_reset(count: int) -> list[ev.Event]:
            told: list[ev.Event] = []
            for stream, _ in zip(numbers, range(count), strict=False):
                told += table.hears(table.hand.headers(stream), reset(stream))
            return told

        assert not any(isinstance(each, ev.Broken) for each in open_and_reset(10))
        table.now = 5.0
        assert not any(isinstance(each, ev.Broken) for each in open_and_reset(5))
        stream = next(numbers)
        fails(table, Code.ENHANCE_YOUR_CALM, table.hand.headers(stream), reset(stream))

    def test_streams_that_we_are_made_to_reset(self) -> None:
        """CVE-2025-8671 (MadeYouReset): the same flood by broken rules."""
        table = opened(Limits(resets=(10.0, 1.0)))
        events: list[ev.Event] = []
        for stream in range(1, 31, 2):
            events += table.hears(table.hand.headers(stream), window(stream, 0))
        assert isinstance(events[-1], ev.Broken)
        assert events[-1].code is Code.ENHANCE_YOUR_CALM

    @pytest.mark.parametrize(
        "chore",
        [
            frame(Kind.PING, 0, 0, bytes(8)),  # CVE-2019-9512
            SETTINGS,  # CVE-2019-9515
            data(1),  # CVE-2019-9518
            frame(Kind.PRIORITY, 0, 1, bytes(5)),  # CVE-2019-9513
            b"\x00\x00\x00\xfa\x00\x00\x00\x00\x01",  # of a kind nobody knows
        ],
    )
    def test_frames_that_ask_for_nothing(self, chore: bytes) -> None:
        """Each costs us more than its sender."""
        table = opened(Limits(chores=(50.0, 1.0)))
        table.hears(table.hand.headers(1, POST, END_HEADERS))
        assert not any(isinstance(each, ev.Broken) for each in table.hears(chore * 40))
        fails(table, Code.ENHANCE_YOUR_CALM, chore * 20)


class TestLeaving:
    def test_a_farewell_serves_what_is_on_its_way(self) -> None:
        """§6.8: first "no more, please", then, a round trip later, the last one that counts."""
        table = opened()
        table.hears(table.hand.headers(1))
        table.connection.say_farewell()
        first, ping = table.says()
        assert (first.kind, first.last, first.code) == (Kind.GOAWAY, (1 << 31) - 1, Code.NO_ERROR)
        assert table.hears(table.hand.headers(3))[0].stream == 3  # type: ignore[union-attr]
        table.hears(frame(Kind.PING, ACK, 0, ping.payload))
        (second,) = table.says()
        assert (second.kind, second.last) == (Kind.GOAWAY, 3)
        assert table.hears(table.hand.headers(5)) == []
        (refused,) = table.says()
        assert (refused.stream, refused.code) == (5, Code.REFUSED_STREAM)

    def test_the_peers_goaway_is_told(self) -> None:
        """§6.8: what it asked before is still answered."""
        table = opened()
        table.hears(table.hand.headers(1))
        assert table.hears(frame(Kind.GOAWAY, 0, 0, bytes(8))) == [ev.Leaving()]
        table.connection.send_head(1, HEAD, is_last=True)
        assert table.says()[0].ends


def test_a_long_head_goes_out_in_pieces() -> None:
    """§4.3, §6.10."""
    table = opened()
    table.hears(table.hand.headers(1))
    long = [(b"x-%d" % number, bytes(range(33, 126)) * 20) for number in range(20)]
    table.connection.send_head(1, [*HEAD, *long], is_last=True)
    sent = table.says()
    assert [each.kind for each in sent] == [Kind.HEADERS, *[Kind.CONTINUATION] * (len(sent) - 1)]
    assert [bool(each.flags & END_HEADERS) for each in sent] == [False] * (len(sent) - 1) + [True]
    assert sent[0].ends
    whole = Sent(Kind.HEADERS, 0, 1, b"".join(each.payload for each in sent))
    assert table.hand.lines(whole) == {":status": "200", **{n.decode(): v.decode() for n, v in long}}


FRAMES = st.builds(
    lambda kind, flags, stream, payload: frame(kind, flags, stream, payload),
    st.sampled_from(list(Kind)),
    st.integers(0, 255),
    st.sampled_from([0, 1, 2, 3, 5]),
    st.binary(max_size=40),
)


@given(st.lists(st.one_of(FRAMES, st.binary(max_size=30)), max_size=8), st.integers(1, 50))
def test_whatever_comes_is_answered_by_the_rules(sent: list[Any], step: int) -> None:
    """Never an exception; and after the end, nothing more. The pieces it comes in make no difference."""

    def outcome(size: int) -> tuple[list[ev.Event], bytes]:
        connection, raw = Connection(), HELLO + b"".join(sent)
        told: list[ev.Event] = []
        for at in range(0, len(raw), size):
            told += connection.receive(raw[at : at + size], 0.0)
            if told and isinstance(told[-1], ev.Broken):
                break
        return told, connection.take()

    whole, pieces = outcome(1 << 20), outcome(step)
    assert whole == pieces
