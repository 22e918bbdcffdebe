"""The way out of a node that lives somewhere: connections that take the time their link would.

A node is given these endpoints instead of plain ones and never hears of it. Whoever wraps a transport owns
both sides' pauses, or the inner one undoes the outer: here the protocol inside can only hold a lane, never
the socket.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionAborted, ConnectionLost
from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IDelayedCall,
    IProtocol,
    IProtocolFactory,
    IPushProducer,
    IStreamClientEndpoint,
    ITransport,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from sim.links.cable import Cable
from sim.links.lane import Lane


@implementer(IAgentEndpointFactory)
class ShapedConnect:
    """Endpoints to upstreams: shaped where a link is known for host:port, plain where none is."""

    def __init__(self, plain: IAgentEndpointFactory, cables: Mapping[str, Cable]) -> None:
        self._plain = plain
        self._cables = cables

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """An endpoint to the URI's host and port."""
        endpoint = self._plain.endpointForURI(uri)
        host = uri.host.decode("ascii")
        cable = self._cables.get(f"[{host}]:{uri.port}" if ":" in host else f"{host}:{uri.port}")
        if cable is None:
            return cast(IStreamClientEndpoint, endpoint)
        return ShapedEndpoint(endpoint, cable)


@implementer(IStreamClientEndpoint)
class ShapedEndpoint:
    """An endpoint at the far end of a link. To connect takes a round trip, as TCP's handshake does."""

    def __init__(self, endpoint: IStreamClientEndpoint, cable: Cable) -> None:
        self._endpoint = endpoint
        self._cable = cable

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        greeting = Greeting(self._cable)
        made: Deferred[Any] = greeting.heard
        made.addCallback(lambda _: self._endpoint.connect(ShapingFactory(protocolFactory, self._cable)))
        made.addCallback(lambda shaped: shaped.inner)
        return made


class Greeting:
    """TCP's handshake. Over a cut cable it waits; whoever cancels it has waited long enough."""

    def __init__(self, cable: Cable) -> None:
        self.heard: Deferred[None] = Deferred(lambda _: self._end())
        self._cable = cable
        self._next: IDelayedCall | None = None
        cable.riders[self] = None
        self.retime()

    def retime(self) -> None:
        """It is said again."""
        if self._next is not None:
            self._next.cancel()
        takes = self._cable.greeting_seconds
        self._next = self._cable.clock.callLater(takes, self._answered) if takes < math.inf else None

    def reset(self) -> None:
        """Refused."""
        self._end()
        self.heard.errback(ConnectionLost("the link was reset"))

    def _answered(self) -> None:
        self._next = None
        self._end()
        self.heard.callback(None)

    def _end(self) -> None:
        self._cable.riders.pop(self, None)
        if self._next is not None:
            self._next.cancel()
            self._next = None


class ShapingFactory(Factory):
    """Builds what the inner factory would, with a link before it."""

    noisy = False

    def __init__(self, inner: IProtocolFactory, cable: Cable) -> None:
        self._inner = inner
        self._cable = cable

    def doStart(self) -> None:
        self._inner.doStart()

    def doStop(self) -> None:
        self._inner.doStop()

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        inner = self._inner.buildProtocol(addr) if addr is not None else None
        return ShapedConnection(inner, self._cable) if inner is not None else None


@implementer(ITransport, IConsumer, IPushProducer)
class ShapedConnection(Protocol):
    """A connection over a link: the socket's protocol, and the transport of the protocol inside."""

    def __init__(self, inner: IProtocol, cable: Cable) -> None:
        self.inner = inner
        self._cable = cable
        clock = cable.clock
        self._outgoing = Lane(
            cable.out, clock, self._send, filled=self._pause_producer, drained=self._resume_producer
        )
        self._incoming = Lane(
            cable.back, clock, inner.dataReceived, filled=self._pause_socket, drained=self._resume_socket
        )
        self._made_at = clock.seconds()
        self._aging: IDelayedCall | None = None
        self._producer: Any = None
        self._is_streaming = False
        self._is_waiting = False  # the producer inside has been asked to wait
        self._is_leaving = False  # the protocol inside has hung up
        self._is_lost = False
        self._is_over = False  # and the protocol inside knows

    # the socket's side

    def connectionMade(self) -> None:
        # the socket's buffer is full: hold the lane, which in time fills and asks the producer inside to wait
        self._socket.registerProducer(SocketSide(self._outgoing), True)
        self._cable.riders[self] = None
        self._age()
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
            self._over(reason)
        else:
            self._incoming.end(lambda: self._over(reason))

    def _over(self, reason: Failure) -> None:
        """The protocol inside hears that it is over, once."""
        if self._is_over:
            return
        self._is_over = True
        self._incoming.clear()
        self._cable.riders.pop(self, None)
        self._stop_aging()
        self.inner.connectionLost(reason)

    # the cable's side

    def retime(self) -> None:
        """What is under way sets out again."""
        self._outgoing.retime()
        self._incoming.retime()
        self._age()

    def reset(self) -> None:
        """It ends with what is under way unheard, at both ends."""
        self._is_leaving = True
        self._outgoing.clear()
        self._over(Failure(ConnectionLost("the link was reset")))
        if not self._is_lost:
            self._socket.abortConnection()

    def _stop_aging(self) -> None:
        if self._aging is not None and self._aging.active():
            self._aging.cancel()
        self._aging = None

    def _age(self) -> None:
        self._stop_aging()
        age = self._cable.reset_seconds
        if age is not None and not self._is_over:
            left = self._made_at + age - self._cable.clock.seconds()
            self._aging = self._cable.clock.callLater(max(0.0, left), self.reset)

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
        if self._is_lost:  # its end was still under way
            self._over(Failure(ConnectionAborted()))
        else:
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
