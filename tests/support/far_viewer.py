"""A viewer behind a link, in virtual time: a site, one connection to it, and the clock of both."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from sim.links.cables import Cables
from sim.links.link import ACCESS, Link, Viewers, viewers_of
from sim.links.roads import DirectRoads, Roads
from sim.links.way import Way
from tests.support.h2_client import Pipe
from wire.web.request import StreamingRequest
from wire.web.resource import CoroutineResource
from wire.web.sending import Valve
from wire.web.site import StreamingSite

POP, REGION = "frankfurt", "asia"
VIEWER = IPv4Address("TCP", "127.3.0.1", 40000)
PIECE = 16 * 1024


class Picture(CoroutineResource):
    """So many bytes as the path says, written as they are taken; `/0` waits for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_at: list[float] = []
        self.written = 0
        self.left = 0
        self.clock: Clock

    async def answer(self, request: StreamingRequest) -> None:
        self.asked_at.append(self.clock.seconds())
        size = int(request.path[1:])
        try:
            if not size:
                await Deferred()
            request.setHeader(b"Content-Length", b"%d" % size)
            with Valve(request) as valve:
                for start in range(0, size, PIECE):
                    await valve.ready()
                    piece = body_of(size)[start : start + PIECE]
                    request.write(piece)
                    self.written += len(piece)
        except BaseException:
            self.left += 1
            raise


@lru_cache(8)
def body_of(size: int) -> bytes:
    """What a picture of that size holds."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


class Socket(Pipe):
    """One that is read from, and of a viewer who lives somewhere."""

    def __init__(self, address: IPv4Address) -> None:
        super().__init__()
        self.address = address

    def getPeer(self) -> IPv4Address:
        return self.address

    def pauseProducing(self) -> None:
        """No more questions for now."""

    def resumeProducing(self) -> None:
        """They may come again."""


class Far:
    """One viewer's connection of HTTP/1."""

    def __init__(
        self,
        way: Way,
        *,
        access: Way | None = None,
        scheme: str = "http",
        address: IPv4Address = VIEWER,
        **told: Any,
    ) -> None:
        self.clock = Clock()
        self.picture = Picture()
        self.picture.clock = self.clock
        link = Link((POP, "eu"), ("viewers.asia", REGION), out=way, back=way, viewers=REGION)
        own = access or Way()
        line = Link((ACCESS,), (viewers_of(REGION),), out=own, back=own, viewers=REGION)
        self.cables = Cables((link, line), self.clock, Random(1))
        viewers = Viewers({REGION: ("127.3.0.0/16",)}, ("balancer",))
        roads = Roads(self.cables)
        self.site = StreamingSite(lambda _: self.picture, reactor=self.clock, scheme=scheme, **told)
        self.site.afar = DirectRoads(roads, viewers, POP)
        self.pipe = Socket(address)
        channel: Any = self.site.buildProtocol(address)
        self.channel = channel
        channel.makeConnection(self.pipe)

    @property
    def cable(self) -> Any:
        return self.cables.by_viewers[REGION, POP]

    def ask(self, size: int, *lines: str) -> None:
        """Put a question."""
        head = "\r\n".join((f"GET /{size} HTTP/1.1", "Host: x", *lines))
        self.channel.dataReceived(f"{head}\r\n\r\n".encode())

    def leave(self) -> None:
        """The viewer's connection is gone."""
        self.channel.connectionLost(Failure(ConnectionError()))

    def change(self, way: Way) -> None:
        self.cable.change(way, way)

    def change_access(self, way: Way) -> None:
        self.cables.access[REGION].change(way, way)

    @property
    def body(self) -> bytes:
        """What has come of the answer behind its head."""
        return bytes(self.pipe.written).partition(b"\r\n\r\n")[2]

    def until(self, is_so: Callable[[], bool], step: float) -> float:
        """Let time pass until it is so; what the clock says then."""
        for _ in range(20_000):
            if is_so():
                return self.clock.seconds()
            self.clock.advance(step)
        raise AssertionError("it never was")
