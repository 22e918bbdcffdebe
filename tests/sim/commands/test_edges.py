"""`pixeledge purge` and `pixeledge prefetch`, told to edges that run."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import frozen
from click.testing import CliRunner
from twisted.internet.threads import deferToThread

from edge.service import EdgeNode
from sim.cli import main
from tests.support.edge_node import get, running_edge
from tests.support.scripted_origin import ScriptedOrigin, reply


@frozen
class Pair:
    """Two edges that know each other, and the ready file that names them."""

    one: EdgeNode
    two: EdgeNode
    ready_file: Path

    async def run(self, *arguments: str) -> tuple[int, str]:
        """A command's exit code and all it said."""
        told = (*arguments, "--ready-file", str(self.ready_file))
        result: Any = await deferToThread(CliRunner().invoke, main, told)
        return result.exit_code, result.output

    async def seen(self, path: str) -> list[str | None]:
        """What viewers find at both."""
        return [(await get(node, path, Host="ex.com")).cache for node in (self.one, self.two)]


@asynccontextmanager
async def pair(origin: ScriptedOrigin, folder: Path) -> AsyncIterator[Pair]:
    """Both before one origin; only `one` has a peer, and it is named first."""
    async with running_edge(origin.url, name="two") as two:
        peer = f"http://127.0.0.1:{two.control_port}"
        async with running_edge(origin.url, name="one", peers=(peer,)) as one:
            controls = {"one": one.control_port, "two": two.control_port}
            edges = [
                {"name": name, "control_url": f"http://127.0.0.1:{port}"} for name, port in controls.items()
            ]
            ready = folder / "ready.json"
            ready.write_text(json.dumps({"edges": edges, "shields": []}))
            yield Pair(one, two, ready)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "told",
    [
        ("http://ex.com/a",),
        ("/a",),
        ("--key", "p1"),
        ("--prefix", "http://ex.com/"),
        ("--host", "ex.com"),
        ("--everything",),
    ],
)
async def test_one_purge_reaches_every_node(told: tuple[str, ...], tmp_path: Path) -> None:
    """The first node that lives is told, and tells its peers."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60", Surrogate_Key="p1"))
    async with pair(origin, tmp_path) as nodes:
        assert await nodes.seen("/a") == ["MISS", "MISS"]
        assert await nodes.run("purge", *told) == (0, "purged at 2 nodes\n")
        assert await nodes.seen("/a") == ["MISS", "MISS"]
        assert await nodes.run("purge", *told, "--pop", "two") == (0, "purged at 1 nodes\n")
        assert await nodes.seen("/a") == ["HIT", "MISS"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_soft_purge_leaves_something_to_validate(tmp_path: Path) -> None:
    """20.3, from the command line."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60", ETag='"v1"'))
    async with pair(origin, tmp_path) as nodes:
        await nodes.seen("/a")
        origin.on("/a", reply(b"", 304, Cache_Control="max-age=60", ETag='"v1"'))
        assert (await nodes.run("purge", "--prefix", "/", "--soft"))[0] == 0
        assert await nodes.seen("/a") == ["REVALIDATED", "REVALIDATED"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_went_wrong_is_told(tmp_path: Path) -> None:
    """Nothing to purge, a stranger, a node that does not answer, a URL that is none."""
    origin = ScriptedOrigin().listen()
    async with pair(origin, tmp_path) as nodes:
        assert (await nodes.run("purge"))[0] == 2
        code, said = await nodes.run("purge", "/a", "--pop", "three")
        assert (code, "there is no PoP three: there is one, two" in said) == (2, True)
        code, said = await nodes.run("purge", "ex.com/a")
        assert (code, "Not a URL to purge, nor a path that begins with /: ex.com/a" in said) == (1, True)
        code, said = await nodes.run("purge", "/a", "--control", origin.url)
        assert (code, said.splitlines()[-1]) == (1, "not purged")
        code, said = await nodes.run("prefetch", "/a", "--header", "Accept")
        assert (code, "a header looks like" in said) == (2, True)
    await nodes_gone(nodes)
    await origin.stop()


async def nodes_gone(nodes: Pair) -> None:
    """Both have ended by now: every one of them is named."""
    code, said = await nodes.run("purge", "/a")
    assert code == 1
    assert said.count("does not answer") == 2


@pytest_twisted.ensureDeferred
async def test_prefetching_warms_every_edge_or_one(tmp_path: Path) -> None:
    """With the header that chooses the variant."""
    origin = ScriptedOrigin().listen()
    for path in ("/a", "/b"):
        origin.on(path, reply(b"x", Cache_Control="max-age=60", Vary="Accept"))
    async with pair(origin, tmp_path) as nodes:
        code, said = await nodes.run("prefetch", "http://ex.com/a", "-H", "Accept: image/avif")
        assert (code, sorted(said.splitlines())) == (
            0,
            ["one: http://ex.com/a: stored", "two: http://ex.com/a: stored"],
        )
        assert (await nodes.run("prefetch", "http://ex.com/b", "--pop", "two"))[0] == 0
        assert (await get(nodes.one, "/a", Host="ex.com", Accept="image/avif")).cache == "HIT"
        assert await nodes.seen("/b") == ["MISS", "HIT"]
        origin.on("/c", reply(b"x", Cache_Control="no-store"))
        code, said = await nodes.run("prefetch", "http://ex.com/c", "--pop", "one")
        assert (code, said) == (1, "one: http://ex.com/c: not stored\n")
    await origin.stop()
