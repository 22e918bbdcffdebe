"""The way out on the loop's own transports, for Twisted's protocols."""

from __future__ import annotations

import asyncio
from typing import Any

from attrs import frozen
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import TimeoutError as TookTooLong
from twisted.internet.error import UserError, getConnectError
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from zope.interface import implementer

from wire.web.connection import LoopConnection


def is_address(host: str) -> bool:
    """Whether nobody need be asked where that is."""
    return bool(isIPAddress(host) or isIPv6Address(host))


@implementer(IStreamClientEndpoint)
@frozen
class LoopEndpoint:
    """A port at an address, dialled by the loop; as Twisted's endpoints, with their errors."""

    loop: asyncio.AbstractEventLoop
    reactor: Any
    host: str
    """An address; a name would be looked up by the loop, one address after the other."""
    port: int
    seconds: float

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        return Deferred.fromCoroutine(self._connect(LoopConnection(protocolFactory, self.loop)))

    async def _connect(self, connection: LoopConnection) -> Any:
        dialling = self.loop.create_task(
            self.loop.create_connection(lambda: connection, self.host, self.port)
        )
        late = self.reactor.callLater(self.seconds, dialling.cancel)
        try:
            await Deferred.fromFuture(dialling)
        except asyncio.CancelledError as cancelled:
            connection.abortConnection()  # it may have just been made
            raise (CancelledError if late.active() else TookTooLong)() from cancelled
        except OSError as refused:
            raise getConnectError(refused) from refused
        finally:
            if late.active():
                late.cancel()
        if connection.protocol is None and not connection.disconnected:
            raise UserError("nothing was to be connected")
        return connection.protocol
