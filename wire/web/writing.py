"""The writing half of a viewer's connection: what a request of twisted.web asks of its channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IPushProducer,
    ISSLTransport,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol
from twisted.web.http_headers import Headers
from zope.interface import implementer

from wire.web.alarm import Alarm
from wire.web.carried import Carried
from wire.web.connection import LoopConnection
from wire.web.files import SharedFile


@implementer(IPushProducer, IConsumer)
class WritingChannel(Protocol):
    """Carries answers to the transport, and the transport's pauses to whoever produces them.

    The transport's producer all the time, so that even answers which nobody produces hold up the next question.
    """

    is_full = False
    """Whether the transport wants no more for now."""
    carried: Carried
    """For the request under way, or the last one."""
    _producer: Any = None
    _stalled: Alarm
    _stall_seconds: float

    def open_outlet(self, stalled: Alarm, stall_seconds: float) -> None:
        """The connection is there. `stalled` rings when a full transport has taken nothing for so long."""
        transport: Any = self.transport
        if ITCPTransport.providedBy(transport):
            transport.setTcpNoDelay(True)
        self.carried = Carried()
        self._peer, self._host = transport.getPeer(), transport.getHost()
        self._stalled, self._stall_seconds = stalled, stall_seconds
        transport.registerProducer(self, True)

    def room_changed(self) -> None:
        """The transport is full, or takes more again."""

    # What a request wants to know

    def getPeer(self) -> IAddress:
        return cast(IAddress, self._peer)

    def getHost(self) -> IAddress:
        return cast(IAddress, self._host)

    def isSecure(self) -> bool:
        return ISSLTransport.providedBy(self.transport)

    # What a request writes

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Headers) -> None:
        parts = [version, b" ", code, b" ", reason, b"\r\n"]
        for name, values in headers.getAllRawHeaders():
            for value in values:
                parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n")
        self.write(b"".join(parts))

    def write(self, data: bytes) -> None:
        self.carried.sent += len(data)
        cast(Any, self.transport).write(data)

    def writeSequence(self, parts: Sequence[bytes]) -> None:
        self.carried.sent += sum(map(len, parts))
        cast(Any, self.transport).writeSequence(parts)

    def write_file(self, file: SharedFile, start: int, stop: int, before: bytes = b"") -> bool:
        """As `write` of some bytes and these of a file, where the transport can take them from it; whether it can.

        What wraps a transport (TLS) passes on calls that it does not know: they would go past it.
        """
        transport: Any = self.transport
        if not isinstance(transport, LoopConnection):
            return False
        self.carried.sent += len(before) + stop - start
        transport.write_file(file, start, stop, before)
        return True

    # Who produces it

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """All producers here push. One that comes when the transport is full waits from the start."""
        if not streaming:
            raise TypeError("a pull producer; only push producers are taken")
        if self._producer is not None:
            raise RuntimeError(f"{self._producer} was never unregistered")
        self._producer = producer
        if self.is_full:
            producer.pauseProducing()

    def unregisterProducer(self) -> None:
        self._producer = None

    def pauseProducing(self) -> None:
        self.is_full = True
        self._stalled.set(self._stall_seconds)
        if self._producer is not None:
            self._producer.pauseProducing()
        self.room_changed()

    def resumeProducing(self) -> None:
        self.is_full = False
        self._stalled.stop()
        if self._producer is not None:
            self._producer.resumeProducing()
        self.room_changed()

    def stopProducing(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.stopProducing()

    # Its end

    def loseConnection(self) -> None:
        """Close when what was written is on its way."""
        transport: Any = self.transport
        transport.unregisterProducer()
        transport.loseConnection()

    def half_close(self) -> bool:
        """Say that no more will come, and go on reading; False where the transport cannot."""
        transport: Any = self.transport
        transport.unregisterProducer()
        shut = getattr(transport, "loseWriteConnection", None)
        if shut is None or self.isSecure():  # TLS has a goodbye of its own
            transport.loseConnection()
            return False
        shut()
        return True

    def abort(self) -> None:
        """Close at once, and let the viewer see that it was not orderly."""
        cast(Any, self.transport).abortConnection()
