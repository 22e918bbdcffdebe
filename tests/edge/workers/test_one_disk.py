"""What workers have of one another, through the disk that they share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_twisted

from edge.service import EdgeNode
from edge.workers.place import Place
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from wire.clock import RIGHT, Clock

NOBODY = "http://127.0.0.1:9"


@asynccontextmanager
async def two_workers(origin: ScriptedOrigin, folder: Path) -> AsyncIterator[list[EdgeNode]]:
    """Of one node, in this process; their parent is not there."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                running_edge(origin.url, place=Place(seat, 2, NOBODY), cache_dir=str(folder))
            )
            for seat in range(2)
        ]


@pytest_twisted.ensureDeferred
async def test_one_validation_serves_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose own memory of it has grown stale looks at the disk before it asks."""
    now, later = RIGHT.steady(), 0.0
    monkeypatch.setattr(Clock, "steady", lambda _: lambda: now() + later)
    origin = ScriptedOrigin().listen()
    origin.once("/a", reply(b"x", Cache_Control="max-age=60", ETag='"1"'))
    origin.on("/a", reply(b"", 304, Cache_Control="max-age=60", ETag='"1"'))
    async with two_workers(origin, tmp_path) as workers:
        first, second = workers
        assert (await get(first, "/a")).cache == "MISS"
        await until(lambda: first.status()["in_flight"] == 0)
        assert (await get(second, "/a")).cache == "HIT"
        later = 90.0
        assert (await get(first, "/a")).cache == "REVALIDATED"
        await until(lambda: first.status()["in_flight"] == 0)
        for _ in range(2):
            answer = await get(second, "/a")
            assert (answer.cache, answer.body) == ("HIT", b"x")
        assert origin.count() == 2
    await origin.stop()
