"""An hour of bad luck in two seconds: whatever breaks, no wrong body is whole, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from edge.service import EdgeNode
from tests.support.descriptors import counted, open_in
from tests.support.edge_node import pause, running_edge, until
from tests.support.scripted_origin import Asked, Line, Script, ScriptedOrigin, head
from tests.support.viewer import answer_of, ask, connect, request

SIZES = (0, 1, 700, 70_000, 400_000)
PATHS = [f"/{size}/{number}" for size in SIZES for number in range(4)]


def body_of(path: str) -> bytes:
    """What the origin has there; no two paths alike."""
    size = int(path.split("/")[1])
    return (path.encode() * (size // len(path) + 1))[:size]


def unlucky(rng: Random) -> Script:
    """An origin that is well half of the time."""

    async def script(asked: Asked, line: Line) -> None:
        body, luck = body_of(asked.target), rng.random()
        fields = {
            "ETag": f'"{len(body)}"',
            "Cache_Control": rng.choice(("max-age=60", "max-age=0", "private")),
        }
        start = int((asked.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
        await pause(rng.random() * 0.01)
        if asked.get("If-Range") is not None:
            fields["Content_Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            line.send(head(206, len(body) - start, **fields) + body[start:])
        elif luck < 0.6:
            line.send(head(200, len(body), **fields) + body)
        elif luck < 0.7:
            line.send(head(200, None, Transfer_Encoding="chunked", **fields))
            line.send(b"%x\r\n%b\r\n" % (len(body), body) if body else b"")
            if luck < 0.65:
                line.send(b"0\r\n\r\n")
            else:
                line.close()
        elif luck < 0.9:
            line.send((head(200, len(body), **fields) + body)[: rng.randrange(len(body) + 100)])
            await pause(rng.random() * 0.01)
            line.cut() if luck < 0.8 else line.close()
        else:
            line.send(head(503, 0))

    return script


class Luckless:
    """A viewer that asks for anything, hangs up at times, and checks each body it is told is whole."""

    def __init__(self, edge: EdgeNode, seed: int) -> None:
        self.whole = 0
        self._edge = edge
        self._rng = Random(seed)

    async def live(self) -> None:
        """Fifty requests, one after the other."""
        for _ in range(50):
            path, luck = self._rng.choice(PATHS), self._rng.random()
            if luck < 0.15:
                await self._hang_up(path)
            elif luck < 0.3:
                await self._part(path)
            else:
                if luck < 0.4:
                    await ask(self._edge.control_port, f"/purge?url={path}", "POST")
                await self._all(path)

    async def _hang_up(self, path: str) -> None:
        connection = await connect(self._edge.port)
        connection.send(request(path))
        await pause(self._rng.random() * 0.01)
        connection.leave()

    async def _part(self, path: str) -> None:
        connection = await connect(self._edge.port)
        connection.send(request(path, Range="bytes=100-399"))
        await connection.ended
        answer = answer_of(bytes(connection.received))
        if answer.is_whole and answer.status == 206:
            assert answer.body == body_of(path)[100:400]

    async def _all(self, path: str) -> None:
        answer = await ask(self._edge.port, path)
        if answer.is_whole and answer.status == 200:
            assert answer.body == body_of(path), path
            self.whole += 1
        elif answer.is_whole:
            assert answer.status in (502, 503, 504)


@pytest_twisted.ensureDeferred
async def test_no_wrong_body_is_ever_whole_and_nothing_leaks(tmp_path: Path) -> None:
    """600 requests by 12 impatient viewers before two unlucky origins."""
    rng = Random(20260823)
    sockets = counted()["sockets"]
    origins = [ScriptedOrigin().listen() for _ in range(2)]
    for path in PATHS:
        for origin in origins:
            origin.on(path, unlucky(rng))
    async with running_edge(*(origin.url for origin in origins), cache_dir=str(tmp_path)) as edge:
        viewers = [Luckless(edge, seed) for seed in range(12)]
        await gatherResults([Deferred.fromCoroutine(viewer.live()) for viewer in viewers])
        await until(lambda: edge.status()["in_flight"] == 0)
        assert sum(viewer.whole for viewer in viewers) > 250
        assert edge.status()["hits"] > 50
        assert edge.machinery is not None
        assert not edge.machinery.spools
        assert not edge.machinery._looking_up
        assert len(edge.machinery.flights) == 0
        assert not list(tmp_path.rglob("spool-*"))
    for origin in origins:
        await origin.stop()
        assert not origin.failures
    await pause(0.1)
    assert not [name for name in open_in() if str(tmp_path) in name and "cache.db" not in name]
    assert counted()["sockets"] <= sockets
