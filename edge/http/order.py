"""A request on the express lane whose answer is being read from disk: what is under way on its connection."""

from __future__ import annotations

from typing import cast

from twisted.python.failure import Failure

from wire.http.incoming import HeadLimits, Incoming, RequestParser
from wire.web.body import RequestBody
from wire.web.channel import StreamingChannel


class Order:
    """One request, until what it waits for is brought. Then the lane answers it, or it goes the full way."""

    startedWriting = False
    finished = False
    is_gone = False

    def __init__(self, channel: StreamingChannel, raw: bytes) -> None:
        self.raw = raw
        self.body = RequestBody(channel, 0)
        self._channel = channel

    @property
    def method(self) -> bytes:
        """What the viewer asks for with."""
        return self.raw.partition(b" ")[0]

    def head(self, limits: HeadLimits) -> Incoming:
        """The request, read: what the lane knows was read before, and is a head."""
        parser = RequestParser(limits)
        parser.feed(self.raw)
        return cast(Incoming, parser.next_event())

    def cut(self) -> None:
        """Nothing was told, so nothing can be told apart from a whole answer but by a reset."""
        self._channel.abort()

    def connectionLost(self, reason: Failure) -> None:
        """What was read is for nobody; the next who asks may have it."""
