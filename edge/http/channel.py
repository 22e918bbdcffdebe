"""A viewer's connection that looks into the express lane first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from edge.core.express import Leave
from edge.http.answering import AT_ONCE
from edge.http.express import JOINED_BYTES, RAW_BYTES, ExpressLane, Hit, Learner
from edge.http.order import Order
from wire.http.incoming import END_OF_HEAD, is_plain
from wire.web.connection import LoopConnection
from wire.web.patience import Awaited
from wire.web.site import StreamingChannel

if TYPE_CHECKING:
    from edge.http.site import ViewersSite


class ExpressChannel(StreamingChannel, Learner):
    """Answers what the lane knows; the rest, unread, goes the full way."""

    factory: ViewersSite
    _is_on_lane = False
    """Whether the connection is at rest, and the lane may be asked: known without looking again after a hit."""
    _raw: bytes | None = None
    """The bytes of the one request that is being answered, if the lane may learn from it."""
    _hit_at = 0.0
    """When the lane last answered here, by its own clock."""
    _is_far = False
    """Whether a link lies between: then every answer goes the full way."""
    _is_aged = False
    """Whether this connection is to end with its next answer, which only the full way can say."""
    _largest = AT_ONCE
    """Of a body that may be handed to the transport at once."""
    _takes_files = False
    _write: Callable[[bytes], object]

    def connectionMade(self) -> None:
        super().connectionMade()
        transport: Any = self.transport
        self._write = transport.write
        afar = self.factory.afar
        self._is_far = afar is not None and afar.is_far(self._address)
        if isinstance(transport, LoopConnection):
            self._write = transport.outlet.write
            self._takes_files = True
            self._largest = sys.maxsize  # it keeps references, where others copy

    def learn(self, leave: Leave, head: bytes, decided_at: float) -> None:
        """The request under way has this answer, whole, and whoever sends its bytes again may have it again."""
        lane, raw = self.factory.lane, self._raw
        if lane is not None and raw is not None and self.persistent:
            lane.learn(raw, leave, head, decided_at)

    def dataReceived(self, data: bytes) -> None:
        lane = self.factory.lane
        if lane is None or not (self._is_on_lane or self._comes_to_rest()):
            self._raw = None
            super().dataReceived(data)
            return
        now = lane.now()
        hit = lane.answer(data, self._address, now, self._largest, takes_files=self._takes_files)
        if hit is not None:
            self._give(hit, now)
        elif (bringing := lane.bring(data)) is not None:
            self._wait_for(bringing, data, lane)
        else:
            self._pipelined(data, lane, now)

    def _give(self, hit: Hit, now: float) -> None:
        self._hit_at = now
        if hit.file is not None:
            self.write_file(hit.file, 0, hit.size, hit.pieces[0])
        elif len(hit.pieces) == 1:
            self._write(hit.pieces[0])
        else:
            self.writeSequence(hit.pieces)

    def _wait_for(self, bringing: Deferred[None], raw: bytes, lane: ExpressLane) -> None:
        """The lane knows this request, and its answer is being read: till then it is under way, as any other."""
        self._is_on_lane, self.persistent = False, True
        self.request = order = Order(self, raw)
        bringing.addCallback(lambda _: self._brought(order, lane))

    def _brought(self, order: Order, lane: ExpressLane) -> None:
        if self.request is not order:  # the viewer has left
            return
        now, hit = lane.now(), None
        if self.persistent:
            hit = lane.answer(order.raw, self._address, now, self._largest, takes_files=self._takes_files)
        if hit is None:
            self._raw = order.raw
            self._begin(order.head(self.factory.limits.head))
            return
        self._give(hit, now)
        if self._parser.waiting or self.is_full or not self.persistent:
            self._next()
        else:
            self.request = None
            self._patience.for_request()
            self._is_on_lane = True

    def _comes_to_rest(self) -> bool:
        is_barred = self._is_far or self._is_aged or self.is_full or self.factory.is_closing
        self._is_on_lane = self.is_idle and not is_barred
        return self._is_on_lane

    def _pipelined(self, data: bytes, lane: ExpressLane, now: float) -> None:
        """Several requests at once, or one that the lane does not know: hits first, then the full way."""
        start = waiting = 0
        pieces: list[bytes] = []
        while start < len(data) and self._is_on_lane:
            end = data.find(END_OF_HEAD, start) + len(END_OF_HEAD)
            hit = (
                lane.answer(data[start:end], self._address, now, self._largest)
                if end >= len(END_OF_HEAD)
                else None
            )
            if hit is None:
                break
            start, self._hit_at = end, now
            pieces += hit.pieces
            waiting += hit.size
            if waiting > JOINED_BYTES:
                self.writeSequence(pieces)
                pieces, waiting = [], 0
        if pieces:
            self._write(b"".join(pieces))
        rest = data[start:]
        if rest:
            self._is_on_lane = False
            self._raw = rest if is_plain(rest, RAW_BYTES) else None
            super().dataReceived(rest)

    # What takes it off the lane, beside requests that go the full way

    def pauseProducing(self) -> None:
        self._is_on_lane = False
        super().pauseProducing()

    def close_when_idle(self) -> None:
        self._is_on_lane = False
        super().close_when_idle()

    def _ran_out(self, awaited: Awaited) -> None:
        """Patience knows nothing of hits: it is told of the last one when it has run out."""
        self._is_on_lane = False
        lane = self.factory.lane
        if isinstance(self.request, Order) and awaited is Awaited.REQUEST:
            self._patience.for_answer()
            return
        if lane is not None and awaited is Awaited.REQUEST:
            waited = lane.now() - self._hit_at
            if waited < self.factory.limits.idle_seconds:
                self._is_aged = self._patience.is_out_of_age
                self._patience.for_request(waited)
                return
        super()._ran_out(awaited)
