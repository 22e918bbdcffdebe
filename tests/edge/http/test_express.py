"""The lane gives the answer that the core gave, and gives way the moment the core might answer otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_twisted
from twisted.internet import reactor as real_reactor

from edge.cache.tiered import open_cache
from edge.control.tally import Tally
from edge.core.entry import Entry
from edge.http.express import ExpressLane, second_ends
from edge.service import EdgeNode
from tests.support.edge_node import get, pause, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import Answer, Connection, answer_of, ask, connect
from wire.http.fields import Fields

reactor: Any = real_reactor
RAW = b"GET /a HTTP/1.1\r\nHost: cdn.example\r\n\r\n"


@asynccontextmanager
async def a_viewer(**fields: str) -> AsyncIterator[tuple[EdgeNode, ScriptedOrigin, Connection]]:
    """A kept connection to an edge that holds /a."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"hello", 200, **({"Cache_Control": "max-age=60"} | fields)))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        yield edge, origin, await connect(edge.port)
    await origin.stop()


async def next_answer(viewer: Connection, raw: bytes = RAW) -> Answer:
    """Ask on the kept connection."""
    viewer.received.clear()
    viewer.send(raw)
    await until(lambda: viewer.received.endswith((b"hello", b"other")))
    return answer_of(bytes(viewer.received))


def tickets(edge: EdgeNode) -> int:
    """How many the lane holds."""
    assert edge.machinery is not None
    assert edge.machinery.lane is not None
    return len(edge.machinery.lane._tickets)


def an_entry() -> Entry:
    """A quarter of a second old when it came at 0; fresh until 2.25."""
    return Entry(
        key="k",
        status=200,
        fields=Fields(),
        request_time=0,
        response_time=0,
        date=0,
        lifetime=2.5,
        initial_age=0.25,
    )


@pytest_twisted.ensureDeferred
async def test_the_lane_answers_as_the_core_did_and_is_counted() -> None:
    """Byte for byte the same head and body, within the same second."""
    async with a_viewer() as (edge, _, viewer):
        first = await next_answer(viewer)
        assert first.cache == "HIT"
        assert tickets(edge) == 1
        again = await next_answer(viewer)
        assert again.body == b"hello"
        assert again.cache == "HIT"
        assert edge.status()["hits"] == 2


@pytest_twisted.ensureDeferred
async def test_the_age_it_shows_is_never_a_second_old() -> None:
    """When the second is over, the core is asked again."""
    async with a_viewer() as (_, _origin, viewer):
        ages = []
        for _step in range(12):
            ages.append(int((await next_answer(viewer)).get("Age")))
            await pause(0.1)
        assert ages == sorted(ages)
        assert ages[0] == 0
        assert ages[-1] >= 1


@pytest_twisted.ensureDeferred
async def test_a_purge_is_obeyed_at_once() -> None:
    """No ticket outlives its entry (sheet 20.6)."""
    async with a_viewer() as (edge, origin, viewer):
        await next_answer(viewer)
        origin.on("/a", reply(b"other", Cache_Control="max-age=60"))
        await ask(edge.control_port, "/purge?url=/a", "POST")
        after = await next_answer(viewer)
        assert (after.cache, after.body) == ("MISS", b"other")


@pytest_twisted.ensureDeferred
async def test_a_soft_purge_and_a_new_variant_are_noticed() -> None:
    """Whatever changes what is stored under the key takes the ticket away."""
    async with a_viewer(Vary="X-Shape") as (edge, origin, viewer):
        await next_answer(viewer)
        await get(edge, "/a", X_Shape="2")
        await next_answer(viewer)
        assert edge.status()["misses"] == 2
        await ask(edge.control_port, "/purge?url=/a&soft=1", "POST")
        assert (await next_answer(viewer)).cache != "HIT"
        assert origin.count("/a") == 3


@pytest_twisted.ensureDeferred
async def test_only_plain_hits_get_a_ticket() -> None:
    """Requests with demands of their own, conditions, ranges and other methods go the full way."""
    async with a_viewer(ETag='"v1"') as (edge, _, _viewer):
        for line in ("Cache-Control: max-age=5", "Pragma: x", "Connection: close"):
            viewer = await connect(edge.port)
            await next_answer(viewer, RAW[:-2] + line.encode() + b"\r\n\r\n")
            assert tickets(edge) == 0
        for line in ("Range: bytes=0-1", 'If-None-Match: "v1"'):
            viewer = await connect(edge.port)
            viewer.send(RAW[:-2] + line.encode() + b"\r\n\r\n")
            await until(lambda viewer=viewer: b"\r\n\r\n" in viewer.received)
            assert bytes(viewer.received[9:12]) in (b"206", b"304")
            assert tickets(edge) == 0
        head = await connect(edge.port)
        head.send(RAW.replace(b"GET", b"HEAD"))
        await until(lambda: b"\r\n\r\n" in head.received)
        assert tickets(edge) == 0


@pytest_twisted.ensureDeferred
async def test_a_pipeline_and_a_request_in_pieces_go_the_full_way_in_order() -> None:
    """The lane takes one whole request or nothing."""
    async with a_viewer() as (edge, _, viewer):
        await next_answer(viewer)
        viewer.received.clear()
        viewer.send(RAW * 3)
        await until(lambda: viewer.received.count(b"hello") == 3)
        viewer.received.clear()
        viewer.send(RAW[:10])
        await pause(0.02)
        viewer.send(RAW[10:] + RAW)
        await until(lambda: viewer.received.count(b"hello") == 2)
        assert edge.status()["hits"] == 6


@pytest_twisted.ensureDeferred
async def test_an_answer_that_was_decided_a_second_ago_gets_no_ticket() -> None:
    """A body that came from the disk took its time; the Age in the head is that of the decision."""
    cache = await open_cache(reactor, hot_bytes=1_000_000, disk_bytes=0, directory=None)
    stored = await cache.insert("k", an_entry(), b"hello")
    assert stored is not None
    lane = ExpressLane(cache, Tally(), lambda: 1.1)
    lane.learn(RAW, stored, (stored,), b"Age: 0", decided_at=0.6)
    assert lane.answer(RAW) is None
    lane.learn(RAW, stored, (stored,), b"Age: 1", decided_at=1.05)
    assert lane.answer(RAW) == (b"Age: 1", b"hello")


def test_a_ticket_ends_with_its_second_or_its_freshness() -> None:
    """Whichever comes first."""
    entry = an_entry()
    assert second_ends(entry, 0.5) == 0.5 + 0.25  # age 0.75 → 1
    assert second_ends(entry, 1.0) == 1.0 + 0.25  # ttl 1.25 → 1
    assert second_ends(entry, 2.2) <= 2.25  # stale at 2.25
    assert second_ends(entry, 3.0) == 3.0
    assert second_ends(entry, 1.25) == 1.25  # ttl 1 is the last moment of showing 1
