"""The way out to a remote server: to an address that was looked up and admitted just now, and to no other."""

import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import Any

from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import (
    IAddress,
    IHostResolution,
    IProtocol,
    IProtocolFactory,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from twisted.internet.ssl import optionsForClientTLS
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from origin.remote.addresses import Guard

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""A name → its addresses, as literals."""

ADDRESSES_TRIED = 4
CONNECT_SECONDS = 4.0  # an address
HEAD_BYTES = 256 * 1024  # much more than any head, since the body's beginning may come with it


class AddressRefused(ConnectError):
    """None of a host's addresses may be connected to."""


@define(eq=False)
class HeadMeter:
    """How much a server may still say before its body; whoever has the head in hand opens it for the rest."""

    left: int = HEAD_BYTES
    is_open: bool = False

    def admits(self, count: int) -> bool:
        """Whether so many bytes more are not too many."""
        self.left -= 0 if self.is_open else count
        return self.left >= 0


@implementer(IResolutionReceiver)
@define(eq=False)
class _Resolution:
    """The addresses of one name, when all have come."""

    found: list[str] = field(factory=list)
    complete: "Deferred[Sequence[str]]" = field(factory=Deferred)

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        """They come one by one."""

    def addressResolved(self, address: IAddress) -> None:
        """One of them."""
        self.found.append(str(getattr(address, "host", "")))

    def resolutionComplete(self) -> None:
        """That was all."""
        if not self.complete.called:
            self.complete.callback(self.found)


def system_resolver(reactor: Any) -> Resolve:
    """Names as this machine knows them."""

    def resolve(name: str) -> "Deferred[Sequence[str]]":
        resolution = _Resolution()
        reactor.nameResolver.resolveHostName(resolution, name)
        return resolution.complete

    return resolve


@implementer(IAgentEndpointFactory)
@frozen
class GuardedConnect:
    """Connects, for one request, where the guard admits it: the host is looked up anew for each."""

    reactor: Any
    resolve: Resolve
    guard: Guard
    meter: HeadMeter
    trust: Any = None  # of TLS; None: the platform's certificates

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """An endpoint to the URI's host and port."""
        host = uri.host.decode("ascii").strip("[]")
        endpoint: IStreamClientEndpoint = _CheckedEndpoint(self, host, uri.port)
        if uri.scheme == b"https":
            endpoint = wrapClientTLS(optionsForClientTLS(host, trustRoot=self.trust), endpoint)
        return _MeteredEndpoint(endpoint, self.meter)


@implementer(IStreamClientEndpoint)
@frozen
class _CheckedEndpoint:
    """TCP to one of a host's admitted addresses, the first that takes the call."""

    way: GuardedConnect
    host: str
    port: int

    def connect(self, protocolFactory: IProtocolFactory) -> "Deferred[IProtocol]":
        return Deferred.fromCoroutine(self._connected(protocolFactory))

    async def _connected(self, factory: IProtocolFactory) -> IProtocol:
        found = [self.host] if _is_literal(self.host) else await self.way.resolve(self.host)
        if not found:
            raise DNSLookupError(f"no address found for {self.host}")
        admitted = [address for address in dict.fromkeys(found) if self.way.guard.admits(address)]
        if not admitted:
            raise AddressRefused(string=f"{self.host} is at {', '.join(found)}")
        *firsts, last = admitted[:ADDRESSES_TRIED]
        for address in firsts:
            try:
                return await self._endpoint(address).connect(factory)
            except ConnectError:
                continue
        return await self._endpoint(last).connect(factory)

    def _endpoint(self, address: str) -> IStreamClientEndpoint:
        # An address literal is connected to as it is: there is no second look-up to be lied to by.
        kind = TCP4ClientEndpoint if ip_address(address).version == 4 else TCP6ClientEndpoint
        return kind(self.way.reactor, address, self.port, timeout=CONNECT_SECONDS)


def _is_literal(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return True
    return False


@implementer(IStreamClientEndpoint)
@frozen
class _MeteredEndpoint:
    """An endpoint whose servers are cut off when they say too much ahead of the body."""

    inner: IStreamClientEndpoint
    meter: HeadMeter

    def connect(self, protocolFactory: IProtocolFactory) -> "Deferred[IProtocol]":
        connecting: Deferred[Any] = self.inner.connect(_Metering(protocolFactory, self.meter))
        return connecting.addCallback(lambda wrapper: wrapper.wrappedProtocol)


class _Metered(ProtocolWrapper):
    """Shows every byte to the meter before anyone takes it in."""

    def dataReceived(self, data: bytes) -> None:
        meter: HeadMeter = self.factory.meter  # of the factory below
        if meter.admits(len(data)):
            super().dataReceived(data)
        else:
            self.abortConnection()

    def loseConnection(self) -> None:
        """Ends at once. A client has said all by then, and TLS would wait, for ever, for the server's leave."""
        self.abortConnection()


class _Metering(WrappingFactory):
    protocol = _Metered

    def __init__(self, factory: Any, meter: HeadMeter) -> None:
        super().__init__(factory)
        self.meter = meter
