"""Viewers over TLS: a real client that verifies, in a thread or on the reactor."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

from attrs import frozen
from twisted.internet import reactor as real_reactor
from twisted.internet.threads import deferToThread

from edge.tls.authority import Authority

reactor: Any = real_reactor


@frozen
class Handshake:
    """What a handshake came to."""

    version: str
    protocol: str | None
    names: frozenset[str]
    reused: bool


def client_context(authority: Authority, *protocols: str) -> ssl.SSLContext:
    """A client that trusts this authority alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.pem)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def shake(
    port: int,
    context: ssl.SSLContext,
    host: str = "localhost",
    data: bytes = b"",
    session: ssl.SSLSession | None = None,
) -> tuple[Handshake, bytes, ssl.SSLSession | None]:
    """Connect, verify, send and read to the end. Blocks: call it by `in_thread`."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host, session=session) as secure,
    ):
        certificate = secure.getpeercert() or {}
        names = frozenset(str(pair[1]) for pair in certificate.get("subjectAltName", ()))
        told = Handshake(
            str(secure.version()), secure.selected_alpn_protocol(), names, bool(secure.session_reused)
        )
        received = b""
        if data:
            secure.sendall(data)
            while piece := secure.recv(65536):
                received += piece
        return told, received, secure.session


async def in_thread(function: Any, *arguments: Any, **named: Any) -> Any:
    """Let the reactor run meanwhile."""
    return await deferToThread(function, *arguments, **named)


def authority_in(folder: Path, *names: str) -> Authority:
    """A local authority of the test's own."""
    from edge.tls.authority import load_or_make

    return load_or_make(folder, names)
