"""How long a parent waits for what its workers have to say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_twisted
from attrs import define
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred

from edge.cache.interface import CacheUnavailable
from edge.control.purge import Purge
from edge.workers import crew as crew_module
from edge.workers.crew import Crew
from tests.support.scripted import Conversation, Received, ScriptedUpstream
from wire.web.agent import make_agent

reactor: Any = real_reactor


@define
class Seat:
    """A worker as far as it is asked."""

    seat: int
    is_ready: bool = True


@define
class Control:
    """Where each answers its parent."""

    ports: list[ScriptedUpstream]

    def control_url(self, seat: int) -> str:
        return self.ports[seat].url


@asynccontextmanager
async def crew_of(*scripts: Any) -> AsyncIterator[Crew]:
    """One of as many workers as there are scripts."""
    ports = [ScriptedUpstream(reactor, script).listen() for script in scripts]
    agent, pool = make_agent(reactor)
    seats: Any = [Seat(at) for at, _ in enumerate(ports)]
    doors: Any = Control(ports)
    try:
        yield Crew(reactor, agent, doors, seats, reactor.seconds)
    finally:
        for port in ports:
            await port.die()
        await pool.closeCachedConnections()


def purged(request: Received, parent: Conversation) -> None:
    """One was here."""
    parent.answer(b'{"purged": 1}')


def silent(request: Received, parent: Conversation) -> None:
    """Takes the question and never answers."""


@pytest_twisted.ensureDeferred
async def test_a_worker_that_does_not_answer_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who purges is told that it may still be there (503), and the next purge is not kept waiting."""
    monkeypatch.setattr(crew_module, "CONFIRM_SECONDS", 0.3)
    async with crew_of(purged, silent) as crew:
        for _ in range(2):
            with pytest.raises(CacheUnavailable, match="Worker 1 did not confirm"):
                await crew.purge(Purge(keys=("a",)))


@pytest_twisted.ensureDeferred
async def test_workers_are_asked_at_once_and_a_silent_one_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each answers only when the other has been asked, too."""
    monkeypatch.setattr(crew_module, "CONFIRM_SECONDS", 0.3)
    asked: list[Conversation] = []
    both: Deferred[None] = Deferred()

    async def together(request: Received, parent: Conversation) -> None:
        asked.append(parent)
        if len(asked) == 2:
            for each in asked:
                each.answer(b"figures")
            both.callback(None)

    async with crew_of(together, silent, together) as crew:
        assert await crew.ask_ready("/status") == [b"figures", b"figures"]
        assert both.called
