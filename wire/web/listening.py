"""Ports on which the loop accepts connections itself, for Twisted's protocols."""

from __future__ import annotations

import asyncio
import errno
import socket
from functools import partial
from typing import Any, cast

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.internet.tcp import Port
from zope.interface import implementer

from wire.web.connection import LoopConnection, address_of

BACKLOG = 1024


def listen(
    reactor: Any,
    factory: IProtocolFactory,
    port: int,
    *,
    interface: str = "",
    backlog: int = BACKLOG,
    reuse_port: bool = False,
) -> IListeningPort:
    """Accept connections for `factory`; the port is bound when this returns, or CannotListenError says why not.

    On Twisted's asyncio reactor the connections are `LoopConnection`s; any other reactor has its own.
    """
    loop = loop_of(reactor)
    if loop is None:
        own: IListeningPort = reactor.listenTCP(port, factory, backlog=backlog, interface=interface)
        return own
    served = LoopPort(loop, factory, _named(port, interface, reuse_port=reuse_port), backlog)
    served.startListening()
    return served


def reserved(reactor: Any, factory: IProtocolFactory, port: int, *, interface: str = "") -> IListeningPort:
    """The same for later: until its `startListening`, nobody else may have the port, and whoever calls is refused."""
    loop = loop_of(reactor)
    if loop is None:
        return Port(port, factory, BACKLOG, interface, reactor)
    return LoopPort(loop, factory, _named(port, interface))


def host_and_port(address: str) -> tuple[str, int]:
    """What an address as it is written in settings (`127.0.0.1:8080`, `[::1]:0`) says."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def port_of(port: IListeningPort) -> int:
    """The number the system gave it."""
    return int(cast(IPv4Address | IPv6Address, port.getHost()).port)


def loop_of(reactor: object) -> asyncio.AbstractEventLoop | None:
    """The loop below Twisted's asyncio reactor, which has no public name there; None for other reactors."""
    return getattr(reactor, "_asyncioEventloop", None)


def bound(port: int, interface: str, backlog: int, *, reuse_port: bool = False) -> socket.socket:
    """A listening TCP socket."""
    listener = _named(port, interface, reuse_port=reuse_port)
    _open(listener, backlog)
    return listener


def _named(port: int, interface: str, *, reuse_port: bool = False) -> socket.socket:
    """A TCP socket that has its address, and does not listen."""
    family = socket.AF_INET6 if ":" in interface else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setblocking(False)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((interface, port))
    except OSError as error:
        listener.close()
        raise CannotListenError(interface, port, error) from error
    return listener


def _open(listener: socket.socket, backlog: int) -> None:
    """With SO_REUSEADDR two may have the same address, but only one may listen there."""
    interface, port, *_ = listener.getsockname()
    try:
        listener.listen(backlog)
    except OSError as error:
        listener.close()
        raise CannotListenError(interface, port, error) from error


@implementer(IListeningPort)
class LoopPort:
    """Once started it accepts connections for `factory` on a socket that is bound already, and is the port's from now
    on. Where that listens already, connections that come before wait in the kernel."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        factory: IProtocolFactory,
        listener: socket.socket,
        backlog: int = BACKLOG,
    ) -> None:
        self._loop = loop
        self._factory = factory
        self._listener = listener
        self._backlog = backlog
        self._address = address_of(listener.getsockname())
        self._opening: asyncio.Task[asyncio.Server] | None = None

    def startListening(self) -> None:
        if self._opening is not None:
            started = OSError(errno.EINVAL, "it was started before")
            raise CannotListenError(self._address.host, self._address.port, started)
        _open(self._listener, self._backlog)
        self._factory.doStart()
        connection = partial(LoopConnection, self._factory, self._loop)
        serving = self._loop.create_server(connection, sock=self._listener, backlog=self._backlog)
        self._opening = self._loop.create_task(serving)

    def stopListening(self) -> Deferred[None]:
        """Accept no more; connections that were accepted live on. Twice is once."""
        opening, self._opening = self._opening, None
        if opening is None:
            self._listener.close()
            return succeed(None)
        return Deferred.fromCoroutine(self._stop(opening))

    async def _stop(self, opening: asyncio.Task[asyncio.Server]) -> None:
        server: asyncio.Server = await Deferred.fromFuture(opening)
        server.close()
        self._factory.doStop()

    def getHost(self) -> IPv4Address | IPv6Address:
        return self._address
