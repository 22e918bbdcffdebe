"""At every byte of a small exchange a viewer may leave: nothing wrong is stored, and nothing is left behind.

Upstreams that fail at every byte are in test_broken_answers.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest_twisted

from edge.service import EdgeNode
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import connect, request

BODY = b"abcdefghij"


def quiet(edge: EdgeNode, folder: Path) -> bool:
    """Whether nothing runs, waits or grows."""
    node = edge.machinery
    assert node is not None
    is_idle = edge.status()["in_flight"] == 0 and len(node.flights) == 0 and not node.spools
    return is_idle and not list(folder.rglob("spool-*"))


@pytest_twisted.ensureDeferred
async def test_a_viewer_that_leaves_at_any_byte_of_its_request(tmp_path: Path) -> None:
    """An upload that is not whole here is not whole there."""
    origin = ScriptedOrigin().listen()
    origin.on("/up", reply(b"ok", Cache_Control="no-store"))
    raw = b"POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        for at in range(len(raw)):
            viewer = await connect(edge.port)
            viewer.send(raw[:at])
            viewer.transport.loseConnection()
            await viewer.ended
        await until(lambda: quiet(edge, tmp_path) and not edge._viewers.channels)
        assert origin.count() == 0
        await until(lambda: all(line.unread == b"" for line in origin.lines))
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_viewer_that_leaves_at_any_byte_of_its_answer(tmp_path: Path) -> None:
    """Small as it is the fill is finished, and the next one has a hit with the right bytes."""
    origin = ScriptedOrigin().listen()
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        for at in range(1, 400, 7):
            origin.on(f"/{at}", reply(BODY * 30, Cache_Control="max-age=60"))
            viewer = await connect(edge.port)
            viewer.send(request(f"/{at}"))
            await viewer.until(at)
            viewer.leave()
            answer = await get(edge, f"/{at}")
            assert (answer.status, answer.body) == (200, BODY * 30)
            assert origin.count(f"/{at}") == 1
        await until(lambda: quiet(edge, tmp_path) and not edge._viewers.channels)
    await origin.stop()
