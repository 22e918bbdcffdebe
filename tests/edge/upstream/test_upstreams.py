"""Several upstreams behind one edge that are slow, busy, or answer with errors."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from edge.service import EdgeNode
from edge.settings import Checks, Concurrency, Retries
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, Script, ScriptedOrigin, head, held, reply
from tests.support.viewer import ask, connect


def running(*origins: ScriptedOrigin, **settings: Any) -> AbstractAsyncContextManager[EdgeNode]:
    return running_edge(*(origin.url for origin in origins), **settings)


def everywhere(origin: ScriptedOrigin, script: Script) -> None:
    for path in ("/0", "/1", "/2", "/3", "/4", "/a", "/b", "/c"):
        origin.on(path, script)


async def failing(asked: Asked, line: Line) -> None:
    line.send(head(503, 4, Retry_After="9") + b"oops")


@pytest_twisted.ensureDeferred
async def test_no_more_run_at_once_than_was_said_and_the_rest_wait() -> None:
    """Six viewers, two turns: never more than two questions at the origin, and everybody is answered."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    for number in range(6):
        origin.on(f"/{number}", held(gate, reply(b"%d" % number)))
    async with running(origin, concurrency=Concurrency(requests=2)) as edge:
        asking = [Deferred.fromCoroutine(get(edge, f"/{number}")) for number in range(6)]
        await until(lambda: edge.status()["waiting_for_upstream"] == 4)
        await until(lambda: origin.count() == 2)
        gate.open()
        answers = await gatherResults(asking)
        assert [answer.body for answer in answers] == [b"%d" % number for number in range(6)]
        assert origin.connections == 2
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_who_finds_the_line_full_is_told_when_to_come_back() -> None:
    """503 with Retry-After at once, and the origin hears nothing of it."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", held(gate, reply(b"a")))
    async with running(origin, concurrency=Concurrency(requests=1, waiting=0)) as edge:
        first = Deferred.fromCoroutine(get(edge, "/a"))
        await until(lambda: origin.count() == 1)
        refused = await get(edge, "/b")
        assert (refused.status, refused.get("Retry-After")) == (503, "1")
        gate.open()
        assert (await first).status == 200
    assert [asked.target for asked in origin.requests] == ["/a"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_full_line_is_no_fault_and_the_next_upstream_is_asked() -> None:
    """The busy one stays the first choice."""
    busy, other, gate = ScriptedOrigin().listen(), ScriptedOrigin().listen(), Gate()
    busy.on("/a", held(gate, reply(b"a")))
    other.on("/b", reply(b"b"))
    async with running(busy, other, concurrency=Concurrency(requests=1, waiting=0)) as edge:
        first = Deferred.fromCoroutine(get(edge, "/a"))
        await until(lambda: busy.count() == 1)
        assert (await get(edge, "/b")).body == b"b"
        assert edge.status()["upstreams"] == {busy.url: "up", other.url: "up"}
        assert edge.status()["upstreams_up"] == 2
        gate.open()
        await first
    for origin in (busy, other):
        await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_viewer_who_leaves_the_line_is_not_asked_for() -> None:
    """Its turn would be a question nobody waits for."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", held(gate, reply(b"a")))
    async with running(origin, concurrency=Concurrency(requests=1)) as edge:
        first = Deferred.fromCoroutine(get(edge, "/a"))
        await until(lambda: origin.count() == 1)
        leaving = await connect(edge.port)
        leaving.send(b"GET /b HTTP/1.1\r\nHost: site\r\n\r\n")
        await until(lambda: edge.status()["waiting_for_upstream"] == 1)
        leaving.leave()
        await until(lambda: edge.status()["waiting_for_upstream"] == 0)
        gate.open()
        assert (await first).status == 200
    assert [asked.target for asked in origin.requests] == ["/a"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_upstream_that_only_answers_errors_is_left_alone() -> None:
    """Three 503 in a row are its own; then the other one is asked first."""
    broken, sound = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    everywhere(broken, failing)
    everywhere(sound, reply(b"sound"))
    async with running(broken, sound, outlier_errors=3) as edge:
        answers = [(await get(edge, f"/{number}")).status for number in range(5)]
    assert answers == [503, 503, 503, 200, 200]
    assert (broken.count(), sound.count()) == (3, 2)
    for origin in (broken, sound):
        await origin.stop()


@pytest_twisted.ensureDeferred
async def test_where_it_is_wanted_an_error_is_asked_again_elsewhere_if_that_does_no_harm() -> None:
    """GET may be put twice; a POST that was answered may not (RFC 9110 §9.2.2)."""
    broken, sound = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    everywhere(broken, failing)
    everywhere(sound, reply(b"sound"))
    async with running(broken, sound, outlier_errors=0, retries=Retries(statuses=(503,))) as edge:
        assert (await get(edge, "/a")).body == b"sound"
        assert (await ask(edge.port, "/a", "POST", b"once")).status == 503
        assert (await get(edge, "/c")).body == b"sound"
    assert (broken.count(), sound.count()) == (3, 2)
    for origin in (broken, sound):
        await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_kept_connection_that_died_costs_no_retry() -> None:
    """Nobody was asked twice: the budget is for upstreams that may have begun to work."""
    origin = ScriptedOrigin().listen()

    async def reset(asked: Asked, line: Line) -> None:
        line.cut()

    for _ in range(4):
        origin.once("/a", reply(b"a", Cache_Control="no-store"))
        origin.once("/a", reset)
    origin.on("/a", reply(b"a", Cache_Control="no-store"))
    async with running(origin, retries=Retries(share=0.0)) as edge:
        assert edge.machinery is not None
        budget = edge.machinery.upstreams.budget
        while budget.spend():
            pass
        for _ in range(8):
            assert (await get(edge, "/a")).body == b"a"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_the_last_ones_error_is_the_answer() -> None:
    """When all answer so, the viewer gets what the last one said, whole."""
    one, two = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    for origin in (one, two):
        everywhere(origin, failing)
    async with running(one, two, retries=Retries(statuses=(503,))) as edge:
        answer = await get(edge, "/a")
        assert (answer.status, answer.body, answer.get("Retry-After")) == (503, b"oops", "9")
    assert (one.count(), two.count()) == (1, 1)
    for origin in (one, two):
        await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_checked_upstream_is_left_and_returned_to_without_costing_a_viewer() -> None:
    """Its check says no, and later yes again: no viewer's question had to find out."""
    first, second = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    for origin in (first, second):
        origin.on("/healthz", reply(b"fine"))
        origin.on("/a", reply(origin.url.encode(), Cache_Control="no-store"))
    checks = Checks(path="/healthz", interval_seconds=0.05, timeout_seconds=1.0)
    async with running(first, second, checks=checks) as edge:
        assert (await get(edge, "/a")).body == first.url.encode()
        first.on("/healthz", failing)
        await until(lambda: edge.status()["upstreams"][first.url] == "ejected")
        assert edge.status()["upstreams_up"] == 1
        assert (await get(edge, "/a")).body == second.url.encode()
        first.on("/healthz", reply(b"fine"))
        await until(lambda: edge.status()["upstreams"][first.url] == "up")
        assert (await get(edge, "/a")).body == first.url.encode()
    for origin in (first, second):
        await origin.stop()
