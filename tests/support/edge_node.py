"""A real edge in this process, on loopback ports of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from edge.service import EdgeNode, make_service
from edge.settings import Limits, Settings
from tests.support.viewer import Answer, ask

reactor: Any = real_reactor

QUICK = Limits(connect_seconds=1.0, first_byte_seconds=2.0, between_bytes_seconds=1.0, drain_seconds=0.5)


@asynccontextmanager
async def running_edge(*upstreams: str, **settings: Any) -> AsyncIterator[EdgeNode]:
    """An edge before these upstreams, stopped at the end. Beside settings, what else `make_service` takes."""
    given: dict[str, Any] = {
        "listen": "127.0.0.1:0",
        "control": "127.0.0.1:0",
        "limits": QUICK,
        "name": "fra-1",
    }
    of_world = {name: settings.pop(name) for name in ("place", "afar", "more", "connect") if name in settings}
    node = make_service(Settings(upstreams=upstreams, **(given | settings)), reactor=reactor, **of_world)
    node.startService()
    await node.ready
    try:
        yield node
    finally:
        await node.stopService()


async def get(node: EdgeNode, target: str, **fields: str) -> Answer:
    """GET through an edge."""
    return await ask(node.port, target, "GET", b"", **fields)


async def until(condition: Any, within_seconds: float = 5.0) -> None:
    """Wait for a state that nothing announces; fails loudly after a while."""
    step = 0.01
    for _ in range(int(within_seconds / step)):
        if condition():
            return
        await pause(step)
    raise AssertionError("it never came to be")


def pause(seconds: float) -> Deferred[None]:
    """Let the reactor run for a moment."""
    waited: Deferred[None] = deferLater(reactor, seconds, lambda: None)
    return waited
