"""sim.traffic.rounds: looks at real sockets, one of which nobody listens at."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_twisted
from twisted.internet import reactor as real_reactor
from twisted.internet.task import Clock

from sim.scaling.load import Load
from sim.traffic.linkbytes import LinkBytes
from sim.traffic.rounds import Rounds
from tests.support.edge_node import until
from tests.support.scripted_origin import Gate, Script, ScriptedOrigin, held, reply
from wire.web.agent import make_agent

reactor: Any = real_reactor
NOBODY = "http://127.0.0.1:1"


def status(queue_wait: float = 0.0, carried: int = 0) -> Script:
    """Of an instance whose renders wait so many seconds, and whose link has carried so many bytes."""
    render = {"queue_wait_seconds": queue_wait, "utilisation": 0.5, "waiting": 1}
    told = {"render": render, "links": {"a--b": {"out": carried, "back": 0}}}
    return reply(json.dumps(told).encode(), Content_Type="application/json")


@asynccontextmanager
async def nodes(count: int) -> AsyncIterator[tuple[Any, list[ScriptedOrigin]]]:
    """A client, and nodes to ask."""
    agent, connections = make_agent(reactor)
    listening = [ScriptedOrigin().listen() for _ in range(count)]
    yield agent, listening
    await connections.closeCachedConnections()
    for each in listening:
        await each.stop()


@pytest_twisted.ensureDeferred
async def test_a_pool_is_looked_at_once_a_second_by_those_that_answer() -> None:
    """Each pool by itself; who does not answer is not there."""
    async with nodes(3) as (agent, [one, two, other]):
        for number, node in enumerate((one, two, other)):
            node.on("/status", status(number))
        controls = {"main-1": one.url, "main-2": two.url, "main-3": NOBODY, "eu-1": other.url}
        clock, seen = Clock(), list[tuple[str, float, Load]]()
        rounds = Rounds(agent, clock, controls, controls, LinkBytes(), lambda *look: seen.append(look))
        await rounds.begin()
        assert sorted(seen) == [("eu", 0.0, Load(1, 2.0, 0.5, 1)), ("main", 0.0, Load(2, 1.0, 0.5, 2))]
        await two.stop()
        clock.advance(1.0)
        await until(lambda: len(seen) == 4)
        assert ("main", 1.0, Load(1, 0.0, 0.5, 1)) in seen
        await rounds.end()
        clock.advance(5.0)
        assert one.count() == 3


@pytest_twisted.ensureDeferred
async def test_whoever_wants_to_know_of_a_node_it_is_asked_once() -> None:
    """An instance of a pool has links, too."""
    async with nodes(2) as (agent, [origin, edge]):
        for node, before, after in ((origin, 10, 25), (edge, 1, 3)):
            node.once("/status", status(carried=before))
            node.on("/status", status(carried=after))
        links, seen = LinkBytes(), list[str]()
        controls = {"main-1": origin.url, "fra": edge.url, "gone": NOBODY}
        rounds = Rounds(agent, Clock(), controls, {"main-1"}, links, lambda pool, *_: seen.append(pool))
        await rounds.begin()
        assert links.busiest() == []
        await rounds.end()
        assert (origin.count(), edge.count(), seen) == (2, 2, ["main", "main"])
        assert links.totals["a--b"]["out"] == (25 - 10) + (3 - 1)


@pytest_twisted.ensureDeferred
async def test_a_node_that_hangs_holds_up_no_other_and_no_end() -> None:
    """What it was asked is given up with the traffic, and it is asked once more."""
    async with nodes(2) as (agent, [hanging, edge]):
        gate = Gate()
        hanging.once("/status", status())
        hanging.once("/status", held(gate, status()))
        hanging.on("/status", status(carried=50))
        for second in range(4):
            edge.once("/status", status(carried=second))
        edge.on("/status", status(carried=3))
        clock, links = Clock(), LinkBytes()
        controls = {"main-1": hanging.url, "fra": edge.url}
        rounds = Rounds(agent, clock, controls, {"main-1"}, links, lambda *look: None)
        await rounds.begin()
        carried = links.totals["a--b"]
        for second in (1, 2, 3):
            clock.advance(1.0)
            await until(lambda second=second: carried["out"] == second)
        assert (gate.reached, hanging.count()) == (1, 2)
        await rounds.end()
        assert carried["out"] == 3 + 50
        gate.open()
