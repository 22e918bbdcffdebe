"""A supervisor on the test's reactor, and programs that behave like nodes."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from twisted.internet import process
from twisted.internet.task import LoopingCall, deferLater

from sim.supervise.child import Child
from sim.supervise.nurseries import Nurseries
from sim.supervise.program import Breed, Program
from sim.supervise.ready import HttpProbe
from sim.supervise.spawning import Alone, Spawner
from sim.supervise.supervisor import Supervisor
from tests.support.world import ROOT
from wire.web.agent import make_agent

BREED = Breed("tests.support.fake_node")

Manner = Callable[[Any], Spawner]
MANNERS: Mapping[str, Manner] = {
    "alone": Alone,
    "forked": lambda reactor: Nurseries(reactor, Alone(reactor)),
}


def program(folder: Path, name: str, behaviour: str, wave: int = 0, breed: Breed = BREED) -> Program:
    """A node that behaves so, on a port of its own; `tests.support.fake_node` tells how it may."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return Program(
        name=name,
        arguments=(*breed.command, str(port), behaviour),
        probe_url=f"http://127.0.0.1:{port}/readyz",
        log=folder / "log" / f"{name}.log",
        environment={**os.environ, "PYTHONPATH": str(ROOT), "MARK": "the program's"},
        wave=wave,
        breed=breed,
    )


@asynccontextmanager
async def supervising(
    manner: Manner, changed: Callable[[Child], None] = lambda child: None
) -> AsyncIterator[Supervisor]:
    """A supervisor on the test's reactor, which pytest-twisted runs without signal handlers: so we reap."""
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor
    reaping = LoopingCall(process.reapAllProcesses)
    reaping.start(0.02)
    agent, pool = make_agent(reactor)
    supervisor = Supervisor(reactor, HttpProbe(agent, reactor), manner(reactor), changed)
    try:
        yield supervisor
    finally:
        await supervisor.stop()
        reaping.stop()
        await pool.closeCachedConnections()
        left = [child.name for child in supervisor.children.values() if child.pid is not None]
        assert left == []


POLLS, POLL_SECONDS = 3000, 0.02  # patience of a busy machine; no verdict hangs on its length


async def until(condition: Callable[[], object], what: str) -> None:
    """Let the reactor run until it holds."""
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor
    for _ in range(POLLS):
        if condition():
            return
        await deferLater(reactor, POLL_SECONDS)
    raise AssertionError(f"{what}: not within {POLLS * POLL_SECONDS:.0f} s")
