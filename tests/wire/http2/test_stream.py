"""wire.http2.stream: what may come on a stream in which state, and the messages on it (RFC 9113 §5.1, §8.1)."""

from __future__ import annotations

import pytest

from tests.support.frames import (
    GET,
    POST,
    data,
    reset,
    window,
)
from tests.support.http2_table import HEAD, fails, opened, resets
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
