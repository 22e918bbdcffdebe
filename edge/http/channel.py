"""A viewer's connection that looks into the express lane first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.core.express import Leave
from edge.http.express import RAW_BYTES, Hit
from wire.web.site import StreamingChannel

if TYPE_CHECKING:
    from edge.http.site import ViewersSite

END = b"\r\n\r\n"
METHODS = (b"GET ", b"HEAD ")
JOINED_BYTES = 64 * 1024  # up to here answers are one write


class ExpressChannel(StreamingChannel):
    """Answers what the lane knows; the rest, unread, goes the full way."""

    factory: ViewersSite
    transport: Any
    _raw: bytes | None = None
    """The bytes of the one request that is being answered, if the lane may learn from it."""
    _unread = b""
    """Requests that came while the viewer took no more answers."""
    _viewer: str | None = None

    def learn(self, leave: Leave, head: bytes, decided_at: float) -> None:
        """The request under way has this answer, whole, and whoever sends its bytes again may have it again."""
        lane, raw = self.factory.lane, self._raw
        if lane is not None and raw is not None and self.persistent:
            lane.learn(raw, leave, head, decided_at)

    def dataReceived(self, data: bytes) -> None:
        lane = self.factory.lane
        if self._unread:
            self._unread += data
        elif lane is None or not self.is_idle or self.factory.is_closing:
            self._raw = None
            super().dataReceived(data)
        elif (hit := lane.answer(data, self._viewer or self._name())) is not None:
            self._send([hit])
        else:
            self._pipelined(data)

    def _pipelined(self, data: bytes) -> None:
        """Several requests at once, or one that the lane does not know: hits first, then the full way."""
        lane, viewer = self.factory.lane, self._viewer or self._name()
        start = waiting = 0
        hits: list[Hit] = []
        while lane is not None and start < len(data):
            end = data.find(END, start) + len(END)
            hit = lane.answer(data[start:end], viewer) if end >= len(END) else None
            if hit is None:
                break
            start = end
            hits.append(hit)
            waiting += len(hit[1])
            if waiting > JOINED_BYTES:
                self._send(hits)
                hits, waiting = [], 0
                if self.is_full:
                    self._unread = data[start:]
                    return
        if hits:
            self._send(hits)
        rest = data[start:]
        if rest:
            self._raw = rest if is_plain(rest) else None
            super().dataReceived(rest)

    def resumeProducing(self) -> None:
        super().resumeProducing()
        unread, self._unread = self._unread, b""
        if unread:
            self.dataReceived(unread)

    def _send(self, hits: list[Hit]) -> None:
        """In as few writes as need no copies of large bodies."""
        self.touched()
        if sum(len(body) for _, body in hits) <= JOINED_BYTES:
            self.transport.write(b"".join(piece for hit in hits for piece in hit))
        else:
            self.transport.writeSequence([piece for hit in hits for piece in hit if piece])

    def _name(self) -> str:
        self._viewer = str(getattr(self.transport.getPeer(), "host", ""))
        return self._viewer


def is_plain(data: bytes) -> bool:
    """One whole request that ends with its head."""
    return len(data) <= RAW_BYTES and data.startswith(METHODS) and data.find(END) == len(data) - len(END)
