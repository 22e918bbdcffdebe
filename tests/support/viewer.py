"""A viewer that speaks raw HTTP over a real socket, and can tell a whole answer from a cut one."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from tests.support.chunks import dechunked

reactor: Any = real_reactor


@frozen
class Answer:
    """What came back. `is_whole` by the framing; a reset is never whole."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    is_whole: bool

    def get(self, name: str) -> str:
        """All lines of that name, joined; empty if there is none."""
        return ", ".join(value for known, value in self.fields if known.lower() == name.lower())

    @property
    def cache(self) -> str:
        """X-Cache."""
        return self.get("X-Cache")


class Connection(Protocol):
    """Collects all that comes until the end."""

    transport: Any

    def __init__(self) -> None:
        self.received = bytearray()
        self.ended: Deferred[bool] = Deferred()
        self._wanted: tuple[int, Deferred[None]] | None = None

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        self._check()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended.callback(reason.check(ConnectionDone) is not None)

    def send(self, data: bytes) -> None:
        """Write raw bytes."""
        self.transport.write(data)

    def leave(self) -> None:
        """Hang up at once."""
        self.transport.abortConnection()

    async def until(self, count: int) -> None:
        """Return when so many bytes have come."""
        if len(self.received) < count:
            self._wanted = count, Deferred()
            await self._wanted[1]

    def _check(self) -> None:
        if self._wanted is not None and len(self.received) >= self._wanted[0]:
            wanted, self._wanted = self._wanted, None
            wanted[1].callback(None)


async def connect(port: int) -> Connection:
    """A connection to a port of this machine."""
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
    connection: Connection = await connectProtocol(endpoint, Connection())
    return connection


def request(target: str, method: str = "GET", body: bytes = b"", **fields: str) -> bytes:
    """The bytes of a request that asks for the connection to be closed after it."""
    given = {"Host": "cdn.example", "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in fields.items()}
    if body:
        given["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


async def ask(port: int, target: str, method: str = "GET", body: bytes = b"", **fields: str) -> Answer:
    """One request on a connection of its own, and its answer."""
    connection = await connect(port)
    connection.send(request(target, method, body, **fields))
    cleanly = await connection.ended
    return answer_of(bytes(connection.received), method, cleanly=cleanly)


def asking(port: int, target: str, count: int) -> Deferred[list[Answer]]:
    """As many viewers at once."""
    return gatherResults([Deferred.fromCoroutine(ask(port, target)) for _ in range(count)])


def answer_of(raw: bytes, method: str = "GET", *, cleanly: bool = True) -> Answer:
    """Read an answer from all the bytes of its connection: the final one, behind any interim ones."""
    while raw.startswith(b"HTTP/1.1 1") and b"\r\n\r\n" in raw:
        raw = raw.partition(b"\r\n\r\n")[2]
    head, end, body = raw.partition(b"\r\n\r\n")
    if not end:
        return Answer(0, (), raw, is_whole=False)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    fields = tuple((name, value.strip()) for name, _, value in pairs)
    status = int(first.split(" ")[1])
    named = {name.lower(): value for name, value in fields}
    if method == "HEAD" or status in (204, 304):
        whole = not body
    elif "transfer-encoding" in named:
        body, whole = dechunked(body)
    elif "content-length" in named:
        whole = len(body) == int(named["content-length"])
    else:
        whole = cleanly
    return Answer(status, fields, body, whole)
