"""A real edge over real sockets, before an origin that does as it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from edge.cache.interface import VARIANTS, Body, BodyMissing
from edge.core.entry import Entry
from edge.settings import Limits
from tests.support.edge_node import QUICK, get, pause, running_edge, until
from tests.support.scripted_origin import Gate, ScriptedOrigin, held, reply
from tests.support.viewer import ask, connect, request

BODY = bytes(range(256)) * 40


@pytest_twisted.ensureDeferred
async def test_the_second_viewer_is_served_from_the_store(tmp_path: Path) -> None:
    """First MISS, then HIT, the same bytes, and one request upstream."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60", ETag='"v1"', X_Odd="1"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        first, second = await get(edge, "/a"), await get(edge, "/a")
        assert (first.cache, second.cache) == ("MISS", "HIT")
        assert first.body == second.body == BODY
        assert second.get("X-PoP") == "fra-1"
        assert second.get("Age") == "0"
        assert "fra-1; hit" in second.get("Cache-Status")
        assert "1.1 fra-1" in second.get("Via")
        assert second.get("X-Odd") == "1"
    assert origin.count("/a") == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_cold_head_fills_the_cache_like_a_get(tmp_path: Path) -> None:
    """`curl -I` twice shows a miss and a hit."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        first, second = await ask(edge.port, "/a", "HEAD"), await ask(edge.port, "/a", "HEAD")
        whole = await get(edge, "/a")
    assert (first.cache, second.cache, whole.cache) == ("MISS", "HIT", "HIT")
    assert first.get("Content-Length") == second.get("Content-Length") == str(len(BODY))
    assert (first.body, second.body, whole.body) == (b"", b"", BODY)
    assert origin.count("/a") == 1
    await origin.stop()


@pytest.mark.parametrize("has_disk", [False, True])
@pytest_twisted.ensureDeferred
async def test_what_is_asked_for_by_its_tag_alone_stays(has_disk: bool, tmp_path: Path) -> None:
    """8.4: a 304 is a use of what it was made from, though no byte of it is sent."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60", ETag='"v1"', Vary="X-Shape"))
    async with running_edge(origin.url, cache_dir=str(tmp_path) if has_disk else "") as edge:
        for shape in range(VARIANTS):
            await get(edge, "/a", X_Shape=str(shape))
        assert (await get(edge, "/a", X_Shape="0", If_None_Match='"v1"')).status == 304
        await get(edge, "/a", X_Shape="one more")
        await until(lambda: edge.status()["in_flight"] == 0)  # stored, and whoever had to go is gone
        again = [await get(edge, "/a", X_Shape=shape) for shape in ("0", "2", "1")]
        assert [answer.cache for answer in again] == ["HIT", "HIT", "MISS"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_stale_answer_is_better_than_an_error_when_the_origin_allows_it() -> None:
    """stale-if-error covers 5xx and silence alike (sheet 14.3)."""
    origin = ScriptedOrigin().listen()
    origin.once("/a", reply(BODY, Cache_Control="max-age=0, stale-if-error=60", ETag='"v1"'))
    origin.on("/a", reply(b"broken", 503))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        stale = await get(edge, "/a")
        assert (stale.status, stale.cache, stale.body) == (200, "STALE", BODY)
        await origin.stop()
        unreachable = await get(edge, "/a")
        assert (unreachable.status, unreachable.body) == (200, BODY)


@pytest_twisted.ensureDeferred
async def test_a_confirmed_answer_costs_no_body() -> None:
    """A stale entry is validated by its own ETag; 304 serves the stored bytes (sheet 9.2)."""
    origin = ScriptedOrigin().listen()
    origin.once("/a", reply(BODY, Cache_Control="max-age=0", ETag='"v1"'))
    origin.on("/a", reply(b"", 304, Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        confirmed, hit = await get(edge, "/a"), await get(edge, "/a")
        assert (confirmed.cache, confirmed.body) == ("REVALIDATED", BODY)
        assert (hit.cache, hit.body) == ("HIT", BODY)
    assert origin.requests[1].get("If-None-Match") == '"v1"'
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_stale_while_revalidate_refreshes_behind_the_viewer() -> None:
    """The viewer has its stale answer at once; one validation runs in the background (sheet 14.6)."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.once("/a", reply(b"old", Cache_Control="max-age=0, stale-while-revalidate=60", ETag='"v1"'))
    origin.on("/a", held(gate, reply(b"new", Cache_Control="max-age=60", ETag='"v2"')))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        assert [(await get(edge, "/a")).body for _ in range(3)] == [b"old"] * 3
        await gate.arrived()
        gate.open()
        await until(lambda: edge.status()["in_flight"] == 0)
        fresh = await get(edge, "/a")
        assert (fresh.cache, fresh.body) == ("HIT", b"new")
    assert origin.count("/a") == 2
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_restarted_node_still_has_its_disk(tmp_path: Path) -> None:
    """What was stored before the stop is a HIT after the start."""
    origin = ScriptedOrigin().listen()
    large = BODY * 800
    origin.on("/small", reply(BODY, Cache_Control="max-age=600"))
    origin.on("/large", reply(large, Cache_Control="max-age=600"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        for target in ("/small", "/large"):
            assert (await get(edge, target)).cache == "MISS"
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        small, whole = await get(edge, "/small"), await get(edge, "/large")
        assert (small.cache, small.body) == ("HIT", BODY)
        assert (whole.cache, whole.body == large) == ("HIT", True)
    assert len(origin.requests) == 2
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_no_upstream_is_a_502_that_says_so_in_a_sentence() -> None:
    """An unreachable origin is told in plain text, with no trace of our insides."""
    origin = ScriptedOrigin().listen()
    await origin.stop()
    async with running_edge(origin.url) as edge:
        answer = await get(edge, "/a")
    assert answer.status in (502, 504)
    assert answer.get("Content-Type").startswith("text/plain")
    assert answer.body.strip()
    assert b"Traceback" not in answer.body


@pytest_twisted.ensureDeferred
async def test_a_silent_upstream_is_a_504() -> None:
    """The first byte has its time limit."""
    origin, never = ScriptedOrigin().listen(), Gate()
    origin.on("/a", held(never, reply(b"")))
    limits = Limits(first_byte_seconds=0.2, drain_seconds=0.2)
    async with running_edge(origin.url, limits=limits) as edge:
        assert (await get(edge, "/a")).status == 504
    never.open()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_pipeline_on_one_connection_is_answered_in_order() -> None:
    """Keep-alive and pipelining, HTTP/1.1 and an HTTP/1.0 client that asked to stay."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"AAA", Cache_Control="max-age=60"))
    origin.on("/b", reply(b"BBB", Cache_Control="max-age=60"))
    async with running_edge(origin.url) as edge:
        viewer = await connect(edge.port)
        viewer.send(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n" + request("/a"))
        await viewer.ended
        text = bytes(viewer.received)
        assert text.count(b"HTTP/1.1 200") == 3
        assert text.index(b"AAA") < text.index(b"BBB") < text.rindex(b"AAA")
        old = await connect(edge.port)
        old.send(
            b"GET /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\nHost: x\r\n\r\n"
        )
        await old.ended
        assert b"AAA" in old.received
        assert old.received.endswith(b"BBB")
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_stopping_node_lets_running_answers_end() -> None:
    """No new connections, the old answer whole, then gone."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", held(gate, reply(BODY)))
    async with running_edge(origin.url, limits=QUICK) as edge:
        running = Deferred.fromCoroutine(ask(edge.port, "/a"))
        await gate.arrived()
        stopping = edge.stopService()
        await pause(0.02)
        gate.open()
        answer = await running
        assert answer.is_whole
        await stopping
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_who_left_while_its_answer_went_away_is_fetched_nothing_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Evicted between look-up and use, and nobody there for what would come in its place (sheet 12.6)."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60"))

    async def evicted(entry: Entry) -> Body:
        await gate.passed()
        raise BodyMissing(entry.key)

    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        assert edge.machinery is not None
        monkeypatch.setattr(edge.machinery.cache, "open", evicted)
        viewer = await connect(edge.port)
        viewer.send(request("/a"))
        await gate.arrived()
        viewer.leave()
        await until(lambda: not edge._viewers.channels)
        gate.open()
        await until(lambda: edge.status()["in_flight"] == 0)
    assert origin.count("/a") == 1
    await origin.stop()
