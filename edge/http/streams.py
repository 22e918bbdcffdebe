"""The express lane of HTTP/2: a stream whose request the lane knows is answered without a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.express import Leave
from edge.http.express import RAW_BYTES, ExpressLane, Learner
from edge.http.packed import PackedTemplate
from wire.http.incoming import Incoming
from wire.http2.events import RequestArrived
from wire.web.http2.connection import Http2Channel
from wire.web.http2.stream import StreamChannel

if TYPE_CHECKING:
    from edge.http.site import ViewersSite

METHODS = frozenset({b"GET", b"HEAD"})


class ExpressStream(StreamChannel, Learner):
    """Teaches the lane what its request was answered."""

    _connection: ExpressHttp2Channel
    raw: bytes | None = None
    """The request as the lane knows it, if it may learn from it."""

    def learn(self, leave: Leave, head: bytes, decided_at: float) -> None:
        """The request has this answer, whole, and whoever sends its like may have it again."""
        lane = self._connection.factory.http2_lane
        if lane is not None and self.raw is not None:
            lane.learn(self.raw, leave, head, decided_at, PackedTemplate.of)


class ExpressHttp2Channel(Http2Channel):
    """Answers what the lane knows; the rest goes the full way."""

    factory: ViewersSite
    _is_far = False
    """Whether a link lies between: then every answer goes the full way."""

    def connectionMade(self) -> None:
        super().connectionMade()
        afar = self.factory.afar
        self._is_far = afar is not None and afar.is_far(self.address)

    def begin(self, arrived: RequestArrived) -> None:
        lane = self.factory.http2_lane if not self._is_far else None
        raw = raw_of(arrived.head) if lane is not None else None
        if lane is None or raw is None:
            self._open(arrived, raw).start()
            return
        hit = lane.answer(raw, self.address, lane.now(), takes_files=True)
        if hit is None:
            stream = self._open(arrived, raw)
            bringing = lane.bring(raw)
            if bringing is None:
                stream.start()
            else:
                bringing.addCallback(lambda _: self._brought(stream, raw, lane))
        elif hit.file is not None:
            self.answer_from_file(arrived, hit.pieces[0], hit.file)
        else:
            self.answer(arrived, *hit.pieces)

    def _open(self, arrived: RequestArrived, raw: bytes | None) -> ExpressStream:
        stream = self.streams[arrived.stream] = ExpressStream(self, arrived)
        stream.raw = raw
        return stream

    def _brought(self, stream: ExpressStream, raw: bytes, lane: ExpressLane) -> None:
        """What the lane waited for is there, or the request goes the full way."""
        if stream.is_over:
            return
        hit = lane.answer(raw, self.address, lane.now(), takes_files=True)
        if hit is None:
            stream.start()
        elif hit.file is not None:
            stream.answer_from_file(hit.pieces[0], hit.file)
        else:
            stream.answer(*hit.pieces)
        self.send_soon()


def raw_of(head: Incoming) -> bytes | None:
    """The bytes that stand for a request in the lane: what HTTP/1 would have sent, under a version of its own.

    None for what the lane has no business with.
    """
    if head.method not in METHODS or head.length != 0:
        return None
    text = head.text
    return text if len(text) <= RAW_BYTES else None
