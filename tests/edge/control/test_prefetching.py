"""What an operator had fetched is there when the first viewer asks."""

from __future__ import annotations

import json
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from edge.service import EdgeNode
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import Gate, ScriptedOrigin, held, reply
from tests.support.viewer import Answer, ask


async def prefetch(node: EdgeNode, told: Any) -> Answer:
    """POST /prefetch as JSON."""
    body = json.dumps(told).encode()
    return await ask(node.control_port, "/prefetch", "POST", body, Content_Type="application/json")


async def words(node: EdgeNode, *urls: str, **headers: str) -> dict[str, str]:
    """What came of each URL."""
    answer = await prefetch(node, {"urls": list(urls), "headers": headers})
    assert answer.status == 200, answer.body
    told: dict[str, str] = json.loads(answer.body)["urls"]
    return told


@pytest_twisted.ensureDeferred
async def test_what_was_prefetched_is_a_hit_for_its_own_variant() -> None:
    """The headers given choose it; what is fresh already is not fetched again; a list may be long."""
    origin = ScriptedOrigin().listen()
    paths = [f"/{number}" for number in range(20)]
    for path in paths:
        origin.on(path, reply(b"x", Cache_Control="max-age=60", Vary="Accept"))
    async with running_edge(origin.url) as edge:
        urls = [f"http://ex.com{path}" for path in paths]
        assert await words(edge, *urls, Accept="image/avif") == dict.fromkeys(urls, "stored")
        assert (await get(edge, "/7", Host="ex.com", Accept="image/avif")).cache == "HIT"
        assert (await get(edge, "/7", Host="ex.com", Accept="image/png")).cache == "MISS"
        assert await words(edge, urls[7], Accept="image/avif") == {urls[7]: "held"}
    assert len(origin.requests) == 21
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_came_of_each_is_told_in_a_word() -> None:
    """Stored, not to be stored, failed, or another's already; a stale one is validated."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/no", reply(b"x", Cache_Control="no-store"))
    origin.on("/error", reply(b"x", 500))
    origin.on("/slow", held(gate, reply(b"x", Cache_Control="max-age=60")))
    origin.once("/stale", reply(b"x", Cache_Control="max-age=0", ETag='"v1"'))
    origin.on("/stale", reply(b"", 304, Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url) as edge:
        waiting = Deferred.fromCoroutine(get(edge, "/slow", Host="ex.com"))
        await gate.arrived()
        await get(edge, "/stale", Host="ex.com")
        base = "http://ex.com"
        told = await words(edge, *(base + path for path in ("/no", "/error", "/slow", "/stale")), "ftp://x/")
        assert told == {
            base + "/no": "not stored",
            base + "/error": "failed",
            base + "/slow": "under way",
            base + "/stale": "stored",
            "ftp://x/": "failed",
        }
        gate.open()
        await waiting
        assert (await get(edge, "/stale", Host="ex.com")).cache == "HIT"
        await until(lambda: edge.status()["in_flight"] == 0)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_bare_path_is_asked_for_under_the_nodes_own_host() -> None:
    """As who asks the node directly would."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, host="site.example") as edge:
        assert await words(edge, "/a") == {"/a": "stored"}
        assert origin.requests[0].get("host") == "site.example"
        assert (await get(edge, "/a", Host="site.example")).cache == "HIT"
    await origin.stop()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "told",
    [
        [],
        {},
        {"urls": []},
        {"urls": "/a"},
        {"urls": [1]},
        {"urls": ["/a"], "soft": True},
        {"urls": ["/a"], "headers": {"Host": "x"}},
        {"urls": ["/a"], "headers": {"A": "b\r\nC: d"}},
        {"urls": ["/a"], "headers": {"A b": "c"}},
        {"urls": ["/a"] * 1001},
    ],
)
async def test_a_prefetch_that_makes_no_sense_is_refused(told: Any) -> None:
    """400 with a sentence, and nothing is asked of anybody."""
    async with running_edge("http://127.0.0.1:9") as edge:
        answer = await prefetch(edge, told)
        assert answer.status == 400
        assert json.loads(answer.body)["error"]["message"]
        assert (await ask(edge.control_port, "/prefetch")).status == 405


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "headers",
    [
        {"CDN-Loop": "pixeledge; node=fra-1"},
        {"Cache-Control": "only-if-cached"},
    ],
)
async def test_what_is_refused_is_not_said_to_be_under_way(headers: dict[str, str]) -> None:
    """A request that came round, or must not go on, is fetched by nobody (sheet 16.2, 7.8)."""
    async with running_edge("http://127.0.0.1:9") as edge:
        assert await words(edge, "http://ex.com/a", **headers) == {"http://ex.com/a": "failed"}


@pytest_twisted.ensureDeferred
async def test_what_has_just_failed_is_not_said_to_be_under_way() -> None:
    """Nobody asks for it: it is held off for a moment (sheet 14.6)."""
    async with running_edge("http://127.0.0.1:9") as edge:
        told = [await words(edge, "http://ex.com/a") for _ in range(2)]
    assert told == [{"http://ex.com/a": "failed"}] * 2
