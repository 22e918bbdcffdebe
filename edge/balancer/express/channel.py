"""A viewer's connection to the balancer, which asks the express lane first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.balancer.express.lane import RAW_BYTES
from wire.http.asker import INTRODUCTION, Asker
from wire.http.incoming import Incoming, is_plain
from wire.web.body import RequestBody
from wire.web.resource import CoroutineResource
from wire.web.secured import secured_by
from wire.web.site import StreamingChannel, StreamingSite

if TYPE_CHECKING:
    from edge.balancer.express.lane import Lane


class FrontChannel(StreamingChannel):
    """Puts plain questions on the lane; the rest, unread, goes the full way."""

    factory: FrontSite
    no_body: RequestBody
    """That of every request on the lane."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.no_body = RequestBody(self, 0)
        self._introductions: dict[str, bytes] = {}

    def introduction(self, region: str) -> bytes:
        """How a head ends that says who asks. It is always the same, as a connection is one viewer's."""
        line = self._introductions.get(region)
        if line is None:
            port, secured = int(getattr(self.getPeer(), "port", 0)), secured_by(self.transport)
            asker = Asker(self._address, port, self.factory.scheme, "1.1", secured, region)
            line = f"{INTRODUCTION}: {asker.written}\r\n\r\n".encode("latin-1")
            self._introductions[region] = line
        return line

    def dataReceived(self, data: bytes) -> None:
        lane = self.factory.lane
        if lane is None or not self._may_ride(data) or not self._rides(lane, data):
            super().dataReceived(data)

    def _may_ride(self, data: bytes) -> bool:
        if not self.is_idle or self.is_full or not is_plain(data, RAW_BYTES):
            return False
        return not (self.factory.is_closing or self._patience.is_out_of_age)

    def _rides(self, lane: Lane, data: bytes) -> bool:
        self.persistent, self.expects_continue = True, False
        self._patience.for_answer()
        return lane.board(data, self._address, self)

    def ridden(self, answer: bytes) -> None:
        """The whole answer to the request on the lane."""
        self.write(answer)
        if self._parser.waiting or self.is_full or not self.persistent:
            self._next()
        else:
            self.request = None
            self._patience.for_request()

    def carry_on(self, head: Incoming, resource: CoroutineResource) -> None:
        """The request on the lane goes the full way from here."""
        resource.render(self._request_for(head))


class FrontSite(StreamingSite):
    """The balancer's viewers. Streams of HTTP/2 go the full way."""

    protocol = FrontChannel
    lane: Lane | None = None
