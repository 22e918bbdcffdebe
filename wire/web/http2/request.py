"""A request on a stream, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from twisted.python.failure import Failure
from twisted.web.http import NO_BODY_CODES

from wire.http.fields import ResponseHead
from wire.web.request import StreamingRequest

if TYPE_CHECKING:
    from wire.web.http2.stream import StreamChannel


class Http2Request(StreamingRequest):
    """Its answer has no framing of its own: the stream's end tells where the body ends."""

    def begin(self, head: ResponseHead, data: bytes = b"") -> bytes:
        if self.is_gone:
            return b""
        self.startedWriting = 1
        self.code = head.status
        self._has_no_body = self.head_only or head.status in NO_BODY_CODES
        stream = cast("StreamChannel", self.channel)
        lines = head.fields.to_bytes()
        stream.send_head(head.status, lines)
        if data and not self._has_no_body:
            self.sentLength += len(data)
            stream.write(data)
        text = b"".join([b"%b: %b\r\n" % line for line in lines])
        return b"HTTP/2 %d\r\n%b\r\n" % (head.status, text)

    def inform(self, head: ResponseHead) -> None:
        if not self.startedWriting and not self.is_gone:
            cast("StreamChannel", self.channel).inform(head.status, head.fields.to_bytes())

    def _settle_persistence(self) -> None:
        """A connection lives on whatever becomes of a stream."""

    def cut(self) -> None:
        """End the stream so that the viewer can tell that the body is not whole (RFC 9113 §8.1)."""
        if self.is_gone or self.finished:
            return
        self.is_cut = True
        self.channel.cut(framed=True)

    def connectionLost(self, reason: Failure) -> None:
        if not self.finished:
            super().connectionLost(reason)
