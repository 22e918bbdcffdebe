"""Small bodies on disk: read for the express lane, which answers as ever, and gives way as ever."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from edge.cache.shelf import Shelf
from edge.core.entry import Entry
from edge.service import EdgeNode
from tests.edge.tls.test_http2 import curl
from tests.edge.tls.test_listening import secured
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import Answer, Connection, answer_of, ask, connect

RAW = b"GET /a HTTP/1.1\r\nHost: cdn.example\r\n\r\n"
BODY = b"x" * 999 + b"y"


@asynccontextmanager
async def a_viewer(folder: Path, **fields: str) -> AsyncIterator[tuple[EdgeNode, ScriptedOrigin, Connection]]:
    """A kept connection to an edge that has /a on disk alone, beside its head."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, 200, **({"Cache_Control": "max-age=60"} | fields)))
    async with running_edge(origin.url, cache_dir=str(folder), hot_bytes=2_000) as edge:
        await get(edge, "/a")
        await until(lambda: edge.status()["cache"]["entries"] == 1)
        viewer = await connect(edge.port)
        assert (await asked(viewer)).cache == "HIT"
        yield edge, origin, viewer
    await origin.stop()


async def asked(viewer: Connection, raw: bytes = RAW, ends_with: bytes = b"y") -> Answer:
    """The next answer on a kept connection."""
    viewer.received.clear()
    viewer.send(raw)
    await until(lambda: viewer.received.endswith(ends_with))
    return answer_of(bytes(viewer.received))


def unready(edge: EdgeNode) -> None:
    """Let nothing be ready: as if something else had been stored."""
    assert edge.machinery is not None
    edge.machinery.cache.hot.changes += 1


def forgotten(edge: EdgeNode) -> None:
    """The same, and no head remembered: as if much else had been asked for."""
    unready(edge)
    assert edge.machinery is not None
    edge.machinery.cache._known.clear()


class Barrier:
    """Holds the thread that has read a body."""

    def __init__(self, patching: pytest.MonkeyPatch) -> None:
        self.has_read, self.may_answer = threading.Event(), threading.Event()
        read = Shelf.open

        def slowly(shelf: Shelf, entry: Entry) -> Any:
            found = read(shelf, entry)
            self.has_read.set()
            self.may_answer.wait(30)
            return found

        patching.setattr(Shelf, "open", slowly)

    async def reached(self) -> None:
        """Some thread is at it."""
        assert await deferToThread(self.has_read.wait, 30)


@pytest.mark.parametrize("before", [unready, forgotten])
@pytest_twisted.ensureDeferred
async def test_a_body_beside_its_head_takes_the_lane(before: Any, tmp_path: Path) -> None:
    """Whether its head is remembered or not; the same bytes but for what tells of time, and no conversation."""
    async with a_viewer(tmp_path) as (edge, origin, viewer):
        hits = edge.tally.express_hits
        for _ in range(3):
            before(edge)
            answer = await asked(viewer)
            assert (answer.status, answer.cache, answer.body) == (200, "HIT", BODY)
            assert (await asked(viewer)).body == BODY
        assert edge.tally.express_hits == hits + 6
        assert len(origin.requests) == 1


@pytest_twisted.ensureDeferred
async def test_head_asks_for_no_body(tmp_path: Path) -> None:
    """Its answer is the lane's, too."""
    raw = RAW.replace(b"GET", b"HEAD")
    async with a_viewer(tmp_path) as (edge, _, viewer):
        for _ in range(2):
            await asked(viewer, raw, b"\r\n\r\n")
        hits = edge.tally.express_hits
        forgotten(edge)
        assert (await asked(viewer, raw, b"\r\n\r\n")).get("Content-Length") == "1000"
        assert edge.tally.express_hits == hits + 1


@pytest_twisted.ensureDeferred
async def test_of_several_variants_the_right_one_is_read(tmp_path: Path) -> None:
    """It comes in a visit of its own."""
    async with a_viewer(tmp_path, Vary="X-Shape") as (edge, origin, viewer):
        origin.on("/a", reply(b"other", 200, Cache_Control="max-age=60", Vary="X-Shape"))
        await get(edge, "/a", X_Shape="2")
        await until(lambda: edge.status()["cache"]["entries"] == 2)
        await asked(viewer)
        hits = edge.tally.express_hits
        for before in (unready, forgotten):
            before(edge)
            assert (await asked(viewer)).body == BODY
        assert edge.tally.express_hits == hits + 2


