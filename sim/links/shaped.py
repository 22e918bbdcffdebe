"""The way out of a node that lives somewhere: connections that take the time their link would.

A node is given these endpoints instead of plain ones and never hears of it. Whoever wraps a transport owns
both sides' pauses, or the inner one undoes the outer: here the protocol inside can only hold a lane, never
the socket.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IProtocol,
    IProtocolFactory,
    IPushProducer,
    IStreamClientEndpoint,
    ITransport,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from sim.links.lane import Lane
from sim.links.schedule import Link, Schedule


@implementer(IAgentEndpointFactory)
class ShapedConnect:
    """Endpoints to upstreams: shaped where a link is known for host:port, plain where none is."""

    def __init__(
        self, plain: IAgentEndpointFactory, links: Mapping[str, Link], clock: Any, rng: Random
    ) -> None:
        self._plain = plain
        self._clock = clock
        # a schedule is the wire itself: every connection to the same place shares it
        self._wires = {address: (Schedule(link, rng), Schedule(link, rng)) for address, link in links.items()}

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """An endpoint to the URI's host and port."""
        endpoint = self._plain.endpointForURI(uri)
        host = uri.host.decode("ascii")
        wires = self._wires.get(f"[{host}]:{uri.port}" if ":" in host else f"{host}:{uri.port}")
        if wires is None:
            return cast(IStreamClientEndpoint, endpoint)
        return ShapedEndpoint(endpoint, *wires, self._clock)


@implementer(IStreamClientEndpoint)
class ShapedEndpoint:
    """An endpoint at the far end of a link. To connect takes a round trip, as TCP's handshake does."""

    def __init__(self, endpoint: IStreamClientEndpoint, out: Schedule, back: Schedule, clock: Any) -> None:
        self._endpoint = endpoint
        self._out = out
        self._back = back
        self._clock = clock

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        shaping = ShapingFactory(protocolFactory, self._out, self._back, self._clock)
        handshake: Deferred[Any] = deferLater(self._clock, self._out.link.rtt_seconds)
        handshake.addCallback(lambda _: self._endpoint.connect(shaping))
        handshake.addCallback(lambda shaped: shaped.inner)
        return handshake


class ShapingFactory(Factory):
    """Builds what the inner factory would, with a link before it."""

    noisy = False

    def __init__(self, inner: IProtocolFactory, out: Schedule, back: Schedule, clock: Any) -> None:
        self._inner = inner
        self._out = out
        self._back = back
        self._clock = clock

    def doStart(self) -> None:
        self._inner.doStart()

    def doStop(self) -> None:
        self._inner.doStop()

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        inner = self._inner.buildProtocol(addr) if addr is not None else None
        return ShapedConnection(inner, self._out, self._back, self._clock) if inner is not None else None


@implementer(ITransport, IConsumer, IPushProducer)
class ShapedConnection(Protocol):
    """A connection over a link: the socket's protocol, and the transport of the protocol inside."""

    def __init__(self, inner: IProtocol, out: Schedule, back: Schedule, clock: Any) -> None:
        self.inner = inner
        self._outgoing = Lane(
            out, clock, self._send, filled=self._pause_producer, drained=self._resume_producer
        )
        self._incoming = Lane(
            back, clock, inner.dataReceived, filled=self._pause_socket, drained=self._resume_socket
        )
        self._producer: Any = None
        self._is_streaming = False
        self._is_waiting = False  # the producer inside has been asked to wait
        self._is_leaving = False  # the protocol inside has hung up
        self._is_lost = False

    # the socket's side

    def connectionMade(self) -> None:
        # the socket's buffer is full: hold the lane, which in time fills and asks the producer inside to wait
        self._socket.registerProducer(SocketSide(self._outgoing), True)
        self.inner.makeConnection(self)

    @property
    def _socket(self) -> Any:
        return self.transport

    def dataReceived(self, data: bytes) -> None:
        if not self._is_leaving:
            self._incoming.put(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._is_lost = True
        self._outgoing.clear()
        if self._producer is not None:
            producer, self._producer = self._producer, None
            producer.stopProducing()
        if self._is_leaving:
            self._incoming.clear()
            self.inner.connectionLost(reason)
        else:
            self._incoming.end(lambda: self.inner.connectionLost(reason))

    def _pause_socket(self) -> None:
        self._socket.pauseProducing()

    def _resume_socket(self) -> None:
        if not self._is_lost:
            self._socket.resumeProducing()

    def _send(self, data: bytes) -> None:
        self._socket.write(data)
        self._ask_for_more()

    # the protocol's side: ITransport

    def write(self, data: bytes) -> None:
        if data and not self._is_leaving and not self._is_lost:
            self._outgoing.put(data)

    def writeSequence(self, data: Any) -> None:
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        if not self._is_leaving and not self._is_lost:
            self._is_leaving = True
            self._outgoing.end(self._hang_up)

    def abortConnection(self) -> None:
        self._is_leaving = True
        self._outgoing.clear()
        self._incoming.clear()
        self._socket.abortConnection()

    def _hang_up(self) -> None:
        self._socket.unregisterProducer()
        self._socket.loseConnection()

    @property
    def disconnecting(self) -> bool:
        return self._is_leaving

    def getPeer(self) -> IAddress:
        return cast(IAddress, self._socket.getPeer())

    def getHost(self) -> IAddress:
        return cast(IAddress, self._socket.getHost())

    def __getattr__(self, name: str) -> Any:
        # setTcpNoDelay and its like concern the socket alone
        return getattr(self.__dict__["transport"], name) if "transport" in self.__dict__ else _absent(name)

    # the protocol's side: IPushProducer of what comes in

    def pauseProducing(self) -> None:
        self._incoming.hold()

    def resumeProducing(self) -> None:
        self._incoming.release()

    def stopProducing(self) -> None:
        self.loseConnection()

    # the protocol's side: IConsumer of what goes out

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        if self._producer is not None:
            raise RuntimeError("a producer is registered already")
        if self._is_lost:
            producer.stopProducing()
            return
        self._producer, self._is_streaming, self._is_waiting = producer, streaming, False
        if not streaming:
            producer.resumeProducing()

    def unregisterProducer(self) -> None:
        self._producer = None

    def _pause_producer(self) -> None:
        self._is_waiting = True
        if self._producer is not None and self._is_streaming:
            self._producer.pauseProducing()

    def _resume_producer(self) -> None:
        self._is_waiting = False
        if self._producer is not None and self._is_streaming:
            self._producer.resumeProducing()

    def _ask_for_more(self) -> None:
        """A pull producer writes when asked, and is asked whenever the lane has room."""
        if self._producer is not None and not self._is_streaming and not self._is_waiting:
            self._producer.resumeProducing()


@implementer(IPushProducer)
class SocketSide:
    """What the socket pauses when its own buffer is full: the outgoing lane."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    def pauseProducing(self) -> None:
        self._lane.hold()

    def resumeProducing(self) -> None:
        self._lane.release()

    def stopProducing(self) -> None:
        self._lane.clear()


def _absent(name: str) -> Any:
    raise AttributeError(name)
