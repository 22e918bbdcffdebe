"""Bodies on their way through: in memory, on disk, and where neither has room (sheet 12.7, 22.4)."""

from __future__ import annotations

import errno
import gc
import resource
import shutil
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from edge.cache.shelf import Shelf
from edge.settings import Limits
from tests.support.edge_node import get, pause, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, Script, ScriptedOrigin, head, reply
from tests.support.viewer import answer_of, connect, request

BODY = bytes(range(256)) * 40
MIB = 1 << 20


def resident_bytes() -> int:
    """What the process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def swallowed(port: int, target: str) -> int:
    """How many body bytes a viewer that keeps none of them is sent."""
    viewer = await connect(port)
    count = 0
    head_bytes = 0

    def swallow(data: bytes) -> None:
        nonlocal count, head_bytes
        if not head_bytes:
            head_bytes = data.index(b"\r\n\r\n") + 4
        count += len(data)

    viewer.dataReceived = swallow  # type: ignore[method-assign]
    viewer.send(request(target))
    await viewer.ended
    return count - head_bytes


def in_two(body: bytes, gate: Gate) -> Script:
    """Half a megabyte of a body, and behind a barrier the rest."""

    async def script(asked: Asked, line: Line) -> None:
        line.send(head(200, len(body), Cache_Control="max-age=60") + body[:500_000])
        await gate.passed()
        line.send(body[500_000:])

    return script


@pytest_twisted.ensureDeferred
async def test_a_large_body_streams_through_with_flat_memory(tmp_path: Path) -> None:
    """64 MiB to a slow reader and a quick one, stored on disk: the process does not grow by the body."""
    origin, size, piece = ScriptedOrigin().listen(), 64 * MIB, bytes(64 * 1024)

    async def large(asked: Asked, line: Line) -> None:
        line.send(head(200, size, Cache_Control="max-age=60"))
        for _ in range(size // len(piece)):
            line.send(piece)
            await pause(0)

    origin.on("/film", large)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        gc.collect()
        before = resident_bytes()
        received = await swallowed(edge.port, "/film")
        assert received == size
        await until(lambda: edge.status()["in_flight"] == 0)
        assert await swallowed(edge.port, "/film") == size
        assert resident_bytes() - before < 24 * MIB
        assert edge.status()["hits"] == 1
    assert origin.count("/film") == 1
    assert not list(tmp_path.rglob("spool-*"))
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_may_not_be_stored_never_touches_the_disk(tmp_path: Path) -> None:
    """Not even as a temporary file (sheet 22.4); and a slow viewer holds its upstream back instead."""
    origin, size, piece = ScriptedOrigin().listen(), 16 * MIB, bytes(64 * 1024)
    sent = 0

    async def large(asked: Asked, line: Line) -> None:
        nonlocal sent
        line.send(head(200, size, Cache_Control="no-store"))
        for _ in range(size // len(piece)):
            line.send(piece)
            sent += len(piece)
            await pause(0)

    origin.on("/secret", large)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        viewer = await connect(edge.port)
        viewer.transport.pauseProducing()
        viewer.send(request("/secret"))
        await until(lambda: sent == size)
        await pause(0.1)
        assert not list(tmp_path.rglob("spool-*"))
        assert edge.machinery is not None
        (line,) = origin.lines
        assert len(line.transport.dataBuffer) + len(line.transport._tempDataBuffer) > 0  # it is held back
        viewer.transport.resumeProducing()
        await viewer.ended
        assert len(viewer.received) > size
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_object_over_the_limit_streams_through_unstored(tmp_path: Path) -> None:
    """With a length or without: every byte arrives, none stays (sheet 12.7)."""
    origin = ScriptedOrigin().listen()

    async def unannounced(asked: Asked, line: Line) -> None:
        line.send(head(200, Transfer_Encoding="chunked", Cache_Control="max-age=60"))
        for start in range(0, len(large), 50_000):
            part = large[start : start + 50_000]
            line.send(b"%x\r\n%b\r\n" % (len(part), part))
            await pause(0)
        line.send(b"0\r\n\r\n")

    large = BODY * 60
    origin.on("/known", reply(large, Cache_Control="max-age=60"))
    origin.on("/unknown", unannounced)
    limits = Limits(object_bytes=300_000, drain_seconds=0.5)
    async with running_edge(origin.url, cache_dir=str(tmp_path), limits=limits) as edge:
        for target in ("/known", "/unknown"):
            for _ in range(2):
                answer = await get(edge, target)
                assert (answer.cache == "HIT", answer.body == large, answer.is_whole) == (False, True, True)
        await until(lambda: edge.status()["in_flight"] == 0)
        assert edge.status()["cache"]["entries"] == 0
        assert not list(tmp_path.rglob("spool-*"))
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_cache_folder_that_vanishes_costs_no_viewer_its_answer(tmp_path: Path) -> None:
    """The body is whole; that it could not be stored is the cache's own trouble."""
    origin, end = ScriptedOrigin().listen(), Gate()
    large = BODY * 2000

    origin.on("/a", in_two(large, end))
    folder = tmp_path / "cache"
    async with running_edge(origin.url, cache_dir=str(folder)) as edge:
        viewer = await connect(edge.port)
        viewer.send(request("/a"))
        await until(lambda: any((folder / "spools").rglob("spool-*")))
        await end.arrived()
        viewer.transport.pauseProducing()
        shutil.rmtree(folder)
        end.open()
        flights = edge.machinery.flights if edge.machinery is not None else None
        await until(lambda: not flights)  # all is here and dealt with, but for the viewer
        viewer.transport.resumeProducing()
        await viewer.ended
        assert answer_of(bytes(viewer.received)).body == large
        assert (await get(edge, "/a")).body == large
        await until(lambda: edge.status()["in_flight"] == 0)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_on_a_full_disk_a_follower_whose_beginning_is_gone_asks_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be kept is passed on; who comes too late for its first bytes gets them all the same."""
    origin, end = ScriptedOrigin().listen(), Gate()
    large = BODY * 100

    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    origin.on("/a", in_two(large, end))
    async with running_edge(origin.url, cache_dir=str(tmp_path), hot_bytes=1_000_000) as edge:
        monkeypatch.setattr("wire.web.spool.tempfile.mkstemp", full)
        first = await connect(edge.port)
        first.send(request("/a"))
        await first.until(450_000)
        second = Deferred.fromCoroutine(get(edge, "/a"))
        await until(lambda: origin.count() == 2)
        end.open()
        late = await second
        assert (late.status, late.is_whole, late.body == large) == (200, True, True)
        await first.ended
        assert answer_of(bytes(first.received)).body == large
    await origin.stop()


@pytest.mark.parametrize("size", [100_000, 300_000])
@pytest_twisted.ensureDeferred
async def test_on_a_full_disk_memory_takes_what_it_has_room_for(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it would without a disk: what is large lies there only for want of a better place."""
    origin = ScriptedOrigin().listen()
    body = (BODY * 30)[:size]
    origin.on("/a", reply(body, 200, Cache_Control="max-age=60"))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with running_edge(origin.url, cache_dir=str(tmp_path), hot_bytes=16_000_000) as edge:
        monkeypatch.setattr("wire.web.spool.tempfile.mkstemp", full)
        monkeypatch.setattr(Shelf, "put", full)
        for _ in range(3):
            answer = await get(edge, "/a")
            assert (answer.status, answer.body == body) == (200, True)
            await until(lambda: edge.status()["in_flight"] == 0)
        assert answer.cache == "HIT"
        assert origin.count() == 1
    await origin.stop()
