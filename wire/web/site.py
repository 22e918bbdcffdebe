"""An HTTP/1 server whose requests start when their heads are complete, and whose bodies stream.

twisted.web collects a whole body (in memory or a temporary file) before it starts a request; a 200 MiB
upload cost it 2.4 GiB. Here the resource runs at once and pulls the body through `request.body`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, HTTPFactory, Request
from twisted.web.resource import IResource

from wire.web.request import StreamingRequest, refuse

__all__ = ["StreamingChannel", "StreamingRequest", "StreamingSite", "refuse"]

STALL_SECONDS = 300.0  # a viewer that takes none of what waits for it (some 64 KiB) for so long is gone
LINGER_SECONDS = 30.0  # how long an early answer waits for its client to finish sending


class StreamingChannel(HTTPChannel):
    """One viewer's connection. Bodies flow to their request under back-pressure."""

    requestFactory = StreamingRequest
    factory: StreamingSite
    expects_continue = False
    _lingering: IDelayedCall | None = None
    _answered: StreamingRequest | None = None
    _stalled: IDelayedCall | None = None

    def allHeadersReceived(self) -> None:
        request = self.requests[-1]
        self.persistent = self.checkPersistence(request, self._version)
        request.gotLength(self.length)
        if self.length == 0:
            return  # HTTPChannel goes on with allContentReceived, which starts it
        expectation = request.requestHeaders.getRawHeaders(b"Expect") or [b""]
        self.expects_continue = expectation[0].lower() == b"100-continue" and self._version == b"HTTP/1.1"
        request.start(self._command, self._path, self._version)

    def checkPersistence(self, request: Request, version: bytes) -> bool:
        lines = request.requestHeaders.getRawHeaders(b"Connection") or ()
        tokens = {token.strip().lower() for line in lines for token in line.split(b",")}
        if self.factory.is_closing or b"close" in tokens:
            return False
        return version == b"HTTP/1.1" or b"keep-alive" in tokens

    def allContentReceived(self) -> None:
        self.expects_continue = False
        answered, self._answered = self._answered, None
        super().allContentReceived()  # ends the body, or starts a request that has none
        if answered is not None:
            self._stop_lingering()
            super().requestDone(answered)

    def requestDone(self, request: Request) -> None:
        """The answer is written. If the body is still coming, let it fall, but not for ever."""
        request = cast(StreamingRequest, request)
        if request.body.is_complete:
            super().requestDone(request)
        elif self.expects_continue:
            self.loseConnection()
        else:
            self._answered = request
            self._lingering = self.factory.reactor.callLater(self.factory.linger_seconds, self.loseConnection)
            request.body.discard()
            self._networkProducer.resumeProducing()

    def _stop_lingering(self) -> None:
        if self._lingering is not None and self._lingering.active():
            self._lingering.cancel()
        self._lingering = None

    def _stop_stall_alarm(self) -> None:
        if self._stalled is not None and self._stalled.active():
            self._stalled.cancel()
        self._stalled = None

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._stop_lingering()
        self._stop_stall_alarm()
        super().connectionLost(reason)
        self.factory.channel_closed(self)

    def connectionMade(self) -> None:
        self.factory.channels.add(self)
        super().connectionMade()

    # Faucet: the reading side, for RequestBody

    def continue_expected(self) -> None:
        if self.expects_continue:
            self.expects_continue = False
            self._send100Continue()

    def pause_reading(self) -> None:
        self._paused_time_out = self.setTimeout(None)  # waiting is our doing, not the client's
        self._networkProducer.pauseProducing()

    def resume_reading(self) -> None:
        self.setTimeout(self._paused_time_out)
        if not self._waitingForTransport:
            self._networkProducer.resumeProducing()

    # The writing side

    def pauseProducing(self) -> None:
        super().pauseProducing()
        if self._stalled is None:
            self._stalled = self.factory.reactor.callLater(self.factory.stall_seconds, self.forceAbortClient)

    def resumeProducing(self) -> None:
        self._stop_stall_alarm()
        super().resumeProducing()
        request = self.requests[-1] if self.requests else None
        body = getattr(request, "body", None)
        if body is not None and body.is_paused:
            self._networkProducer.pauseProducing()  # the viewer reads again, but the body's reader does not

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        super().registerProducer(producer, streaming)
        if self._waitingForTransport and streaming:
            producer.pauseProducing()  # the transport said so before this producer came

    def cut(self, *, framed: bool) -> None:
        """Close before the message ends: after flushing where framing betrays the loss, else by a reset."""
        if not framed:
            self.forceAbortClient()
            return
        self.unregisterProducer()
        self._abortingCall = self.callLater(self.abortTimeout, self.forceAbortClient)
        self.loseConnection()

    def close_when_idle(self) -> None:
        """Close now if no request is running, else after the one that is."""
        self.persistent = False
        if not self.requests:
            self.loseConnection()


class StreamingSite(HTTPFactory):
    """Accepts connections and asks `resource_for(request)` who answers; the raw `request.uri` decides."""

    noisy = False
    protocol = StreamingChannel  # type: ignore[assignment]
    reactor: IReactorTime

    def __init__(
        self,
        resource_for: Callable[[StreamingRequest], IResource],
        *,
        reactor: IReactorTime,
        scheme: str = "http",
        idle_seconds: float = 60.0,
        linger_seconds: float = LINGER_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        super().__init__(timeout=idle_seconds, reactor=reactor)
        self.resource_for = resource_for
        self.scheme = scheme
        self.linger_seconds = linger_seconds
        self.stall_seconds = stall_seconds
        self.channels: set[StreamingChannel] = set()
        self.is_closing = False
        self._emptied: Deferred[None] | None = None

    def startFactory(self) -> None:
        """No log file, and no timer to date its lines."""

    def stopFactory(self) -> None:
        """Nothing was started."""

    def log(self, request: Request) -> None:
        """Nodes log outcomes themselves."""

    def close_idle(self) -> None:
        """Stop keeping connections alive: idle ones close now, busy ones after their answer."""
        self.is_closing = True
        for channel in tuple(self.channels):
            channel.close_when_idle()

    async def drain(self, within_seconds: float) -> bool:
        """Close each connection after its running answer has been flushed; True if all were in time.

        Those that are left after `within_seconds` are aborted.
        """
        self.close_idle()
        alarm = self.reactor.callLater(within_seconds, self._abort_each)
        if self.channels:
            self._emptied = Deferred()
            await self._emptied
        in_time = alarm.active()
        if in_time:
            alarm.cancel()
        return in_time

    def channel_closed(self, channel: StreamingChannel) -> None:
        """A connection has gone."""
        self.channels.discard(channel)
        if not self.channels and self._emptied is not None:
            emptied, self._emptied = self._emptied, None
            emptied.callback(None)

    def abort_all(self) -> None:
        """End every connection that still runs a request; those that are flushing an answer may."""
        for channel in tuple(self.channels):
            if channel.requests:
                channel.forceAbortClient()
            else:
                channel.loseConnection()

    def _abort_each(self) -> None:
        for channel in tuple(self.channels):
            channel.forceAbortClient()
