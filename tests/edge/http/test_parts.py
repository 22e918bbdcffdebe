"""Stored parts of bodies over real sockets and a real disk (sheet 11.7–11.10, 12.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from edge.service import EdgeNode
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, Script, ScriptedOrigin, head
from wire.http.ranges import parse_ranges, resolve

BODY = bytes(number % 251 for number in range(2_000_000))
HELD = {"Cache_Control": "max-age=60", "ETag": '"v1"', "Content_Type": "video/mp4"}


def slicing(gate: Gate | None = None, *, cut: int = 0) -> Script:
    """Whole or in ranges; behind a gate after the first bytes; or cut after so many."""

    async def script(asked: Asked, line: Line) -> None:
        start, stop, status, fields = 0, len(BODY), 200, dict(HELD)
        wanted = asked.get("range")
        if wanted is not None:
            ((start, stop),) = resolve(parse_ranges(wanted), len(BODY)) or ()
            status, fields["Content_Range"] = 206, f"bytes {start}-{stop - 1}/{len(BODY)}"
        line.send(head(status, stop - start, **fields) + BODY[start : start + 1000])
        if gate is not None:
            await gate.passed()
        if cut:
            line.send(BODY[start + 1000 : start + cut])
            line.close()
        else:
            line.send(BODY[start + 1000 : stop])

    return script


@asynccontextmanager
async def edge_before(
    script: Script, folder: Path, **settings: Any
) -> AsyncIterator[tuple[EdgeNode, ScriptedOrigin]]:
    """An edge with a disk tier before this origin; nothing it made is left behind."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", script)
    async with running_edge(origin.url, cache_dir=str(folder), **settings) as edge:
        yield edge, origin
        await until(lambda: edge.status()["in_flight"] == 0)
        assert not list((folder / "spools").rglob("spool-*"))
    assert not origin.failures
    await origin.stop()


async def gone(_: Asked, line: Line) -> None:
    """Nothing more comes of it."""
    line.close()


def sent(origin: ScriptedOrigin) -> list[str | None]:
    """The Range of each request."""
    return [asked.get("range") for asked in origin.requests]


@pytest_twisted.ensureDeferred
async def test_parts_are_stored_served_and_put_together(tmp_path: Path) -> None:
    """11.7, 11.9: large and small ones, in files and in memory; the whole is a hit for whoever asks."""
    async with edge_before(slicing(), tmp_path, range_fill="forward") as (edge, origin):
        cuts = (0, 700_000, 700_100, 1_500_000, len(BODY))
        for start, stop in pairwise(cuts):
            answer = await get(edge, "/a", Range=f"bytes={start}-{stop - 1}")
            assert (answer.status, answer.cache, answer.body) == (206, "MISS", BODY[start:stop])
            await until(lambda: edge.status()["in_flight"] == 0)
            if stop < len(BODY):
                across = await get(edge, "/a", Range=f"bytes=5-{stop - 10}")
                assert (across.cache, across.body) == ("HIT", BODY[5 : stop - 9])
        several = await get(edge, "/a", Range="bytes=0-9, 699990-700199, 1499995-1500004")
        assert several.cache == "HIT"
        assert several.get("content-type").startswith("multipart/byteranges")
        whole = await get(edge, "/a")
        assert (whole.status, whole.cache, whole.get("content-length")) == (200, "HIT", str(len(BODY)))
        assert whole.body == BODY
        assert whole.get("content-type") == "video/mp4"
        assert len(origin.requests) == 4
        assert edge.status()["cache"]["entries"] == 1


@pytest_twisted.ensureDeferred
async def test_a_cut_body_is_completed_from_where_it_broke_off(tmp_path: Path) -> None:
    """12.1, 11.10: the beginning from the disk, the rest from the origin; both viewers get every byte."""
    gate = Gate()
    async with edge_before(gone, tmp_path) as (edge, origin):
        origin.once("/a", slicing(cut=1_200_000))
        first = await get(edge, "/a")
        assert not first.is_whole
        await until(lambda: edge.status()["in_flight"] == 0)
        origin.on("/a", slicing(gate))
        second = Deferred.fromCoroutine(get(edge, "/a"))
        await gate.arrived()
        third = Deferred.fromCoroutine(get(edge, "/a", Range="bytes=100-199"))
        assert (await third).body == BODY[100:200]
        gate.open()
        answer = await second
        assert (answer.status, answer.is_whole, answer.body == BODY) == (200, True, True)
        assert set(sent(origin)) == {None, "bytes=1200000-"}
        assert origin.requests[-1].get("if-range") == '"v1"'
        assert (await get(edge, "/a")).cache == "HIT"


@pytest_twisted.ensureDeferred
async def test_parts_outlive_the_process(tmp_path: Path) -> None:
    """The disk tier keeps them as what they are."""
    async with edge_before(slicing(), tmp_path, range_fill="forward") as (edge, _):
        await get(edge, "/a", Range="bytes=0-999999")
    async with edge_before(slicing(), tmp_path, range_fill="forward") as (edge, origin):
        assert (await get(edge, "/a", Range="bytes=10-19")).cache == "HIT"
        whole = await get(edge, "/a")
        assert (whole.status, whole.body == BODY) == (200, True)
        assert sent(origin) == ["bytes=1000000-"]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("folder", ["", "cache"])
async def test_a_part_that_is_gone_is_a_miss_after_all(tmp_path: Path, folder: str) -> None:
    """Evicted or damaged between its look-up and its use: never half an answer."""
    async with edge_before(slicing(), tmp_path, range_fill="forward", hot_bytes=0) as (edge, origin):
        await get(edge, "/a", Range="bytes=0-999999")
        await until(lambda: edge.status()["in_flight"] == 0)
        for path in (tmp_path / "store").rglob("*.val"):
            path.write_bytes(b"short")
        wanted = {"Range": "bytes=10-19"} if folder else {}
        answer = await get(edge, "/a", **wanted)
        assert answer.body == (BODY[10:20] if folder else BODY)
        assert len(origin.requests) == (2 if folder else 3), (
            "the rest was asked for before the beginning was opened"
        )


@pytest_twisted.ensureDeferred
async def test_viewers_of_one_span_cost_one_question(tmp_path: Path) -> None:
    """11.6, 18.1: they drink from one spool while it grows, and the part is stored once."""
    gate = Gate()
    async with edge_before(slicing(gate), tmp_path, range_fill="forward") as (edge, origin):
        wanted = {"Range": "bytes=500000-1499999"}
        all_asking = [Deferred.fromCoroutine(get(edge, "/a", **wanted)) for _ in range(8)]
        await gate.arrived()
        await until(lambda: edge.status()["in_flight"] == 8)
        gate.open()
        answers = [await asking for asking in all_asking]
        assert {(answer.status, answer.get("content-range")) for answer in answers} == {
            (206, f"bytes 500000-1499999/{len(BODY)}")
        }
        assert all(answer.is_whole and answer.body == BODY[500_000:1_500_000] for answer in answers)
        await until(lambda: edge.status()["in_flight"] == 0)
        assert (await get(edge, "/a", Range="bytes=600000-600009")).cache == "HIT"
        assert sent(origin) == ["bytes=500000-1499999"]
