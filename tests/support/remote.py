"""A remote server on loopback that answers as a script says, byte for byte, and remembers what it was asked."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from attrs import define, field
from twisted.internet.defer import maybeDeferred
from twisted.internet.protocol import Factory, Protocol

Script = Callable[["Conversation"], None]


def response(body: bytes = b"", status: str = "200 OK", *fields: str, length: bool = True) -> bytes:
    """A whole response, its connection closed after it."""
    lines = [f"HTTP/1.1 {status}", *fields, "Connection: close"]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Conversation(Protocol):
    """One connection, one request."""

    transport: Any

    def __init__(self, server: "RemoteServer") -> None:
        self._server = server
        self._heard = b""
        self.path = ""
        self.method = ""
        self.fields: dict[str, str] = {}
        self.body = b""

    def dataReceived(self, data: bytes) -> None:
        self._heard += data
        if b"\r\n\r\n" not in self._heard or self.path:
            return
        head, _, body = self._heard.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if len(body) < int(fields.get("content-length", "0")):
            return
        self.method, self.path, _ = first.split(" ")
        self.fields, self.body = fields, body
        self._server.asked.append(self)
        script = self._server.scripts.get(self.path)
        if script is None:
            self.say(response(b"", "404 Not Found"))
        else:
            script(self)

    def connectionMade(self) -> None:
        self._server.open.append(self)

    def connectionLost(self, reason: Any = None) -> None:
        self._server.open.remove(self)

    def say(self, data: bytes) -> None:
        """Send all and close."""
        self.transport.write(data)
        self.transport.loseConnection()


@define(eq=False)
class RemoteServer:
    """Path → script. A path without one is a 404."""

    port: int = 0
    scripts: dict[str, Script] = field(factory=dict)
    asked: list[Conversation] = field(factory=list)
    open: list[Conversation] = field(factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def serves(self, path: str, body: bytes, *fields: str, status: str = "200 OK") -> str:
        """Have this answer at the path; its URL."""
        self.scripts[path] = lambda conversation: conversation.say(response(body, status, *fields))
        return self.url(path)

    def redirects(self, path: str, location: str, status: str = "302 Found") -> str:
        """Send on from the path."""
        return self.serves(path, b"", f"Location: {location}", status=status)

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [each.path for each in self.asked]


@asynccontextmanager
async def remote_server(port: int = 0) -> AsyncIterator[RemoteServer]:
    """A server, and after it no connection left open."""
    from twisted.internet import reactor as installed

    reactor: Any = installed
    server = RemoteServer()
    factory = Factory.forProtocol(lambda: Conversation(server))
    listening = reactor.listenTCP(port, factory, interface="127.0.0.1")
    server.port = listening.getHost().port
    try:
        yield server
    finally:
        for each in tuple(server.open):
            each.transport.abortConnection()
        await maybeDeferred(listening.stopListening)
