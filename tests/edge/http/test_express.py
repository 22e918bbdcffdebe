"""The lane gives the answer that the core gave, and gives way the moment the core might answer otherwise."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest_twisted
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import reactor as real_reactor

from edge.cache.opening import open_cache
from edge.cache.tiered import TieredCache
from edge.control.tally import Tally
from edge.core.entry import Entry
from edge.core.express import Leave
from edge.http.express import ExpressLane, Template
from edge.service import EdgeNode
from tests.support.edge_node import get, pause, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import Answer, Connection, answer_of, ask, connect
from wire.http.fields import Fields

reactor: Any = real_reactor
RAW = b"GET /a HTTP/1.1\r\nHost: cdn.example\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nAge: 0\r\nCache-Status: edge; hit; ttl=59\r\n\r\n"


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


def lane_of(edge: EdgeNode) -> ExpressLane:
    """The one of the viewers' port."""
    assert edge.machinery is not None
    return edge.machinery.lanes[0]


def an_entry(**more: Any) -> Entry:
    """A quarter of a second old when it came at 0; fresh for a minute."""
    given: dict[str, Any] = {
        "key": "k",
        "status": 200,
        "fields": Fields(),
        "lifetime": 60.0,
        "initial_age": 0.0,
    }
    return Entry(**(given | {"request_time": 0, "response_time": 0, "date": 0} | more))


class Bench:
    """A lane over a cache of its own, and the clock of both."""

    def __init__(self, cache: TieredCache, **lane: Any) -> None:
        self.now = 0.5
        self.cache = cache
        self.tally = Tally()
        self.lane = ExpressLane(cache, self.tally, lambda: self.now, **lane)

    async def store(self, key: str = "k", **entry: Any) -> Entry:
        """Keep `hello` under a key."""
        stored = await self.cache.insert(key, an_entry(key=key, **entry), b"hello")
        assert stored is not None
        return stored

    def learn(self, stored: Entry, raw: bytes = RAW, variants: tuple[Entry, ...] = ()) -> None:
        """As a conversation would."""
        self.lane.learn(raw, Leave(stored, variants or (stored,)), HEAD, self.now)

    def answer(self, raw: bytes = RAW) -> bytes | None:
        """What the lane has for these bytes."""
        hit = self.lane.answer(raw, "127.0.0.1", self.now)
        return None if hit is None else b"".join(hit.pieces)


async def a_bench(**lane: Any) -> Bench:
    """With a megabyte of memory below it."""
    return Bench(await open_cache(reactor, hot_bytes=1_000_000, disk_bytes=0, directory=None), **lane)


@pytest_twisted.ensureDeferred
async def test_the_lane_answers_as_the_core_did_and_is_counted() -> None:
    """Byte for byte the same head and body, within the same second."""
    async with a_viewer() as (edge, _, viewer):
        first = await next_answer(viewer)
        assert first.cache == "HIT"
        assert len(lane_of(edge)) == 1
        again = await next_answer(viewer)
        assert again.body == b"hello"
        assert again.cache == "HIT"
        assert edge.status()["hits"] == 2
        metrics = (await ask(edge.control_port, "/metrics")).body.decode()
        assert 'pixeledge_requests_total{node="fra-1",outcome="HIT",status="2xx"} 2.0' in metrics
        assert 'pixeledge_request_seconds_count{node="fra-1"} 3.0' in metrics
        assert 'pixeledge_sent_bytes_total{node="fra-1"} 15.0' in metrics


@pytest_twisted.ensureDeferred
async def test_a_ticket_grows_older_without_asking() -> None:
    """Age and ttl of each second, from one answer of the core's; none when freshness is over (sheet 5.5)."""
    bench = await a_bench()
    bench.learn(await bench.store())
    for now, age, ttl in (
        (0.5, 0, 59),
        (0.99, 0, 59),
        (1.0, 1, 59),
        (1.1, 1, 58),
        (7.25, 7, 52),
        (59.5, 59, 0),
    ):
        bench.now = now
        head = HEAD.replace(b"Age: 0", b"Age: %d" % age).replace(b"ttl=59", b"ttl=%d" % ttl)
        assert bench.answer() == head + b"hello"
    bench.now = 60.0
    assert bench.answer() is None
    assert len(bench.lane) == 0


@pytest_twisted.ensureDeferred
async def test_it_obeys_what_happens_to_the_stored_responses() -> None:
    """Another variant, another head, another body, none: each time the core is asked (sheet 20.6)."""
    bench = await a_bench()
    stored = await bench.store()
    changes = [
        lambda: bench.cache.insert("k", an_entry(vary=(("x-shape", "1"),)), b"other"),
        lambda: bench.cache.insert("k", an_entry(), b"other"),
        lambda: bench.cache.update("k", evolve(stored, expired_at=1.0)),
        lambda: bench.cache.remove("k"),
        lambda: bench.cache.drop(stored),
    ]
    for change in changes:
        await bench.cache.remove("k")
        stored = await bench.store()
        bench.learn(stored)
        assert bench.answer() is not None
        await bench.store("another")  # elsewhere: no matter
        assert bench.answer() is not None
        await change()
        assert bench.answer() is None
        assert len(bench.lane) == 0


