"""An upstream that does exactly what a script says, byte by byte, and a viewer that sees what really came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from tests.support.chunks import dechunked


@define
class Received:
    """A request as it reached a scripted upstream."""

    method: str
    target: str
    fields: dict[str, str]
    body: bytes = b""


class Conversation(Protocol):
    """One connection to a scripted upstream."""

    transport: Any

    def __init__(self, owner: ScriptedUpstream) -> None:
        self.owner = owner
        self._buffer = b""
        self._head: Received | None = None
        self.lost: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        self.owner.conversations.append(self)

    def dataReceived(self, data: bytes) -> None:
        self._buffer += data
        while self._take():
            pass

    def _take(self) -> bool:
        if self._head is None:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return False
            first, *lines = head.decode("latin-1").split("\r\n")
            method, target, _ = first.split(" ")
            fields = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            self._head, self._buffer = Received(method, target, fields), rest
        length = int(self._head.fields.get("content-length", "0"))
        if len(self._buffer) < length:
            return False
        request, self._head = self._head, None
        request.body, self._buffer = self._buffer[:length], self._buffer[length:]
        self.owner.asked(request, self)
        return bool(self._buffer)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.owner.conversations.remove(self)
        self.lost.callback(None)

    # What scripts do

    def send(self, data: bytes) -> None:
        self.transport.write(data)

    def answer(self, body: bytes, status: str = "200 OK", **fields: str) -> None:
        """A whole answer."""
        self.begin(len(body), status, **fields)
        self.send(body)

    def begin(self, length: int, status: str = "200 OK", **fields: str) -> None:
        """A head that promises `length` bytes."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {length}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def close(self) -> None:
        """End in an orderly way, after what was sent."""
        self.transport.loseConnection()

    def reset(self) -> None:
        """End as a killed process does."""
        self.transport.abortConnection()


Script = Callable[[Received, Conversation], Awaitable[None] | None]


@define
class ScriptedUpstream:
    """Listens on a port of loopback, keeps what it was asked, and answers as told. `/readyz` is answered by
    `ready`.
    """

    reactor: Any
    script: Script
    ready: bool = True
    is_stopped: bool = False  # as by SIGSTOP: takes everything, says nothing
    requests: list[Received] = field(factory=list)
    conversations: list[Conversation] = field(factory=list)
    checks: int = 0
    _port: Any = None
    _number: int = 0
    _waiting: list[tuple[int, Deferred[None]]] = field(factory=list)

    def listen(self) -> ScriptedUpstream:
        """Be reachable; the same port again after `die`."""
        factory: Any = Factory()
        factory.protocol = lambda: Conversation(self)
        self._port = self.reactor.listenTCP(self._number, factory, interface="127.0.0.1")
        self._number = self._port.getHost().port
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._number}"

    async def die(self) -> None:
        """As by kill -9: the port refuses, every connection is reset."""
        if self._port is not None:
            port, self._port = self._port, None
            await port.stopListening()
        for conversation in tuple(self.conversations):
            conversation.reset()
            await conversation.lost

    def asked(self, request: Received, conversation: Conversation) -> None:
        if self.is_stopped:
            self.requests += [request] * (request.target != "/readyz")
            self._tell()
            return
        if request.target == "/readyz":
            self.checks += 1
            conversation.answer(b"{}", "200 OK" if self.ready else "503 Not Ready")
            return
        self.requests.append(request)
        running = self.script(request, conversation)
        if running is not None:
            Deferred.fromCoroutine(running)  # type: ignore[arg-type]
        self._tell()

    def _tell(self) -> None:
        for wanted, waiter in tuple(self._waiting):
            if len(self.requests) >= wanted:
                self._waiting.remove((wanted, waiter))
                waiter.callback(None)

    async def asked_times(self, count: int) -> None:
        """A barrier: so many requests have come."""
        if len(self.requests) < count:
            waiter: Deferred[None] = Deferred()
            self._waiting.append((count, waiter))
            await waiter


class ViewerConnection(Protocol):
    """Collects all that comes until the connection ends."""

    transport: Any

    def __init__(self) -> None:
        self._parts = bytearray()
        self.ended: Deferred[None] = Deferred()
        self._marks: list[tuple[int, Deferred[None]]] = []

    @property
    def data(self) -> bytes:
        """All that has come."""
        return bytes(self._parts)

    def dataReceived(self, data: bytes) -> None:
        self._parts += data
        for wanted, waiter in tuple(self._marks):
            if len(self._parts) >= wanted:
                self._marks.remove((wanted, waiter))
                waiter.callback(None)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended.callback(None)

    async def received(self, size: int) -> None:
        """A barrier: so many bytes have come."""
        if len(self._parts) < size:
            waiter: Deferred[None] = Deferred()
            self._marks.append((size, waiter))
            await waiter


@define
class Seen:
    """An answer as a viewer saw it."""

    status: int
    fields: dict[str, str]
    body: bytes
    is_whole: bool


async def connect(reactor: Any, port: int, raw: bytes, source: str = "127.0.0.1") -> ViewerConnection:
    """Send raw bytes; what comes back is in `.data`."""
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port, bindAddress=(source, 0))
    viewer: ViewerConnection = await connectProtocol(endpoint, ViewerConnection())
    viewer.transport.write(raw)
    return viewer


def request_bytes(target: str, method: str = "GET", body: bytes = b"", **fields: str) -> bytes:
    """A request that asks to close the connection after its answer."""
    lines = [f"{method} {target} HTTP/1.1", "Connection: close"]
    if "Host" not in fields:
        lines.append("Host: media.example")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def ask(
    reactor: Any,
    port: int,
    target: str,
    method: str = "GET",
    body: bytes = b"",
    source: str = "127.0.0.1",
    **fields: str,
) -> Seen:
    """One request and all of its answer."""
    viewer = await connect(reactor, port, request_bytes(target, method, body, **fields), source)
    await viewer.ended
    return seen(viewer.data, method)


def seen(data: bytes, method: str = "GET") -> Seen:
    """Read an answer off raw bytes."""
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    status = int(first.split(" ")[1]) if first.count(" ") else 0
    if fields.get("transfer-encoding") == "chunked":
        body, is_whole = dechunked(rest)
    else:
        body = rest
        is_whole = method == "HEAD" or len(rest) == int(fields.get("content-length", len(rest)))
    return Seen(status, fields, body, is_whole)
