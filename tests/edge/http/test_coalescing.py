"""Many viewers of one thing, over real sockets: one fetch, or none that waits in vain (sheet 18)."""

from __future__ import annotations

from pathlib import Path

import pytest_twisted
from twisted.internet.defer import Deferred

from tests.support.edge_node import get, pause, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, ScriptedOrigin, head, held, reply
from tests.support.viewer import ask, asking, connect, request

BODY = bytes(range(256)) * 40


@pytest_twisted.ensureDeferred
async def test_fifty_viewers_of_one_cold_url_cost_one_fetch(tmp_path: Path) -> None:
    """All but the first wait for its flight and drink from its spool, while it grows (sheet 18.1)."""
    origin, gate, end = ScriptedOrigin().listen(), Gate(), Gate()

    async def script(asked: Asked, line: Line) -> None:
        await gate.passed()
        line.send(head(200, len(BODY), Cache_Control="max-age=60") + BODY[:100])
        await end.passed()
        line.send(BODY[100:])

    origin.on("/a", script)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        all_asking = asking(edge.port, "/a", 50)
        await until(lambda: edge.status()["waiting_for_flight"] == 49)
        gate.open()
        await until(lambda: edge.status()["waiting_for_flight"] == 0)
        end.open()
        answers = await all_asking
        assert {answer.body for answer in answers} == {BODY}
        assert all(answer.is_whole and answer.status == 200 for answer in answers)
        assert (await get(edge, "/a")).cache == "HIT"
    assert origin.count("/a") == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_is_private_does_not_queue_its_viewers() -> None:
    """Followers of an unshareable answer are released at its head, and fetch side by side (sheet 18.1)."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.once("/me", held(gate, reply(b"one", Cache_Control="private")))
    origin.on("/me", reply(b"other", Cache_Control="private"))
    async with running_edge(origin.url) as edge:
        all_asking = asking(edge.port, "/me", 5)
        await until(lambda: edge.status()["waiting_for_flight"] == 4)
        gate.open()
        answers = await all_asking
    assert sorted(answer.body for answer in answers) == [b"one"] + [b"other"] * 4
    assert origin.count("/me") == 5
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_the_flight_goes_on_when_its_first_viewer_leaves(tmp_path: Path) -> None:
    """The fetch belongs to the cache, not to the first client (sheet 18.4)."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", held(gate, reply(BODY, Cache_Control="max-age=60")))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        leader = await connect(edge.port)
        leader.send(request("/a"))
        await gate.arrived()
        following = Deferred.fromCoroutine(ask(edge.port, "/a"))
        await until(lambda: edge.status()["waiting_for_flight"] == 1)
        leader.leave()
        await pause(0.05)
        gate.open()
        follower = await following
        assert follower.is_whole
        assert follower.body == BODY
    assert origin.count("/a") == 1
    await origin.stop()
