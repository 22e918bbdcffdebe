"""sim.traffic.origins: looks at real sockets, one of which nobody listens at."""

from __future__ import annotations

from typing import Any

import pytest_twisted
from twisted.internet import reactor as real_reactor
from twisted.internet.task import Clock

from sim.scaling.load import Load
from sim.traffic.origins import Origins
from tests.support.edge_node import until
from tests.support.scripted_origin import Gate, ScriptedOrigin, held, reply
from wire.web.agent import make_agent

reactor: Any = real_reactor
PRESSED = b'{"render": {"queue_wait_seconds": %.1f, "utilisation": 0.5, "waiting": 1}}'


@pytest_twisted.ensureDeferred
async def test_a_pool_is_looked_at_once_a_second_by_those_that_answer() -> None:
    """Each pool by itself; who does not answer is not there."""
    agent, connections = make_agent(reactor)
    clock, one, two, other = Clock(), *(ScriptedOrigin().listen() for _ in range(3))
    for number, origin in enumerate((one, two, other)):
        origin.on("/status", reply(PRESSED % number, Content_Type="application/json"))
    seen: list[tuple[str, float, Load]] = []
    controls = {"main-1": one.url, "main-2": two.url, "main-3": "http://127.0.0.1:1", "eu-1": other.url}
    origins = Origins(agent, clock, controls, lambda *look: seen.append(look))
    origins.start()
    await until(lambda: len(seen) == 2)
    assert seen == [("main", 0.0, Load(2, 1.0, 0.5, 2)), ("eu", 0.0, Load(1, 2.0, 0.5, 1))]
    await two.stop()
    clock.advance(1.0)
    await until(lambda: len(seen) == 4)
    assert seen[2] == ("main", 1.0, Load(1, 0.0, 0.5, 1))
    origins.stop()
    clock.advance(5.0)
    assert one.count() == 2
    await connections.closeCachedConnections()
    for origin in (one, other):
        await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_look_that_is_under_way_ends_with_the_traffic() -> None:
    """An origin that hangs holds up no report."""
    agent, connections = make_agent(reactor)
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/status", held(gate, reply(PRESSED % 1)))
    seen: list[object] = []
    origins = Origins(agent, Clock(), {"main-1": origin.url}, lambda *look: seen.append(look))
    origins.start()
    await gate.arrived()
    origins.stop()
    gate.open()
    await until(lambda: not origin.lines)
    assert seen == []
    await connections.closeCachedConnections()
    await origin.stop()
