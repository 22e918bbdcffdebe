"""Two nodes before one origin, one with the express lane and one without: nobody can tell them apart."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as real_reactor

from edge.service import EdgeNode, make_service
from edge.settings import Settings
from tests.support.edge_node import QUICK, until
from tests.support.scripted_origin import Asked, Line, ScriptedOrigin, head
from tests.support.viewer import Connection, ask, connect

reactor: Any = real_reactor
STEPS = 100
START = 1_800_000_000.0
TARGETS = ("/a", "/%61", "/b?x=1", "/b?x=1&y", "/./a")
FIELDS = (
    "X-Shape: 1",
    "X-Shape: 2",
    "Cookie: s=1",
    "Authorization: Basic eDp5",
    "Range: bytes=1-2",
    'If-None-Match: "v1"',
    'If-Range: "v0"',
    "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
    "Cache-Control: no-cache",
    "Cache-Control: max-age=1",
    "Cache-Control: max-stale",
    "cache-control: only-if-cached",
    "Pragma: no-cache",
    "X-Forwarded-For: 9.9.9.9",
    "CDN-Loop: pixeledge; node=x",
)
LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)


class World:
    """The origin and its version of things, a clock of our own, and the two nodes."""

    def __init__(self, rng: Random, folder: Path, disk: bool) -> None:
        self.now, self.version, self.rng = START, 1, rng
        self.origin = ScriptedOrigin().listen()
        for path in ("/a", "/%61", "/b"):
            self.origin.on(path, self.script)
        self.nodes = [self.node(folder, "with", disk), self.node(folder, "without", disk)]
        self.viewers: list[Connection | None] = [None, None]

    def node(self, folder: Path, lane: str, disk: bool) -> EdgeNode:
        settings = Settings(
            upstreams=(self.origin.url,),
            listen="127.0.0.1:0",
            limits=QUICK,
            cache_dir=str(folder / lane / "cache") if disk else "",
            access_log=str(folder / lane / "access.json"),
        )
        node = make_service(settings, reactor=reactor)
        node._now = lambda: self.now
        node.startService()
        return node

    async def script(self, asked: Asked, line: Line) -> None:
        """What it answers tells all that it may depend on."""
        body = f"{self.version} {asked.target} {asked.get('X-Shape')}".encode()
        fields = {"ETag": f'"v{self.version % 3}"', "Surrogate_Key": "all"}
        fields["Cache_Control"] = (
            "max-age=2, stale-while-revalidate=2" if "b" in asked.target else "max-age=4"
        )
        fields["Vary"] = "X-Shape"
        if asked.get("If-None-Match") == fields["ETag"]:
            line.send(head(304, None, **fields))
        else:
            line.send(head(200, len(body), **fields) + (b"" if asked.method == "HEAD" else body))

    async def answers(self, raw: bytes) -> list[bytes]:
        """Both nodes' answers to the same bytes, less what measures time."""
        return [re.sub(rb"dur=[0-9.]+", b"dur=", await self._answer(at, raw)) for at in (0, 1)]

    async def _answer(self, at: int, raw: bytes) -> bytes:
        viewer = self.viewers[at]
        if viewer is None or viewer.ended.called:
            viewer = self.viewers[at] = await connect(self.nodes[at].port)
        viewer.received.clear()
        viewer.send(raw)
        await until(lambda: is_whole(bytes(viewer.received), raw))
        await until(lambda: self.nodes[at].status()["in_flight"] == 0)  # a refresh behind it, too
        return bytes(viewer.received)

    async def purge(self, query: str) -> None:
        """At both."""
        for node in self.nodes:
            assert (await ask(node.control_port, f"/purge?{query}", "POST")).status == 200

    async def end(self) -> None:
        for node in self.nodes:
            await node.stopService()
        await self.origin.stop()


def is_whole(received: bytes, raw: bytes) -> bool:
    """Whether an answer has come to its end."""
    start, end, body = received.partition(b"\r\n\r\n")
    length = LENGTH.search(start)
    bare = raw.startswith(b"HEAD") or start[9:12] == b"304"
    return bool(end) and len(body) == (0 if bare or length is None else int(length[1]))


@pytest.mark.parametrize("disk", [False, True])
@pytest.mark.parametrize("seed", range(2))
@pytest_twisted.ensureDeferred
async def test_the_lane_says_what_the_core_would_say(seed: int, disk: bool, tmp_path: Path) -> None:
    """Byte for byte: through hits, ranges, conditions, variants, spellings, purges, changes and time."""
    rng = Random(seed)
    world = World(rng, tmp_path, disk)
    try:
        for node in world.nodes:
            await node.ready
        world.nodes[1]._viewers.lane = None
        favourites = [request(rng) for _ in range(6)]
        for _ in range(STEPS):
            match rng.randrange(24):
                case 0:
                    world.version += 1
                case 1:
                    await world.purge(
                        rng.choice(("url=/a", "key=all", "url=/b?x=1&soft=1", "key=all&soft=1"))
                    )
                case 2 | 3 | 4:
                    world.now += rng.choice((0.25, 0.5, 1.0, 1.75))  # exact in binary, as ages are then
                case 5:
                    favourites[rng.randrange(6)] = request(rng)
                case _:
                    raw = rng.choice(favourites)
                    quick, slow = await world.answers(raw)
                    assert quick == slow, raw
        with_lane, without = (node.machinery for node in world.nodes)
        assert with_lane is not None
        assert without is not None
        assert len(with_lane.lanes[0])  # it was used
        assert not len(without.lanes[0])
        assert with_lane.tally.requests == without.tally.requests
        assert with_lane.tally.sent_bytes == without.tally.sent_bytes
    finally:
        await world.end()
    assert logged(tmp_path / "with" / "access.json") == logged(tmp_path / "without" / "access.json")


def logged(path: Path) -> list[dict[str, object]]:
    """The lines of an access log, less who listened on which port and how long it took."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


def request(rng: Random) -> bytes:
    """Some bytes that a viewer may send."""
    method = rng.choice(("GET", "GET", "GET", "GET", "HEAD"))
    fields = rng.sample(FIELDS, rng.choice((0, 0, 0, 1, 1, 2)))
    lines = "".join(f"{line}\r\n" for line in fields)
    return f"{method} {rng.choice(TARGETS)} HTTP/1.1\r\nHost: cdn.example\r\n{lines}\r\n".encode()
