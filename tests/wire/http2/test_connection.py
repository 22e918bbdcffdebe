"""wire.http2.connection, by frames: each rule of RFC 9113 for a server, and what a hostile client may try."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.frames import (
    HELLO,
    POST,
    Sent,
    setting,
    window,
)
from tests.support.http2_table import HEAD, Table, fails, opened
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

FOR_HEADERS = END_HEADERS | END_STREAM


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

    @pytest.mark.parametrize("times", [1, 2])
    def test_a_peers_smaller_compression_table_is_kept_to(self, times: int) -> None:
        """RFC 7541 §4.2: a client that keeps none, and says so once or twice, can read us."""
        table = opened()
        table.hand.decoder.max_allowed_table_size = 0
        table.hears(*[setting(Setting.HEADER_TABLE_SIZE, 0)] * times)
        table.hears(table.hand.headers(1), table.hand.headers(3))
        for stream in (1, 3):
            table.connection.send_head(stream, [*HEAD, (b"x-a", b"b")], is_last=True)
        heads = [each for each in table.says() if each.kind is Kind.HEADERS]
        assert [table.hand.lines(head) for head in heads] == [{":status": "200", "x-a": "b"}] * 2


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
