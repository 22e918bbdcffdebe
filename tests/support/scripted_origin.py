"""An origin that does as it is told, byte by byte: stalls, cuts, holds at a barrier, counts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

from attrs import define, field, frozen
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from tests.support.chunks import dechunked

reactor: Any = real_reactor
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@frozen
class Asked:
    """A request as it came."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    body: bytes

    def get(self, name: str) -> str | None:
        """The first field of that name."""
        return next((value for known, value in self.fields if known.lower() == name.lower()), None)


@define
class Gate:
    """A barrier: what waits goes on when it is opened."""

    is_open: bool = False
    reached: int = 0
    _waiting: list[Deferred[None]] = field(factory=list)
    _arrivals: list[tuple[int, Deferred[None]]] = field(factory=list)

    async def passed(self) -> None:
        """Wait here until it is open."""
        self.reached += 1
        for count, arrival in self._arrivals:
            if count == self.reached:
                arrival.callback(None)
        if not self.is_open:
            waiter: Deferred[None] = Deferred()
            self._waiting.append(waiter)
            await waiter

    async def arrived(self, count: int = 1) -> None:
        """Return when that many wait, or have passed."""
        if self.reached < count:
            arrival: Deferred[None] = Deferred()
            self._arrivals.append((count, arrival))
            await arrival

    def open(self) -> None:
        """Let all pass."""
        self.is_open = True
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.callback(None)


class Line(Protocol):
    """One connection to the origin, as a script sees it."""

    transport: Any

    def __init__(self, origin: ScriptedOrigin) -> None:
        self._origin = origin
        self._buffer = b""
        self._is_busy = False
        self._waiting: list[Deferred[None]] = []
        self.is_lost = False

    def connectionMade(self) -> None:
        self._origin.lines.add(self)
        self._origin.connections += 1

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.is_lost = True
        self._origin.lines.discard(self)
        for waiter in self._waiting:
            waiter.callback(None)

    def dataReceived(self, data: bytes) -> None:
        self._buffer += data
        self._go_on()

    def _go_on(self) -> None:
        if self._is_busy or b"\r\n\r\n" not in self._buffer:
            return
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        if re.search(rb"\r\ntransfer-encoding: *chunked", head, re.IGNORECASE):
            body, end, rest = rest.partition(b"0\r\n\r\n")
            if not end:
                return
            body, _ = dechunked(body + end)
        else:
            found = LENGTH.search(head)
            length = int(found[1]) if found else 0
            if len(rest) < length:
                return
            body, rest = rest[:length], rest[length:]
        self._buffer = rest
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        fields = tuple((name, value.strip()) for name, _, value in pairs)
        asked = Asked(method, target, fields, body)
        self._is_busy = True
        playing = Deferred.fromCoroutine(self._origin.play(asked, self))
        playing.addErrback(self._origin.went_wrong)
        playing.addCallback(lambda _: self._next())

    def _next(self) -> None:
        self._is_busy = False
        if not self.is_lost:
            self._go_on()

    @property
    def unread(self) -> bytes:
        """What has come behind the last whole request."""
        return self._buffer

    def send(self, data: bytes) -> None:
        """Write raw bytes."""
        if not self.is_lost:
            self.transport.write(data)

    def close(self) -> None:
        """An orderly end."""
        if not self.is_lost:
            self.transport.loseConnection()

    def cut(self, behind: bytes = b"") -> None:
        """A reset, perhaps behind a few bytes that reach the other side first."""
        if not self.is_lost:
            if behind:
                self.transport.getHandle().send(behind)  # at once: a reset drops what waits
            self.transport.abortConnection()

    async def lost(self) -> None:
        """Return when the other side has gone."""
        if not self.is_lost:
            waiter: Deferred[None] = Deferred()
            self._waiting.append(waiter)
            await waiter


Script = Callable[[Asked, Line], Coroutine[Any, Any, None]]


class ScriptedOrigin:
    """Plays a script per path; what has none gets 404. Counts requests and connections."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.connections = 0
        self.lines: set[Line] = set()
        self.failures: list[Failure] = []
        self._scripts: dict[str, Script] = {}
        self._once: dict[str, list[Script]] = defaultdict(list)
        self._port: IListeningPort | None = None
        self.port = 0

    def listen(self, port: int = 0) -> ScriptedOrigin:
        """Take connections."""
        factory = Factory.forProtocol(lambda: Line(self))
        factory.noisy = False
        self._port = reactor.listenTCP(port, factory, interface="127.0.0.1")
        self.port = reactor_port(self._port)
        return self

    async def stop(self) -> None:
        """Refuse connections, and cut those there are."""
        if self._port is not None:
            await self._port.stopListening()  # type: ignore[misc]
            self._port = None
        for line in tuple(self.lines):
            line.cut()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    def on(self, path: str, script: Script) -> None:
        """From now on, this is the answer."""
        self._scripts[path] = script

    def once(self, path: str, script: Script) -> None:
        """The next answer, before that of `on`."""
        self._once[path].append(script)

    def count(self, path: str | None = None) -> int:
        """How many requests came, of all or of one target."""
        return sum(path is None or asked.target == path for asked in self.requests)

    async def play(self, asked: Asked, line: Line) -> None:
        """Answer one request."""
        self.requests.append(asked)
        path = asked.target.partition("?")[0]
        script = self._once[path].pop(0) if self._once[path] else self._scripts.get(path, reply(status=404))
        await script(asked, line)

    def went_wrong(self, failure: Failure) -> None:
        """A script of the test itself failed."""
        self.failures.append(failure)


def reactor_port(port: Any) -> int:
    """The number the system gave a listening port."""
    return int(port.getHost().port)


def head(status: int = 200, length: int | None = None, **fields: str) -> bytes:
    """A response head; `_` in names is read as `-`."""
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def reply(body: bytes = b"", status: int = 200, **fields: str) -> Script:
    """A plain answer with a Content-Length."""

    async def script(asked: Asked, line: Line) -> None:
        line.send(head(status, len(body), **fields) + (b"" if asked.method == "HEAD" else body))

    return script


def saying(raw: bytes) -> Script:
    """These very bytes, whatever was asked."""

    async def script(asked: Asked, line: Line) -> None:
        line.send(raw)

    return script


def held(gate: Gate, then: Script) -> Script:
    """Another script, behind a barrier."""

    async def script(asked: Asked, line: Line) -> None:
        await gate.passed()
        await then(asked, line)

    return script
