"""The name server's sockets, at one port: for datagrams, and for connections (RFC 7766)."""

from __future__ import annotations

from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.interfaces import IAddress, IListeningPort, IPushProducer
from twisted.internet.protocol import DatagramProtocol, Factory, Protocol, connectionDone
from twisted.protocols.basic import Int16StringReceiver
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from zope.interface import implementer

from edge.balancer.names.responder import Responder
from wire.web.listening import host_and_port, port_of

IDLE_SECONDS = 10.0
MOST_CONNECTIONS = 128
LONGEST_QUESTION = 4096


class Datagrams(DatagramProtocol):
    """One question, one answer."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        answer = self._responder.respond(datagram, addr[0], "udp")
        if answer is not None and self.transport is not None:
            self.transport.write(answer, addr)


@implementer(IPushProducer)
class Connection(Int16StringReceiver, TimeoutMixin):
    """Questions in turn, each after its length. Who does not read its answers is not read from."""

    MAX_LENGTH = LONGEST_QUESTION
    transport: Any

    def __init__(self, responder: Responder, clock: Any) -> None:
        self._responder = responder
        self._clock = clock

    def callLater(self, seconds: float, call: Any) -> Any:
        return self._clock.callLater(seconds, call)

    def connectionMade(self) -> None:
        self.factory.connections.add(self)
        self.transport.registerProducer(self, True)
        self.setTimeout(IDLE_SECONDS)

    def stringReceived(self, string: bytes) -> None:
        self.resetTimeout()
        answer = self._responder.respond(string, self.transport.getPeer().host, "tcp")
        if answer is not None:
            self.sendString(answer)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.setTimeout(None)
        self.factory.connections.discard(self)

    def timeoutConnection(self) -> None:
        self.transport.abortConnection()

    def pauseProducing(self) -> None:
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        self.transport.resumeProducing()

    def stopProducing(self) -> None:
        """The connection is gone: nothing is left to be stopped."""


class Connections(Factory):
    """So many at once; further ones are closed."""

    noisy = False

    def __init__(self, responder: Responder, clock: Any) -> None:
        self._responder = responder
        self._clock = clock
        self.connections: set[Connection] = set()

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        if len(self.connections) >= MOST_CONNECTIONS:
            return None
        connection = Connection(self._responder, self._clock)
        connection.factory = self
        return connection

    def close_all(self) -> None:
        """End every connection."""
        for connection in tuple(self.connections):
            connection.transport.abortConnection()


class NameServer(Service):
    """Listens while it runs."""

    def __init__(self, responder: Responder, address: str, reactor: Any) -> None:
        self.responder = responder
        self.port = 0
        """Where it listens."""
        self._address = address
        self._reactor = reactor
        self._connections = Connections(responder, reactor)
        self._ports: tuple[IListeningPort, ...] = ()

    def startService(self) -> None:
        """CannotListenError where somebody else has the port."""
        super().startService()
        host, port = host_and_port(self._address)
        connections: IListeningPort = self._reactor.listenTCP(port, self._connections, interface=host)
        self._ports = (connections,)
        self.port = port_of(connections)
        datagrams = self._reactor.listenUDP(self.port, Datagrams(self.responder), interface=host)
        self._ports = (connections, datagrams)

    def stopService(self) -> Deferred[Any]:
        super().stopService()
        self._connections.close_all()
        ports, self._ports = self._ports, ()
        return DeferredList([maybeDeferred(port.stopListening) for port in ports])
