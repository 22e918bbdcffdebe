"""What goes by the express lane, what goes the full way, and that nobody can tell by the order."""

from __future__ import annotations

from typing import Any

import pytest_twisted
from attrs import evolve
from twisted.internet import reactor as real_reactor

from tests.edge.http.test_express import RAW, a_bench, a_viewer, lane_of, next_answer
from tests.support.edge_node import QUICK, get, pause, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import connect

reactor: Any = real_reactor
BODY = bytes(300_000)
SHORT = evolve(QUICK, idle_seconds=0.4)


@pytest_twisted.ensureDeferred
async def test_only_plain_hits_get_a_ticket() -> None:
    """Requests with demands of their own, conditions, ranges and other methods go the full way."""
    async with a_viewer(ETag='"v1"') as (edge, _, _viewer):
        for line in ("Cache-Control: max-age=5", "Pragma: no-cache", "Connection: close"):
            viewer = await connect(edge.port)
            await next_answer(viewer, RAW[:-2] + line.encode() + b"\r\n\r\n")
            assert len(lane_of(edge)) == 0
        for line in ("Range: bytes=0-1", 'If-None-Match: "v1"'):
            viewer = await connect(edge.port)
            viewer.send(RAW[:-2] + line.encode() + b"\r\n\r\n")
            await until(lambda viewer=viewer: b"\r\n\r\n" in viewer.received)
            assert bytes(viewer.received[9:12]) in (b"206", b"304")
            assert len(lane_of(edge)) == 0
        posting = await connect(edge.port)
        posting.send(RAW.replace(b"GET", b"POST")[:-2] + b"Content-Length: 0\r\n\r\n")
        await until(lambda: b"\r\n\r\n" in posting.received)
        assert len(lane_of(edge)) == 0


@pytest_twisted.ensureDeferred
async def test_a_head_is_answered_without_a_body_and_not_instead_of_a_get() -> None:
    """Each by its own bytes."""
    async with a_viewer() as (edge, _, viewer):
        heads = []
        for _step in range(3):
            viewer.received.clear()
            viewer.send(RAW.replace(b"GET", b"HEAD"))
            await until(lambda: viewer.received.endswith(b"\r\n\r\n"))
            heads.append(bytes(viewer.received))
        assert len(lane_of(edge)) == 1
        assert heads[1] == heads[2] or b"Age: 1" in heads[2]
        assert (await next_answer(viewer)).body == b"hello"
        assert len(lane_of(edge)) == 2
        assert b"Content-Length: 5\r\n" in heads[2]


@pytest_twisted.ensureDeferred
async def test_a_pipeline_is_answered_in_order_by_whichever_way() -> None:
    """Hits by the lane, as far as it knows them; the rest behind them."""
    async with a_viewer() as (edge, origin, viewer):
        origin.on("/b", reply(b"other", Cache_Control="max-age=60"))
        await next_answer(viewer)
        viewer.received.clear()
        viewer.send(RAW * 3 + RAW.replace(b"/a", b"/b") + RAW)
        await until(lambda: viewer.received.count(b"hello") == 4)
        words = bytes(viewer.received)
        assert words.index(b"other") > words.index(
            b"hello", words.index(b"hello", words.index(b"hello") + 1) + 1
        )
        assert words.rindex(b"hello") > words.index(b"other")
        assert edge.status()["requests"] == 7


@pytest_twisted.ensureDeferred
async def test_a_request_in_pieces_goes_the_full_way() -> None:
    """The lane takes whole requests or nothing, and again when the connection is at rest."""
    async with a_viewer() as (edge, _, viewer):
        await next_answer(viewer)
        viewer.received.clear()
        viewer.send(RAW[:10])
        await pause(0.02)
        viewer.send(RAW[10:] + RAW)
        await until(lambda: viewer.received.count(b"hello") == 2)
        await next_answer(viewer)
        assert edge.status()["hits"] == 4


@pytest_twisted.ensureDeferred
async def test_a_viewer_that_takes_no_answers_is_answered_no_further() -> None:
    """A pipeline for large bodies waits for its reader (issue: memory stays flat)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60"))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        viewer = await connect(edge.port)
        viewer.send(RAW)
        await until(lambda: viewer.received.endswith(bytes(1000)) and len(viewer.received) > len(BODY))
        viewer.received.clear()
        viewer.transport.pauseProducing()
        viewer.send(RAW * 200)
        await until(lambda: edge.status()["requests"] > 3)
        for _step in range(20):
            await pause(0.005)
        assert edge.status()["requests"] < 100
        viewer.transport.resumeProducing()
        await until(lambda: len(viewer.received) > 200 * len(BODY), within_seconds=20.0)
        assert edge.status()["requests"] == 202
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_connections_on_the_lane_are_not_idle_and_idle_ones_are_closed() -> None:
    """Idle since the last answer, by whichever way it went (limits.idle_seconds)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"hello", Cache_Control="max-age=60"))
    async with running_edge(origin.url, limits=SHORT) as edge:
        viewer = await connect(edge.port)
        for _step in range(8):
            await next_answer(viewer)
            await pause(0.1)
        assert not viewer.ended.called
        await viewer.ended
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_connection_on_the_lane_ends_at_its_age_too() -> None:
    """Behind an answer that says so (limits.connection_seconds)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"hello", Cache_Control="max-age=60"))
    async with running_edge(origin.url, limits=evolve(SHORT, connection_seconds=0.5)) as edge:
        viewer = await connect(edge.port)
        answer = await next_answer(viewer)
        while not answer.get("Connection"):
            await pause(0.05)
            answer = await next_answer(viewer)
        assert answer.get("Connection") == "close"
        assert answer.cache == "HIT"
        await viewer.ended
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_large_body_takes_the_lane_where_the_transport_keeps_references() -> None:
    """Others would copy it for each viewer: there it goes piece by piece, the full way."""
    bench = await a_bench()
    stored = await bench.store()
    bench.learn(stored)
    assert bench.lane.answer(RAW, "", bench.now, 4) is None
    assert bench.lane.answer(RAW, "", bench.now, 5) is not None
    bench.learn(stored, RAW.replace(b"GET", b"HEAD"))
    assert bench.lane.answer(RAW.replace(b"GET", b"HEAD"), "", bench.now, 4) is not None
