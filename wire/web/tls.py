"""TLS on the way out: a connection is there when its peer has shown who it is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from OpenSSL import SSL, crypto
from service_identity import VerificationError
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import (
    IAddress,
    IHandshakeListener,
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.ssl import Certificate, optionsForClientTLS, trustRootFromCertificates
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from wire.web.handshake import NotTrusted, TlsFailed

_BEGIN = "-----BEGIN CERTIFICATE-----"
_UNTRUSTED = "certificate verify failed"  # as OpenSSL calls it


class TrustUnreadable(OSError):
    """A file of authorities that is none."""


class Trust:
    """Whom a node believes: the system's authorities, or those of one PEM file, or else `TrustUnreadable`."""

    def __init__(self, ca_file: str = "") -> None:
        self._root = None
        if ca_file:
            try:
                text = Path(ca_file).read_text("ascii")
                pems = [_BEGIN + part for part in text.split(_BEGIN)[1:]]
                self._root = trustRootFromCertificates([Certificate.loadPEM(pem.encode()) for pem in pems])
            except (OSError, ValueError, crypto.Error) as error:
                raise TrustUnreadable(f"{ca_file}: no certificates can be read") from error
            if not pems:
                raise TrustUnreadable(f"{ca_file}: there is no certificate in it")
        self.options_for = lru_cache(maxsize=256)(self._options_for)

    def _options_for(self, host: str) -> Any:
        """What a connection to a host is held to, its name sent along (SNI). Made once: it reads many files."""
        options: dict[str, Any] = {} if self._root is None else {"trustRoot": self._root}
        return optionsForClientTLS(host, acceptableProtocols=[b"http/1.1"], **options)


@implementer(IStreamClientEndpoint)
class TlsEndpoint:
    """Connects when the handshake is done; fails with `TlsFailed` (`NotTrusted` by its certificate), or ConnectError
    where it does not come to an end within the time."""

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        host: str,
        trust: Trust,
        clock: IReactorTime,
        handshake_seconds: float,
    ) -> None:
        self._endpoint = endpoint
        self._host = host
        self._trust = trust
        self._clock = clock
        self._handshake_seconds = handshake_seconds

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        shaken: Deferred[IProtocol] = Deferred()
        shaking = _Shaking(factory, shaken)
        layer = TLSMemoryBIOFactory(self._trust.options_for(self._host), True, shaking, self._clock)
        secure: Any = await self._endpoint.connect(layer)
        shaken.addTimeout(self._handshake_seconds, self._clock)
        try:
            return await shaken
        except CancelledError:
            secure.abortConnection()
            raise
        except SSL.Error as error:
            why = reason_of(error)
            kind = NotTrusted if _UNTRUSTED in why else TlsFailed
            raise kind(f"no TLS with {self._host}: {why}") from error
        except VerificationError as error:
            raise NotTrusted(f"the certificate that {self._host} shows is for another host") from error
        except TookTooLong as error:
            secure.abortConnection()
            raise ConnectError(None, f"no TLS with {self._host}: {error}") from error
        except Exception as error:  # it hung up
            secure.abortConnection()
            raise TlsFailed(f"no TLS with {self._host}: {error}") from error


class _Shaking(Factory):
    noisy = False

    def __init__(self, inner: IProtocolFactory, shaken: Deferred[IProtocol]) -> None:
        self.inner = inner
        self.shaken = shaken

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        return _Handshake(self, addr) if addr is not None else None


@implementer(IHandshakeListener)
class _Handshake(Protocol):
    """Gives place to the real protocol when the peer is known."""

    def __init__(self, factory: _Shaking, address: IAddress) -> None:
        self._shaking = factory
        self._address = address

    def handshakeCompleted(self) -> None:
        transport = cast(Any, self.transport)
        shaken = self._shaking.shaken
        if transport.disconnecting or shaken.called:  # it was somebody else, or came too late
            return
        protocol = self._shaking.inner.buildProtocol(self._address)
        if protocol is None:
            transport.abortConnection()
            return
        transport.wrappedProtocol = protocol
        protocol.makeConnection(transport)
        shaken.callback(protocol)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self._shaking.shaken.called:
            self._shaking.shaken.errback(reason)


def reason_of(error: SSL.Error) -> str:
    """OpenSSL's reasons without its error stack's clutter."""
    stack = error.args[0] if error.args else ()
    reasons = [entry[-1] for entry in stack if isinstance(entry, tuple) and entry[-1]]
    return "; ".join(reasons) or "not what OpenSSL expects"
