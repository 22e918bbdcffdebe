"""The viewers' door: every request, whatever its target, becomes an exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from edge.core.exchange import Exchange
from edge.core.forwarders import NOBODY, Forwarders
from edge.http.channel import ExpressChannel
from edge.http.express import ExpressLane
from edge.http.machinery import Machinery
from edge.http.runner import Conversation, converse
from edge.http.visiting import visit_of
from edge.personality.interface import Visit
from wire.http.asker import Asker
from wire.http.fields import RequestHead
from wire.http.hops import with_forwarder
from wire.web.secured import secured_by
from wire.web.site import StreamingRequest, StreamingSite

if TYPE_CHECKING:
    from edge.http.streams import ExpressHttp2Channel
    from wire.http2.limits import Limits


class EdgeResource(Resource):
    """Answers everything, by conversation."""

    isLeaf = True

    def __init__(
        self, machinery: Machinery, forwarders: Forwarders = NOBODY, purging: Resource | None = None
    ) -> None:
        super().__init__()
        self._machinery = machinery
        self._forwarders = forwarders
        self._purging = purging
        """What answers PURGE, which is nobody else's business (sheet 20.7)."""

    def render(self, request: StreamingRequest) -> int:
        if request.method == b"PURGE" and self._purging is not None:
            return int(self._purging.render(request))
        head, node = head_of(request, self._forwarders), self._machinery
        visit = self._visit_of(head, request)
        if visit is None:
            Conversation(node, Exchange(head, node.policy), head, request).begin()
        else:
            converse(node, visit, request)
        return NOT_DONE_YET

    def _visit_of(self, head: RequestHead, request: StreamingRequest) -> Visit | None:
        node = self._machinery
        if node.personality is None:  # the addresses of viewers need not be worked out
            return None
        return visit_of(head, node, self._asker_of(request), has_body=request.body.length != 0)

    def _asker_of(self, request: StreamingRequest) -> Asker:
        peer = peer_of(request)
        address = self._forwarders.viewer_of(request.fields, peer)
        told = self._forwarders.introduced(request.fields, peer)
        if told is not None:  # of one who only hands on, too, no more than the region is the viewer's
            return told if told.address == address else Asker(address, region=told.region)
        if address != peer:  # the connection is another's
            return Asker(address)
        port, version = int(getattr(request.client, "port", 0)), request.clientproto[5:].decode("ascii")
        return Asker(address, port, request.scheme, version, secured_by(request.channel.transport))


def peer_of(request: StreamingRequest) -> str:
    """The address of who sent it to us."""
    return str(getattr(request.client, "host", "unknown"))


def head_of(request: StreamingRequest, forwarders: Forwarders = NOBODY) -> RequestHead:
    """The request as the core wants it: raw target, latin-1 text, and whence it came.

    The viewer's address is noted here and not on the way out, so that an answer that varies on it is never
    another viewer's (sheet 16.3, 22.2).
    """
    fields = request.fields
    viewer = peer_of(request)
    return RequestHead(
        method=request.method.decode("ascii"),
        target=request.uri.decode("latin-1"),
        scheme=forwarders.scheme_of(fields, viewer, request.scheme),
        version=request.clientproto[5:].decode("ascii"),
        fields=with_forwarder(fields, viewer),
    )


def express_http2_channel(site: ViewersSite, limits: Limits) -> ExpressHttp2Channel:
    """Loads what speaks HTTP/2, which is spoken over TLS alone."""
    from edge.http.streams import ExpressHttp2Channel

    return ExpressHttp2Channel(site, limits)


class ViewersSite(StreamingSite):
    """The viewers' connections: first the express lane, if there is one. Each version of HTTP has its own: what stands
    for a request of HTTP/2 are bytes that anybody may send over HTTP/1.
    """

    protocol = ExpressChannel
    http2_protocol = staticmethod(express_http2_channel)
    lane: ExpressLane | None = None
    http2_lane: ExpressLane | None = None
