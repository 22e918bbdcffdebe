"""Twisted's HTTP client with persistent connections, over whatever way out a node was given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from treq import content
from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IConsumer, IStreamClientEndpoint
from twisted.web.client import URI, Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory, IBodyProducer
from zope.interface import implementer

from wire.web.dialling import LoopEndpoint, is_address
from wire.web.listening import loop_of

if TYPE_CHECKING:
    from wire.web.tls import Trust

ConnectFactory = IAgentEndpointFactory


@implementer(IAgentEndpointFactory)
class PlainConnect:
    """The way out of a node that nobody shapes: TCP, and TLS for https."""

    def __init__(self, reactor: Any, connect_seconds: float = 5.0, ca_file: str = "") -> None:
        self._reactor = reactor
        self._connect_seconds = connect_seconds
        self._ca_file = ca_file
        self._trust: Trust | None = None
        if ca_file:
            self._trusted()  # what is wrong with it is told now

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """An endpoint to the URI's host and port."""
        host, port = uri.host.decode("ascii"), uri.port
        loop = loop_of(self._reactor)
        if loop is not None and uri.scheme != b"https" and is_address(host):
            return LoopEndpoint(loop, self._reactor, host, port, self._connect_seconds)
        # Asked by name, answered by whichever of its addresses takes the call first (RFC 8305).
        endpoint = HostnameEndpoint(self._reactor, host, port, timeout=self._connect_seconds)
        if uri.scheme == b"https":
            return self._secured(endpoint, host)
        return endpoint

    def _secured(self, endpoint: IStreamClientEndpoint, host: str) -> IStreamClientEndpoint:
        from wire.web.tls import TlsEndpoint  # which loads OpenSSL

        return TlsEndpoint(endpoint, host, self._trusted(), self._reactor, self._connect_seconds)

    def _trusted(self) -> Trust:
        if self._trust is None:
            from wire.web.tls import Trust

            self._trust = Trust(self._ca_file)
        return self._trust


@implementer(IBodyProducer)
class BytesProducer:
    """A request's body that is at hand."""

    def __init__(self, content: bytes) -> None:
        self.length = len(content)
        self._content = content

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        """Write it all."""
        consumer.write(self._content)
        return succeed(None)

    def pauseProducing(self) -> None:
        """It is written already."""

    def resumeProducing(self) -> None:
        """It is written already."""

    def stopProducing(self) -> None:
        """It is written already."""


def make_agent(
    reactor: Any,
    connect: IAgentEndpointFactory | None = None,
    *,
    connect_seconds: float = 5.0,
    per_host: int = 16,
    idle_seconds: float = 55.0,
) -> tuple[Agent, HTTPConnectionPool]:
    """An agent and its pool. Close the pool (`pool.closeCachedConnections()`) when the node stops."""
    pool = HTTPConnectionPool(reactor)
    pool.maxPersistentPerHost = per_host
    pool.cachedConnectionTimeout = idle_seconds  # type: ignore[assignment]  # seconds, any number
    factory = connect or PlainConnect(reactor, connect_seconds)
    return Agent.usingEndpointFactory(reactor, factory, pool), pool


async def post_json(agent: IAgent, url: str, told: Any, *, sender: str = "pixeledge") -> tuple[int, bytes]:
    """Tell another node something: its status and what it answers."""
    headers = Headers({"Content-Type": ["application/json"], "User-Agent": [sender]})
    body = BytesProducer(json.dumps(told).encode())
    response = await agent.request(b"POST", url.encode("ascii"), headers, body)
    return response.code, await content(response)