async def being_read(edge: EdgeNode, viewer: Connection, monkeypatch: pytest.MonkeyPatch) -> Barrier:
    """The viewer has asked, and a thread has the body and waits at the barrier."""
    unready(edge)
    barrier = Barrier(monkeypatch)
    viewer.received.clear()
    viewer.send(RAW)
    await barrier.reached()
    return barrier


@pytest_twisted.ensureDeferred
async def test_what_is_asked_meanwhile_is_answered_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests wait in their order while a body is read."""
    async with a_viewer(tmp_path) as (edge, origin, viewer):
        origin.on("/b", reply(b"other", 200, Cache_Control="no-store"))
        barrier = await being_read(edge, viewer, monkeypatch)
        viewer.send(RAW.replace(b"/a", b"/b") + RAW)
        barrier.may_answer.set()
        await until(lambda: viewer.received.count(b"HTTP/1.1 200") == 3 and viewer.received.endswith(b"y"))
        bodies = [each.partition(b"\r\n\r\n")[2] for each in viewer.received.split(b"HTTP/1.1 200 ")[1:]]
        assert bodies == [BODY, b"other", BODY]


@pytest_twisted.ensureDeferred
async def test_a_viewer_may_leave_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is answered, and nothing is left behind."""
    async with a_viewer(tmp_path) as (edge, _, viewer):
        hits = edge.tally.express_hits
        barrier = await being_read(edge, viewer, monkeypatch)
        viewer.leave()
        await until(lambda: not edge._viewers.channels)
        barrier.may_answer.set()
        another = await connect(edge.port)
        assert (await asked(another)).body == BODY
        assert edge.tally.express_hits == hits + 1


@pytest_twisted.ensureDeferred
async def test_what_is_purged_while_it_is_read_is_fetched_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a thread had read by then is nobody's answer (sheet 20.6)."""
    async with a_viewer(tmp_path) as (edge, origin, viewer):
        origin.on("/a", reply(b"anew", 200, Cache_Control="max-age=60"))
        barrier = await being_read(edge, viewer, monkeypatch)
        purged = await ask(edge.control_port, "/purge?url=/a", "POST")
        assert purged.status == 200
        barrier.may_answer.set()
        await until(lambda: viewer.received.endswith(b"anew"))
        assert answer_of(bytes(viewer.received)).cache == "MISS"


@pytest_twisted.ensureDeferred
async def test_what_was_damaged_on_disk_is_fetched_anew(tmp_path: Path) -> None:
    """A body is held against its digest each time it is read."""
    async with a_viewer(tmp_path) as (edge, origin, viewer):
        with sqlite3.connect(tmp_path / "store" / "cache.db") as database:
            database.execute("UPDATE Cache SET value = ? WHERE key LIKE 'b:%'", (bytes(len(BODY)),))
        unready(edge)
        assert (await asked(viewer)).body == BODY
        assert len(origin.requests) == 2


@pytest_twisted.ensureDeferred
async def test_a_node_that_stops_answers_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says that this was the last answer."""
    async with a_viewer(tmp_path) as (edge, _, viewer):
        barrier = await being_read(edge, viewer, monkeypatch)
        edge._viewers.close_idle()
        barrier.may_answer.set()
        assert await viewer.ended
        answer = answer_of(bytes(viewer.received))
        assert (answer.body, answer.get("Connection")) == (BODY, "close")


@pytest_twisted.ensureDeferred
async def test_the_same_over_http2(tmp_path: Path) -> None:
    """By frames of the lane's own."""
    settings = {"cache_dir": str(tmp_path / "cache"), "hot_bytes": 2_000}
    async with secured(tmp_path, settings) as (edge, origin, _):
        origin.on("/a", reply(BODY, 200, Cache_Control="max-age=60"))
        await curl(tmp_path, edge.tls_port, "/a")
        await until(lambda: edge.status()["cache"]["entries"] == 1)
        await curl(tmp_path, edge.tls_port, "/a")
        for before in (unready, forgotten):
            hits = edge.tally.express_hits
            before(edge)
            assert (await curl(tmp_path, edge.tls_port, "/a"))[0] == BODY
            assert edge.tally.express_hits == hits + 1
        assert len(origin.requests) == 1