@pytest_twisted.ensureDeferred
async def test_what_was_decided_before_a_purge_by_generation_is_not_learnt_after_it() -> None:
    """Its body may have been read meanwhile; the ban is not in the store to be seen (sheet 20.4)."""
    bench = await a_bench()
    stored = await bench.store()
    decided_at = bench.now
    bench.now += 0.25
    bench.lane.clear()
    bench.lane.learn(RAW, Leave(stored, (stored,)), HEAD, decided_at)
    assert bench.answer() is None
    bench.now += 0.25
    bench.learn(stored)
    assert bench.answer() is None  # a quarter of a second more and the head would show another ttl
    bench.lane.learn(RAW, Leave(stored, (stored,)), HEAD.replace(b"Age: 0", b"Age: 1"), bench.now)
    assert bench.answer() is not None


@pytest_twisted.ensureDeferred
async def test_a_hit_counts_as_a_use_of_its_body() -> None:
    """Or memory would let go of what is asked for most."""
    bench = await a_bench()
    first = await bench.store("first")
    bench.learn(first)
    for number in range(5000):
        await bench.store(f"k{number}")
        assert bench.answer() is not None
        assert bench.answer() is not None
    assert bench.cache.stats().evictions > 4000


@given(steps=st.lists(st.tuples(st.sampled_from("akrdut"), st.integers(0, 2)), max_size=30))
@pytest_twisted.ensureDeferred
async def test_whatever_happens_the_lane_has_what_memory_has(steps: list[tuple[str, int]]) -> None:
    """A ready answer is never one whose body or head is no longer what is stored (sheet 20.6)."""
    bench = await a_bench()
    held: dict[int, tuple[Entry, bytes] | None] = {0: None, 1: None, 2: None}
    for number, (step, which) in enumerate(steps):
        key, raw, now = f"k{which}", RAW.replace(b"/a", b"/%d" % which), held[which]
        match step:
            case "k":
                body = b"body %d" % number
                stored = await bench.cache.insert(key, an_entry(key=key, surrogate_keys=(key,)), body)
                assert stored is not None
                held[which] = stored, body
                bench.learn(stored, raw)
            case "r":
                await bench.cache.remove(key)
                held[which] = None
            case "d" if now is not None:
                await bench.cache.drop(now[0])
                held[which] = None
            case "u" if now is not None:
                await bench.cache.update(key, evolve(now[0], lifetime=50.0))
                held[which] = None
            case "t":
                await bench.cache.purge_tags((key,))
                held[which] = None
        for each, expected in held.items():
            got = bench.answer(RAW.replace(b"/a", b"/%d" % each))
            assert got == (None if expected is None else HEAD + expected[1])


@pytest_twisted.ensureDeferred
async def test_a_lane_remembers_no_more_than_it_may() -> None:
    """Whatever viewers send; requests that are too long are not remembered at all."""
    bench = await a_bench(capacity_bytes=100_000)
    stored = await bench.store()
    for number in range(200):
        bench.learn(stored, RAW.replace(b"/a", b"/a?%d" % number))
        assert bench.answer(RAW.replace(b"/a", b"/a?%d" % number)) is not None
        assert bench.lane.occupied_bytes <= 125_000
    assert 10 < len(bench.lane) < 50
    assert bench.answer(RAW.replace(b"/a", b"/a?199")) is not None
    assert bench.answer(RAW.replace(b"/a", b"/a?0")) is None
    bench.lane.clear()
    bench.learn(stored, RAW[:-2] + b"X: " + bytes(5000) + b"\r\n\r\n")
    assert (len(bench.lane), bench.lane.occupied_bytes) == (0, 0)


def test_a_head_is_taken_apart_only_where_it_shows_its_age_as_ours_do() -> None:
    """Anything else is no template: the core is asked each time."""
    template = Template.of(HEAD, 0, 59)
    assert template is not None
    assert template.head_at(0, 59) == HEAD
    assert template.head_at(12, 3) == HEAD.replace(b"Age: 0", b"Age: 12").replace(b"59", b"3")
    for wrong in (
        HEAD.replace(b"Age: 0\r\n", b""),
        HEAD.replace(b"Age: 0", b"Age: 1"),
        HEAD.replace(b"ttl=59", b'ttl=59; key="x"'),
        HEAD.replace(b"Cache-Status", b"X-Status"),
        HEAD.replace(b"\r\nCache-Status: ", b"\r\nX-Note: Cache-Status: "),
    ):
        assert Template.of(wrong, 0, 59) is None


@pytest_twisted.ensureDeferred
async def test_the_age_it_shows_is_never_a_second_old() -> None:
    """Over a real connection, as the clock goes."""
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
async def test_hits_on_the_lane_are_in_the_access_log_in_their_order(tmp_path: Path) -> None:
    """Line by line like those that the core answered, at the latest with the next line or flush."""
    origin = ScriptedOrigin().listen()
    for path in ("/a", "/b"):
        origin.on(path, reply(b"hello", Cache_Control="max-age=60"))
    log = tmp_path / "access.json"
    async with running_edge(origin.url, access_log=str(log)) as edge:
        viewer = await connect(edge.port)
        for _step in range(4):
            await next_answer(viewer)
        assert len(lane_of(edge)) == 1
        await get(edge, "/b")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    expected = [("/a", "MISS"), ("/a", "HIT"), ("/a", "HIT"), ("/a", "HIT"), ("/b", "MISS")]
    assert [(line["uri"], line["cache"]) for line in lines] == expected
    by_core, by_lane = lines[1], lines[2]
    assert by_core.keys() == by_lane.keys()
    for name in ("node", "viewer", "method", "uri", "status", "cache", "bytes", "complete"):
        assert by_core[name] == by_lane[name]
    assert by_lane["time"] >= by_core["time"]
    await origin.stop()
