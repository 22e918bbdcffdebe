"""A balancer before scripted PoPs and origins, all on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred

from edge.balancer.service import BalancerNode, make_service
from edge.balancer.settings import Pop, Region, Settings, Upstream
from edge.upstream.standings import Standing
from tests.support.scripted import Conversation, Received, Script, ScriptedUpstream, Seen, ask

REGIONS = {
    "eu": Region((50.1, 8.7), ("127.2.0.0/16",)),
    "na": Region((39.0, -77.5), ("127.1.0.0/16",)),
}
IMAGE = bytes(range(256)) * 2048  # 512 KiB
ETAG = '"v1"'


@define
class Stage:
    """The balancer and what stands behind it."""

    reactor: Any
    node: BalancerNode
    pops: dict[str, ScriptedUpstream]
    origins: list[ScriptedUpstream]
    _waiting: list[tuple[str, Standing, Deferred[None]]] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        tell = self.node.standings.on_change

        def told(url: str, standing: Standing, reason: str) -> None:
            tell(url, standing, reason)
            for waiting in [w for w in self._waiting if w[:2] == (url, standing)]:
                self._waiting.remove(waiting)
                waiting[2].callback(None)

        self.node.standings.on_change = told

    @property
    def port(self) -> int:
        return port_of(self.node.port)

    @property
    def control_port(self) -> int:
        return port_of(self.node.control_port)

    async def ask(self, target: str, method: str = "GET", body: bytes = b"", **told: str) -> Seen:
        """One viewer's request."""
        return await ask(self.reactor, self.port, target, method, body, **told)

    async def control(self, path: str) -> Seen:
        """What the control endpoint tells."""
        return await ask(self.reactor, self.control_port, path)

    async def becomes(self, upstream: ScriptedUpstream, standing: Standing) -> None:
        """A barrier: the balancer has come to that opinion."""
        if self.node.standings.records[upstream.url].standing is not standing:
            waiter: Deferred[None] = Deferred()
            self._waiting.append((upstream.url, standing, waiter))
            await waiter


def port_of(listening: Any) -> int:
    """The number a port of 0 became."""
    return int(listening.getHost().port)


@asynccontextmanager
async def stage(
    reactor: Any,
    pops: dict[str, Script],
    origins: tuple[Script, ...] = (),
    **told: Any,
) -> AsyncIterator[Stage]:
    """`pops`: scripts by name; a name's first two letters are its region."""
    edges = {name: ScriptedUpstream(reactor, script).listen() for name, script in pops.items()}
    behind = [ScriptedUpstream(reactor, script).listen() for script in origins]
    secure: dict[str, str] = told.pop("secure_urls", {})
    beside = {name: told.pop(name) for name in ("afar", "connect") if name in told}
    vendors: dict[str, str] = told.pop("vendors", {})
    introduced: frozenset[str] = frozenset(told.pop("introduced", ()))
    reached_at: dict[str, tuple[str, ...]] = told.pop("reached_at", {})
    defaults: dict[str, Any] = {
        "check_interval_seconds": 0.05,
        "check_timeout_seconds": 0.5,
        "slow_return_seconds": 0.0,
    }
    settings = Settings(
        name="bal",
        listen="127.0.0.1:0",
        control="127.0.0.1:0",
        regions=REGIONS,
        pops=tuple(
            Pop(
                name,
                name[:2],
                edge.url,
                edge.url,
                secure_url=secure.get(name, ""),
                vendor=vendors.get(name, ""),
                introduce=name in introduced,
                addresses=reached_at.get(name, ()),
            )
            for name, edge in edges.items()
        ),
        origins=tuple(Upstream(f"o{at}", one.url, one.url) for at, one in enumerate(behind)),
        **{**defaults, **told},
    )
    node = make_service(settings, reactor=reactor, **beside)
    node.startService()
    try:
        yield Stage(reactor, node, edges, behind)
    finally:
        await node.stopService()
        for upstream in (*edges.values(), *behind):
            await upstream.die()


# What PoPs and origins may do


def says(word: str) -> Script:
    """Answers with its name and the target."""
    return lambda request, viewer: viewer.answer(f"{word} {request.target}".encode())


def image(request: Received, viewer: Conversation) -> None:
    """A whole image, or the rest of it."""
    begin = request.fields.get("range")
    if begin is None:
        viewer.answer(IMAGE, ETag=ETAG)
        return
    assert request.fields["if-range"] == ETAG
    first, _, last = begin.removeprefix("bytes=").partition("-")
    start, stop = int(first), int(last) + 1 if last else len(IMAGE)
    content_range = f"bytes {start}-{stop - 1}/{len(IMAGE)}"
    viewer.answer(IMAGE[start:stop], "206 Partial Content", ETag=ETAG, Content_Range=content_range)


def breaks_off(at: int, length: int = len(IMAGE), end: str = "reset", **fields: str) -> Script:
    """Promises a body, sends some of it, and is gone (or silent)."""

    def script(request: Received, viewer: Conversation) -> None:
        viewer.begin(length, **fields)
        viewer.send(IMAGE[:at])
        # what was written leaves with an orderly close, but the message is cut all the same
        if end != "stall":
            viewer.close()

    return script


def resets(request: Received, viewer: Conversation) -> None:
    """Dies with the question in its hands."""
    viewer.reset()


def silent(request: Received, viewer: Conversation) -> None:
    """Takes the question and never answers."""
