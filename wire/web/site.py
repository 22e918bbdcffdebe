"""An HTTP server whose requests start when their heads are complete, and whose bodies stream.

twisted.web collects a whole body (in memory or a temporary file) before it starts a request; a 200 MiB
upload cost it 2.4 GiB. Here the resource runs at once and pulls the body through `request.body`. And it reads
some requests in two ways; here whatever could be is refused (`wire.http.incoming`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.web.http import Request
from twisted.web.resource import IResource

from wire.web.afar import Afar
from wire.web.channel import StreamingChannel, UnderWay
from wire.web.limits import ConnectionLimits
from wire.web.places import Places
from wire.web.request import StreamingRequest, refuse

if TYPE_CHECKING:
    from wire.http2.limits import Limits
    from wire.web.http2.connection import Http2Channel

__all__ = ["ConnectionLimits", "StreamingChannel", "StreamingRequest", "StreamingSite", "refuse"]


class SiteChannel(Protocol):
    """What a site asks of a connection, whatever is spoken on it."""

    @property
    def request(self) -> UnderWay | None:
        """One that is being read or answered, if any is."""

    def close_when_idle(self) -> None:
        """Close now if no request is running, else after those that are."""

    def loseConnection(self) -> None:
        """Close behind what is written."""

    def abort(self) -> None:
        """End it at once."""


def http2_channel(site: StreamingSite, limits: Limits) -> Http2Channel:
    """Loads what speaks HTTP/2, which is spoken over TLS alone."""
    from wire.web.http2.connection import Http2Channel

    return Http2Channel(site, limits)


class StreamingSite(ServerFactory):
    """Accepts connections and asks `resource_for(request)` who answers; the raw `request.uri` decides."""

    noisy = False
    protocol = StreamingChannel  # type: ignore[assignment]
    afar: Afar | None = None
    """Who knows of viewers that are far away, where that is felt."""
    http2_protocol: Callable[[Any, Limits], Any] = staticmethod(http2_channel)
    """Makes the protocol of a connection that speaks HTTP/2."""

    def __init__(
        self,
        resource_for: Callable[[StreamingRequest], IResource],
        *,
        reactor: IReactorTime,
        scheme: str = "http",
        limits: ConnectionLimits | None = None,
        places: Places | None = None,
    ) -> None:
        self.resource_for = resource_for
        self.scheme = scheme
        self.reactor = reactor
        self.limits = limits or ConnectionLimits()
        self.places = places or Places(self.limits.connections, self.limits.connections_per_address)
        self.channels: set[SiteChannel] = set()
        self.refused: Counter[int] = Counter()
        """By status: what was turned away before anybody was asked to answer it."""
        self.is_closing = False
        self._emptied: Deferred[None] | None = None

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

    def channel_closed(self, channel: SiteChannel) -> None:
        """A connection has gone."""
        self.channels.discard(channel)
        if not self.channels and self._emptied is not None:
            emptied, self._emptied = self._emptied, None
            emptied.callback(None)

    def abort_all(self) -> None:
        """End every connection that still runs a request; those that are flushing an answer may."""
        for channel in tuple(self.channels):
            if channel.request is not None:
                channel.abort()
            else:
                channel.loseConnection()

    def _abort_each(self) -> None:
        for channel in tuple(self.channels):
            channel.abort()
