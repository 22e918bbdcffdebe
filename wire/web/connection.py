"""A connection on asyncio's own transport (libuv's, where uvloop runs the loop), as Twisted's protocols know one.

Twisted's TCP transports call `recv` and `send` from Python. The loop's do it in C, write at once, and keep what does
not go out as references to the bytes they were given. The same protocols run on both; tests/contracts hold the two to
one contract.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable
from typing import Any, cast

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IConsumer,
    IHalfCloseableProtocol,
    IProtocolFactory,
    IPushProducer,
    ITCPTransport,
)
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from wire.web.files import SharedFile
from wire.web.outlet import Outlet

log = Logger()

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # struct linger: on, 0 seconds


@implementer(ITCPTransport, IConsumer, IPushProducer)
class LoopConnection(asyncio.Protocol):
    """One accepted connection: what asyncio tells goes to a protocol, what the protocol wants goes to asyncio."""

    connected = False
    disconnecting = False
    disconnected = False
    protocol: Any = None
    _transport: Any = None
    _producer: Any = None
    _is_pulled = False
    """Whether the producer waits to be asked each time."""
    _is_full = False
    """More is waiting to be sent than the loop's high-water mark (64 KiB)."""
    _is_closed_for_writing = True
    _is_pulling = False
    _reason: Failure | None = None
    """Why it ends, where asyncio does not know."""

    def __init__(self, factory: IProtocolFactory, loop: asyncio.AbstractEventLoop) -> None:
        self._factory = factory
        self._loop = loop

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._outlet = Outlet(self._loop, transport, self.pause_writing, self._have_room, self._cannot_send)
        peer = transport.get_extra_info("peername")
        protocol = None
        if peer is not None:  # or else it has left already
            self._peer = address_of(peer)
            self._host = address_of(transport.get_extra_info("sockname"))
            protocol = self._carefully(self._factory.buildProtocol, self._peer)
        if protocol is None:
            self._transport.abort()
            return
        self.connected, self._is_closed_for_writing = True, False
        self.protocol = protocol
        self._carefully(protocol.makeConnection, self)

    def data_received(self, data: bytes) -> None:
        try:
            self.protocol.dataReceived(data)
        except Exception:  # noqa: BLE001  the border: a protocol's bug ends its connection and no other
            self._broke()

    def eof_received(self) -> bool:
        """Whether the transport is to stay open: for a protocol that knows half-closed connections, and while a file is
        sent."""
        half_closeable: Any = IHalfCloseableProtocol(self.protocol, None)
        if half_closeable is None:
            self.disconnecting = self._is_closed_for_writing = True
            is_busy = self._outlet.is_busy  # what was written before goes out all the same
            if is_busy:
                self._outlet.afterwards(self._transport.close)
            return is_busy
        self._carefully(half_closeable.readConnectionLost)
        return True

    def pause_writing(self) -> None:
        self._is_full = True
        if self._producer is not None and not self._is_pulled:
            self._producer.pauseProducing()

    def resume_writing(self) -> None:
        if not self._outlet.drained():
            self._have_room()

    def _have_room(self) -> None:
        self._is_full = False
        if self._is_pulled:
            self._pull()
        elif self._producer is not None:
            self._carefully(self._producer.resumeProducing)

    def _cannot_send(self, error: Exception) -> None:
        """A file ended too soon, or the peer has gone: it must not take what it has for all."""
        self._reason = self._reason or Failure(ConnectionLost(str(error)))
        self._is_closed_for_writing = True
        self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._outlet.drop()
        if not self.connected:
            return  # it was refused
        self.connected, self.disconnected, self._is_closed_for_writing = False, True, True
        reason = self._reason or Failure(ConnectionDone() if error is None else ConnectionLost(str(error)))
        producer, self._producer, self._is_pulled = self._producer, None, False
        protocol, self.protocol = self.protocol, None
        if producer is not None:
            self._carefully(producer.stopProducing)
        self._carefully(protocol.connectionLost, reason)

    def _carefully(self, step: Callable[..., Any], *given: object) -> Any:
        try:
            return step(*given)
        except Exception:  # noqa: BLE001  as above
            self._broke()

    def _broke(self) -> None:
        log.failure("a protocol failed, its connection ends")
        self._reason = self._reason or Failure()
        self._is_closed_for_writing = True
        self._transport.abort()

    @property
    def outlet(self) -> asyncio.Transport:
        """The loop's own transport, for a protocol that writes whole answers while nobody else does."""
        return cast(asyncio.Transport, self._transport)

    # What the protocol wants: ITransport

    def write(self, data: bytes) -> None:
        if not isinstance(data, bytes):
            raise TypeError("Data must be bytes")
        if not self._is_closed_for_writing:
            self._outlet.write([data])
            if self._is_pulled:
                self._pull_soon()

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        pieces = list(iovec)
        for piece in pieces:
            if not isinstance(piece, bytes):
                raise TypeError("Data must be bytes")
        if not self._is_closed_for_writing:
            self._outlet.write(pieces)
            if self._is_pulled:
                self._pull_soon()

    def write_file(self, file: SharedFile, start: int, stop: int, before: bytes = b"") -> None:
        """As `write` of some bytes and these of a file, which the kernel takes from there: one file at a time, and the
        connection is full until it has gone. It ends where the file does too soon.
        """
        if not self._is_closed_for_writing:
            self._outlet.write_file(file, start, stop, before)

    def loseConnection(self) -> None:
        """Close when all is written, and when no producer has more to write."""
        if self.disconnecting or not self.connected:
            return
        self.disconnecting = True
        self._transport.pause_reading()
        if self._producer is None:
            self._close()

    def _close(self) -> None:
        self._is_closed_for_writing = True
        self._outlet.afterwards(self._transport.close)

    def abortConnection(self) -> None:
        """Drop what is not written yet, and let the peer see a reset."""
        if not self.connected:
            return
        self._reason = self._reason or Failure(ConnectionAborted())
        self.disconnecting = self._is_closed_for_writing = True
        self._outlet.drop()
        self._option(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._transport.abort()

    def loseWriteConnection(self) -> None:
        """Close our direction behind what is written; a protocol that knows of such things hears of it next."""
        if self._is_closed_for_writing:
            return
        self._is_closed_for_writing = True
        self._outlet.afterwards(self._transport.write_eof)
        half_closeable: Any = IHalfCloseableProtocol(self.protocol, None)
        if half_closeable is not None:
            self._loop.call_soon(self._carefully, half_closeable.writeConnectionLost)

    def getPeer(self) -> IPv4Address | IPv6Address:
        return self._peer

    def getHost(self) -> IPv4Address | IPv6Address:
        return self._host

    # IPushProducer: what we read

    def pauseProducing(self) -> None:
        if self.connected and not self.disconnecting:
            self._transport.pause_reading()

    def resumeProducing(self) -> None:
        if self.connected and not self.disconnecting:
            self._transport.resume_reading()

    def stopProducing(self) -> None:
        self.loseConnection()

    # IConsumer: what we write

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        if self._producer is not None:
            raise RuntimeError(f"{self._producer} was never unregistered, so {producer} cannot be registered")
        if self.disconnected:
            producer.stopProducing()
            return
        self._producer, self._is_pulled = producer, not streaming
        if self._is_pulled:
            self._pull()
        elif self._is_full:
            producer.pauseProducing()

    def unregisterProducer(self) -> None:
        self._producer, self._is_pulled = None, False
        if self.connected and self.disconnecting:
            self._close()

    def _pull_soon(self) -> None:
        """A pull producer is asked again once what it wrote has gone, or may go."""
        if not self._is_pulling:
            self._is_pulling = True
            self._loop.call_soon(self._pull)

    def _pull(self) -> None:
        self._is_pulling = False
        if self._is_pulled and not self._is_full:
            self._carefully(self._producer.resumeProducing)

    # ITCPTransport

    def getTcpNoDelay(self) -> bool:
        return self._flag(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    def setTcpNoDelay(self, enabled: bool) -> None:
        self._option(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(enabled))

    def getTcpKeepAlive(self) -> bool:
        return self._flag(socket.SOL_SOCKET, socket.SO_KEEPALIVE)

    def setTcpKeepAlive(self, enabled: bool) -> None:
        self._option(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(enabled))

    def _flag(self, level: int, name: int) -> bool:
        return bool(self._transport.get_extra_info("socket").getsockopt(level, name))

    def _option(self, level: int, name: int, value: int | bytes) -> None:
        try:
            self._transport.get_extra_info("socket").setsockopt(level, name, value)
        except OSError:  # the peer was quicker
            log.debug("an option cannot be set on a connection that is gone")


def address_of(name: object) -> IPv4Address | IPv6Address:
    """Twisted's address for a socket's."""
    host, port, *more = cast(tuple[Any, ...], name)
    if more:
        return IPv6Address("TCP", host, port, *more)
    return IPv4Address("TCP", host, port)
