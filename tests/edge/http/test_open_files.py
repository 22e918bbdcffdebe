"""Bodies that lie open on disk: on the express lane, by the kernel, and never when they are not what was stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_twisted

from edge.core.tags import path_tag
from edge.service import EdgeNode
from tests.support.caches import pattern
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import Connection, answer_of, connect
from wire.web.files import SharedFile

SIZES = [40_000, 300_000, 1_000_000, 3_000_000]  # read for the lane; sent by the kernel; in pieces
RAW = b"GET /a HTTP/1.1\r\nHost: cdn.example\r\n\r\n"


@asynccontextmanager
async def a_viewer(folder: Path, size: int) -> AsyncIterator[tuple[EdgeNode, ScriptedOrigin, Connection]]:
    """A kept connection to an edge that has /a on disk alone."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(pattern(size), 200, Cache_Control="max-age=60"))
    async with running_edge(origin.url, cache_dir=str(folder), hot_bytes=2_000) as edge:
        await get(edge, "/a")
        await until(lambda: edge.status()["cache"]["entries"] == 1)
        viewer = await connect(edge.port)
        assert await asked(viewer, size) == pattern(size)
        yield edge, origin, viewer
    await origin.stop()


async def asked(viewer: Connection, size: int, raw: bytes = RAW) -> bytes:
    """The body of the next answer."""
    viewer.received.clear()
    viewer.send(raw)
    await until(lambda: len(viewer.received.partition(b"\r\n\r\n")[2]) >= size, 30)
    answer = answer_of(bytes(viewer.received))
    assert answer.status == 200
    return answer.body


@pytest.mark.parametrize("size", SIZES)
@pytest_twisted.ensureDeferred
async def test_what_lies_open_is_sent_whole_and_right(size: int, tmp_path: Path) -> None:
    """Again and again on one connection; all but the longest without a conversation."""
    async with a_viewer(tmp_path, size) as (edge, origin, viewer):
        before = edge.tally.express_hits
        for _ in range(3):
            assert await asked(viewer, size) == pattern(size)
        assert edge.tally.express_hits - before == (3 if size <= 1_000_000 else 0)
        assert len(origin.requests) == 1


@pytest.mark.parametrize("size", SIZES[:3])
@pytest_twisted.ensureDeferred
async def test_a_viewer_who_is_slow_to_read_gets_answers_in_their_order(size: int, tmp_path: Path) -> None:
    """What is asked meanwhile waits for the file before it."""
    async with a_viewer(tmp_path, size) as (_, _origin, viewer):
        viewer.received.clear()
        viewer.transport.pauseProducing()
        for _ in range(20):
            viewer.send(RAW)
        viewer.transport.resumeProducing()
        await until(lambda: viewer.received.count(b"HTTP/1.1 200") == 20, 30)
        await until(lambda: viewer.received.endswith(pattern(size)), 30)
        answers = bytes(viewer.received).split(b"HTTP/1.1 200 ")
        assert [answer.partition(b"\r\n\r\n")[2] for answer in answers[1:]] == [pattern(size)] * 20


@pytest.mark.parametrize("size", SIZES[:3])
@pytest_twisted.ensureDeferred
async def test_what_the_disk_would_have_to_be_waited_for_goes_the_full_way(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread waits, not everybody."""
    async with a_viewer(tmp_path, size) as (edge, _, viewer):
        monkeypatch.setattr(SharedFile, "read_now", lambda *_: None)
        edge.machinery.lanes[0].clear()  # type: ignore[union-attr]
        before = edge.tally.express_hits
        assert await asked(viewer, size) == await asked(viewer, size) == pattern(size)
        assert edge.tally.express_hits == before


@pytest.mark.parametrize("size", SIZES[:3])
@pytest_twisted.ensureDeferred
async def test_what_was_purged_or_changed_on_disk_is_fetched_anew(size: int, tmp_path: Path) -> None:
    """An open file is no reason to serve on."""
    async with a_viewer(tmp_path, size) as (edge, origin, viewer):
        assert edge.machinery is not None
        (path,) = (tmp_path / "store").rglob("*.val")
        path.write_bytes(bytes(size))
        edge.machinery.lanes[0].clear()  # what was looked into this second
        assert await asked(viewer, size) == pattern(size)
        assert len(origin.requests) == 2
        await until(lambda: edge.status()["cache"]["entries"] == 1)
        assert await asked(viewer, size) == pattern(size)
        await edge.machinery.forget((), (path_tag("/a"),))
        assert await asked(viewer, size) == pattern(size)
        assert len(origin.requests) == 3
