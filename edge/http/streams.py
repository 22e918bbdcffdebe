"""The express lane of HTTP/2: a stream whose request the lane knows is answered without a conversation."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from edge.core.express import Leave
from edge.http.answering import AT_ONCE
from edge.http.express import RAW_BYTES
from wire.http.incoming import Incoming
from wire.http.lines import Line
from wire.http2.events import RequestArrived
from wire.web.http2.connection import Http2Channel
from wire.web.http2.stream import StreamChannel

if TYPE_CHECKING:
    from edge.http.site import ViewersSite

METHODS = frozenset({b"GET", b"HEAD"})


class ExpressStream(StreamChannel):
    """Teaches the lane what its request was answered."""

    raw: bytes | None = None
    """The request as the lane knows it, if it may learn from it."""

    def learn(self, leave: Leave, head: bytes, decided_at: float) -> None:
        """The request has this answer, whole, and whoever sends its like may have it again."""
        lane = cast("ViewersSite", self.factory).lane
        if lane is not None and self.raw is not None:
            lane.learn(self.raw, leave, head, decided_at)


class ExpressHttp2Channel(Http2Channel):
    """Answers what the lane knows; the rest goes the full way."""

    def begin(self, arrived: RequestArrived) -> None:
        lane = cast("ViewersSite", self.factory).lane
        raw = raw_of(arrived.head) if lane is not None else None
        stream = ExpressStream(self, arrived)
        stream.raw = raw
        self.streams[arrived.stream] = stream
        hit = (
            lane.answer(raw, self.address, lane.now(), AT_ONCE)
            if lane is not None and raw is not None
            else None
        )
        if hit is None:
            stream.start()
        else:
            whole = b"".join(hit.pieces) if len(hit.pieces) > 1 else hit.pieces[0]
            at = len(whole) - hit.size
            stream.answer(200, lines_of(whole[:at]), whole[at:])


def raw_of(head: Incoming) -> bytes | None:
    """The bytes that stand for a request in the lane: what HTTP/1 would have sent, under a version of its own.

    None for what the lane has no business with.
    """
    if head.method not in METHODS or head.length != 0:
        return None
    lines = b"".join([b"%b: %b\r\n" % line for line in head.lines])
    raw = b"%b %b HTTP/2\r\n%b\r\n" % (head.method, head.target, lines)
    return raw if len(raw) <= RAW_BYTES else None


@lru_cache(maxsize=512)
def lines_of(head: bytes) -> tuple[Line, ...]:
    """The field lines of a head that the lane wrote; the same one serves a whole second."""
    pairs = (line.partition(b": ") for line in head.split(b"\r\n")[1:] if line)
    return tuple((name.lower(), value) for name, _, value in pairs)
