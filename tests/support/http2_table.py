"""A connection of `wire.http2` on a table: frames by hand, and what comes of them."""

from __future__ import annotations

from tests.support.frames import (
    HELLO,
    Hand,
    Sent,
    frames_in,
)
from wire.http2 import events as ev
from wire.http2.connection import Connection
from wire.http2.frames import (
    ACK,
    END_HEADERS,
    END_STREAM,
    Code,
    Kind,
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
