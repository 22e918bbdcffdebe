"""A TLS port of a site: the handshake under a time limit, then the protocol that was agreed on (RFC 7301)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from OpenSSL import SSL
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHandshakeListener,
    IOpenSSLServerConnectionCreator,
    IReactorTime,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from edge.tls.authority import load_or_make
from edge.tls.certificates import (
    EVERYBODY,
    Certificates,
    GivenCertificates,
    IssuedCertificates,
)
from edge.tls.context import make_context
from edge.tls.settings import Tls
from wire.http2.limits import Limits
from wire.web.refusing import refusal_bytes
from wire.web.site import StreamingSite
from wire.web.tls import reason_of

log = Logger()

HANDSHAKE_RECORD = 0x16  # RFC 8446 §5.1
WRITTEN_BYTES = 256 * 1024  # of one call of OpenSSL, which keeps what it made of the largest
ROOM_BYTES = 16 * 1024
"""What encrypting may add to that, and what waited to be sent before: alerts, tickets."""
PLAIN = "This port speaks HTTPS: use https:// in the URL"

Build = Callable[[IAddress], Protocol | None]


class Door(TLSMemoryBIOProtocol):
    """The TLS layer of a connection. Who speaks plain HTTP to it is told so in plain HTTP.

    What is written goes through OpenSSL in one call and to the transport in one; Twisted makes a round of every
    16 KiB.
    """

    _is_known_as_tls = False

    def dataReceived(self, data: bytes) -> None:
        if not self._is_known_as_tls:
            if data[0] != HANDSHAKE_RECORD:
                self._turn_away(data)
                return
            self._is_known_as_tls = True
        super().dataReceived(data)

    def _write(self, bytes: bytes) -> None:  # noqa: A002  as Twisted has it
        if self._lostTLSConnection or self.transport is None:
            return
        for start in range(0, len(bytes), WRITTEN_BYTES):
            piece = memoryview(bytes)[start : start + WRITTEN_BYTES]
            try:
                self._tlsConnection.send(piece)
            except SSL.WantReadError:
                self._bufferedWrite(bytes[start:])
                return
            except SSL.Error:
                self._tlsShutdownFinished(Failure())
                return
            self.transport.write(self._tlsConnection.bio_read(len(piece) + ROOM_BYTES))

    def _turn_away(self, data: bytes) -> None:
        if self._aborted or self.transport is None:
            return
        self._aborted = True
        if data[:1].isalpha():
            self.transport.write(refusal_bytes(400, PLAIN, time.time()))
        self.transport.loseConnection()


@implementer(IHandshakeListener)
class Threshold(Protocol):
    """Stands in for a connection's protocol until the handshake is done. A site counts it as a connection."""

    request = None
    transport: Any

    def __init__(self, factory: ThresholdFactory, address: IAddress) -> None:
        self.factory = factory
        self._address = address
        self._alarm: IDelayedCall | None = None
        self._has_place = False

    def connectionMade(self) -> None:
        factory = cast(ThresholdFactory, self.factory)
        host = str(getattr(self._address, "host", ""))
        self._has_place = factory.site.places.take(host)  # the protocol takes one of its own
        if not self._has_place:
            factory.site.refused[503] += 1
            self.abort()
        factory.site.channels.add(self)
        self._alarm = factory.clock.callLater(factory.handshake_seconds, self.abort)

    def handshakeCompleted(self) -> None:
        factory = cast(ThresholdFactory, self.factory)
        self._leave()
        build = factory.builds.get(self.transport.negotiatedProtocol or b"http/1.1")
        protocol = build(self._address) if build is not None else None
        if protocol is None:
            self.transport.abortConnection()
            return
        self.transport.wrappedProtocol = protocol
        protocol.makeConnection(self.transport)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._leave()
        if isinstance(reason.value, SSL.Error):
            host = getattr(self._address, "host", "?")
            log.info("no TLS with {host}: {why}", host=host, why=reason_of(reason.value))

    def _leave(self) -> None:
        factory = cast(ThresholdFactory, self.factory)
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        if self._has_place:
            self._has_place = False
            factory.site.places.leave(str(getattr(self._address, "host", "")))
        factory.site.channel_closed(self)

    # What a site asks of its channels

    def close_when_idle(self) -> None:
        """Nobody has asked for anything yet."""
        self.abort()

    def abort(self) -> None:
        self.transport.abortConnection()

    def loseConnection(self) -> None:
        self.transport.abortConnection()


class ThresholdFactory(Factory):
    """Builds thresholds, and knows what lies behind each protocol's name."""

    noisy = False

    def __init__(
        self,
        site: StreamingSite,
        builds: Mapping[bytes, Build],
        clock: IReactorTime,
        handshake_seconds: float,
    ) -> None:
        self.site = site
        self.builds = builds
        self.clock = clock
        self.handshake_seconds = handshake_seconds

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        return Threshold(self, addr) if addr is not None else None


@implementer(IOpenSSLServerConnectionCreator)
class Greeter:
    """Makes the OpenSSL side of each connection, and gives it the certificate of the host it asks for."""

    def __init__(self, settings: Tls, protocols: tuple[bytes, ...], now: Callable[[], float]) -> None:
        def blank() -> SSL.Context:
            return make_context(protocols, self._named)

        self.certificates: Certificates
        if settings.certificates:
            self.certificates = GivenCertificates(settings.certificates, blank, now)
        else:
            authority = load_or_make(Path(settings.authority), settings.hosts)
            host = settings.listen.rpartition(":")[0].strip("[]")
            is_more = host not in EVERYBODY and authority.may_sign(host)
            everybody = (*EVERYBODY, host) if is_more else EVERYBODY
            self.certificates = IssuedCertificates(authority, blank, now, everybody)
        self.certificates.context_for("")  # what is wrong with it is told now

    def serverConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """Begin with everybody's certificate: who names no host never says so."""
        return SSL.Connection(self.certificates.context_for(""), None)

    def _named(self, connection: SSL.Connection) -> None:
        name = connection.get_servername()
        if name:
            connection.set_context(self.certificates.context_for(name.decode("ascii", "replace")))


def tls_factory(
    settings: Tls,
    site: StreamingSite,
    clock: IReactorTime,
    now: Callable[[], float] = time.time,
) -> TLSMemoryBIOFactory:
    """What to listen with for a site's viewers over TLS. AuthorityError where no certificate can be shown."""
    told = site.limits.head
    limits = Limits(
        streams=settings.streams,
        header_bytes=told.head_bytes,
        fields=told.fields,
        target_bytes=told.line_bytes,
        body_bytes=told.body_bytes,
        any_body=told.any_body,
        too_large=told.too_large,
    )
    builds: dict[bytes, Build] = {}
    if settings.http2:
        builds[b"h2"] = lambda _: site.http2_protocol(site, limits)
    builds[b"http/1.1"] = cast(Build, site.buildProtocol)
    greeter = Greeter(settings, tuple(builds), now)
    thresholds = ThresholdFactory(site, builds, clock, settings.handshake_seconds)
    factory = TLSMemoryBIOFactory(greeter, False, thresholds, clock)
    factory.protocol = Door
    return factory
