"""Ranges of one body, stored or still growing (sheet 11)."""

from __future__ import annotations

from pathlib import Path

import pytest_twisted
from twisted.internet.defer import Deferred

from tests.support.edge_node import get, pause, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, ScriptedOrigin, head, reply
from tests.support.viewer import ask

BODY = bytes(range(256)) * 40


@pytest_twisted.ensureDeferred
async def test_ranges_and_head_are_answered_from_the_store(tmp_path: Path) -> None:
    """One stored body serves them all (sheet 11.2, 13.3)."""
    origin = ScriptedOrigin().listen()
    large = BODY * 600
    origin.on("/a", reply(large, Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        await get(edge, "/a")
        await until(lambda: edge.status()["in_flight"] == 0)  # it is on disk
        part = await get(edge, "/a", Range="bytes=1000-2999")
        assert (part.status, part.body) == (206, large[1000:3000])
        assert part.get("Content-Range") == f"bytes 1000-2999/{len(large)}"
        tail = await get(edge, "/a", Range="bytes=-70000")
        assert (tail.status, tail.body == large[-70000:]) == (206, True)
        several = await get(edge, "/a", Range="bytes=0-9,1000-1009")
        assert several.status == 206
        assert several.body.count(b"Content-Range: bytes") == 2
        assert several.is_whole
        assert (await get(edge, "/a", Range=f"bytes={len(large)}-")).status == 416
        bare = await ask(edge.port, "/a", "HEAD")
        assert (bare.status, bare.body, bare.get("Content-Length")) == (200, b"", str(len(large)))
        assert (await get(edge, "/a", If_None_Match='"v1"')).status == 304
    assert len(origin.requests) == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_part_of_what_is_being_filled_follows_it(tmp_path: Path) -> None:
    """One fetch; and the part is whole before the fill is (sheet 11.6)."""
    origin, end = ScriptedOrigin().listen(), Gate()
    large = BODY * 100

    async def script(asked: Asked, line: Line) -> None:
        line.send(head(200, len(large), Cache_Control="max-age=60", ETag='"v1"') + large[:300_000])
        await end.passed()
        line.send(large[300_000:])

    origin.on("/a", script)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        whole = Deferred.fromCoroutine(get(edge, "/a"))
        await end.arrived()
        part = await get(edge, "/a", Range="bytes=1000-1999")
        assert (part.status, part.body) == (206, large[1000:2000])
        tail = Deferred.fromCoroutine(get(edge, "/a", Range="bytes=-10"))
        await pause(0.05)
        end.open()
        assert (await tail).body == large[-10:]
        assert (await whole).body == large
    assert origin.count() == 1
    await origin.stop()
