"""Upstreams over https: verified before anything is said to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import frozen
from OpenSSL import SSL
from twisted.internet import reactor as real_reactor
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from zope.interface import implementer

from edge.settings import Limits
from edge.tls.authority import load_or_make
from edge.tls.settings import Tls
from tests.edge.tls.test_listening import pair_for
from tests.support.edge_node import QUICK, get, running_edge
from tests.support.scripted_origin import ScriptedOrigin, reactor_port, reply
from wire.web.tls import Trust, TrustUnreadable

reactor: Any = real_reactor


@asynccontextmanager
async def secure_site(folder: Path, *names: str) -> AsyncIterator[tuple[int, str, ScriptedOrigin]]:
    """An https site, the file of its authority, and what it heard: an edge of ours with a certificate."""
    authority = load_or_make(folder / "authority")
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"hello", 200, Cache_Control="max-age=60"))
    tls = Tls(listen="127.0.0.1:0", certificates=(pair_for(authority, folder, *names),))
    async with running_edge(origin.url, tls=tls, name="site") as site:
        yield site.tls_port, str(folder / "authority" / "ca.pem"), origin
    await origin.stop()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_an_edge_stands_before_an_https_site(host: str, tmp_path: Path) -> None:
    """By name and by address; connections are kept."""
    async with secure_site(tmp_path, "localhost", "127.0.0.1") as (port, ca, origin):
        async with running_edge(f"https://{host}:{port}", upstream_ca=ca) as edge:
            assert [(await get(edge, "/a")).body for _ in range(2)] == [b"hello"] * 2
            assert edge._pool.open_count == 1
        assert origin.requests[0].get("x-forwarded-proto") == "https"


@pytest_twisted.ensureDeferred
async def test_the_systems_authorities_do_not_know_ours(tmp_path: Path) -> None:
    """502 to the viewer, and not a byte to the site."""
    async with secure_site(tmp_path, "localhost") as (port, _, origin):
        async with running_edge(f"https://localhost:{port}") as edge:
            answer = await get(edge, "/a")
        assert (answer.status, b"Traceback" in answer.body) == (502, False)
        assert ("Proxy-Status", "fra-1; error=tls_certificate_error") in answer.fields
        assert origin.requests == []


@pytest_twisted.ensureDeferred
async def test_a_certificate_for_another_host_is_not_enough(tmp_path: Path) -> None:
    """RFC 9525: its authority is trusted, its name is not the one asked for."""
    async with secure_site(tmp_path, "other.localhost") as (port, ca, origin):
        async with running_edge(f"https://localhost:{port}", upstream_ca=ca) as edge:
            answer = await get(edge, "/a")
        assert answer.status == 502
        assert ("Proxy-Status", "fra-1; error=tls_certificate_error") in answer.fields
        assert origin.requests == []


@pytest_twisted.ensureDeferred
async def test_an_upstream_that_never_shakes_hands_is_left_for_the_next(tmp_path: Path) -> None:
    """The time to connect has the handshake in it."""
    silent = Factory.forProtocol(Protocol)
    silent.noisy = False
    deaf = reactor.listenTCP(0, silent, interface="127.0.0.1")
    limits = Limits(connect_seconds=0.3, drain_seconds=QUICK.drain_seconds)
    async with secure_site(tmp_path, "localhost") as (port, ca, _):
        urls = (f"https://localhost:{reactor_port(deaf)}", f"https://localhost:{port}")
        async with running_edge(*urls, upstream_ca=ca, limits=limits) as edge:
            assert (await get(edge, "/a")).body == b"hello"
    await deaf.stopListening()


class PlainHttp(Protocol):
    """A server without TLS, which takes a handshake for a request that makes no sense."""

    def dataReceived(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            self.transport.loseConnection()


@implementer(IOpenSSLServerConnectionCreator)
@frozen
class Secured:
    """Connections of one certificate."""

    context: SSL.Context

    def serverConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        return SSL.Connection(self.context, None)


class UntilClose(Protocol):
    """Its bodies end with the connection: properly for `/a`, for others without the word that nothing is missing."""

    transport: Any

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\nhello")
        if data.startswith(b"GET /a "):
            self.transport.loseConnection()
        else:
            below = self.transport.transport  # TCP: an end, and no close_notify
            reactor.callLater(
                0, below.loseConnection
            )  # what is written is gathered until the reactor's next turn


@pytest_twisted.ensureDeferred
async def test_a_body_that_ends_without_close_notify_is_cut(tmp_path: Path) -> None:
    """Sheet 12.1 (RFC 9112 §9.8): anybody on the way can end a TCP connection."""
    pair = pair_for(load_or_make(tmp_path / "authority"), tmp_path, "localhost")
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_chain_file(pair.cert)
    context.use_privatekey_file(pair.key)
    bare = Factory.forProtocol(UntilClose)
    bare.noisy = False
    site = reactor.listenTCP(
        0,
        TLSMemoryBIOFactory(Secured(context), False, bare),
        interface="127.0.0.1",
    )
    url, ca = f"https://localhost:{reactor_port(site)}", str(tmp_path / "authority" / "ca.pem")
    async with running_edge(url, upstream_ca=ca) as edge:
        for path, is_whole in (("/a", True), ("/b", False)):
            answers = [await get(edge, path) for _ in range(2)]
            assert [(answer.body, answer.is_whole) for answer in answers] == [(b"hello", is_whole)] * 2
            assert [answer.cache for answer in answers] == ["MISS", "HIT" if is_whole else "MISS"]
    await site.stopListening()


@pytest_twisted.ensureDeferred
async def test_plain_http_where_tls_was_expected() -> None:
    """A wrong scheme in the configuration is a 502, not a riddle."""
    plain = Factory.forProtocol(PlainHttp)
    plain.noisy = False
    site = reactor.listenTCP(0, plain, interface="127.0.0.1")
    async with running_edge(f"https://localhost:{reactor_port(site)}") as edge:
        answer = await get(edge, "/a")
        assert answer.status == 502
        assert ("Proxy-Status", "fra-1; error=tls_protocol_error") in answer.fields
    await site.stopListening()


@pytest_twisted.ensureDeferred
async def test_who_says_nothing_to_a_handshake_is_too_slow() -> None:
    """RFC 9209 2.3.3: a connection that is not there in time is a 504."""
    origin = ScriptedOrigin().listen()  # it waits for the end of a head
    async with running_edge(f"https://localhost:{origin.port}") as edge:
        assert (await get(edge, "/a")).status == 504
    await origin.stop()


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nx"])
def test_a_file_of_authorities_that_has_none_is_told_at_once(content: str | None, tmp_path: Path) -> None:
    """With its name."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(
        TrustUnreadable, match=r"ca\.pem: (no certificates can be read|there is no certificate)"
    ):
        Trust(str(path))
