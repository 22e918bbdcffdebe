"""The headers that Pragma asks for, and that none is there unasked."""

from __future__ import annotations

from pathlib import Path

import pytest_twisted

from edge.personality.akamai.settings import Property
from tests.edge.personality.akamai.test_access import an_edge
from tests.support.edge_node import get, running_edge
from tests.support.scripted_origin import ScriptedOrigin, reply

ALL = "akamai-x-cache-on, akamai-x-check-cacheable, akamai-x-get-cache-key, akamai-x-get-true-cache-key"
OPEN = Property(cpcode=4711, origin="origin.example")


def code_of(cache: str) -> str:
    return cache.partition(" from ")[0]


@pytest_twisted.ensureDeferred
async def test_nothing_is_shown_unasked() -> None:
    async with an_edge(OPEN, Edge_Cache_Tag="one, two", Edge_Control="max-age=1m") as (edge, origin):
        for _ in range(2):
            plain = await get(edge, "/open")
            names = {name.lower() for name, _ in plain.fields}
            assert names.isdisjoint(
                {
                    "x-cache",
                    "x-pop",
                    "via",
                    "age",
                    "cache-status",
                    "server-timing",
                    "edge-cache-tag",
                    "edge-control",
                }
            )
        await get(edge, "/open?1", Pragma=ALL)
        assert "pragma" not in {name.lower() for name, _ in origin.requests[-1].fields}


@pytest_twisted.ensureDeferred
async def test_what_the_cache_did() -> None:
    async with an_edge(OPEN, ETag='"1"', Edge_Cache_Tag="one") as (edge, origin):
        first = await get(edge, "/open?w=1", Pragma=ALL)
        assert code_of(first.cache) == "TCP_MISS"
        assert first.cache.endswith(" (AkamaiGHost/11.4.2) (-)")
        assert first.get("X-Check-Cacheable") == "YES"
        assert first.get("X-True-Cache-Key") == "/L/origin.example/open?w=1"
        serial = first.get("X-Cache-Key").split("/")[2]
        assert first.get("X-Cache-Key") == f"S/L/{serial}/4711/600s/origin.example/open?w=1"
        hit = await get(edge, "/open?w=1", Pragma="akamai-x-cache-on, akamai-x-get-cache-tags")
        assert code_of(hit.cache) == "TCP_MEM_HIT"
        assert hit.get("Edge-Cache-Tag") == "one"
        same = await get(edge, "/open?w=1", Pragma="akamai-x-cache-on", If_None_Match='"1"')
        assert (same.status, code_of(same.cache)) == (304, "TCP_IMS_HIT")
        origin.on("/gone", reply(b"no", status=404))
        for code in ("TCP_MISS", "TCP_NEGATIVE_HIT"):
            assert code_of((await get(edge, "/gone", Pragma="akamai-x-cache-on")).cache) == code


@pytest_twisted.ensureDeferred
async def test_what_became_of_something_stale() -> None:
    async with an_edge(OPEN) as (edge, origin):
        stale = {"Cache_Control": "max-age=0", "ETag": '"1"'}
        origin.on("/s", reply(b"one", 200, **stale))
        assert code_of((await get(edge, "/s", Pragma=ALL)).cache) == "TCP_MISS"
        origin.once("/s", reply(b"", status=304, ETag='"1"'))
        assert code_of((await get(edge, "/s", Pragma=ALL)).cache) == "TCP_REFRESH_HIT"
        assert code_of((await get(edge, "/s", Pragma=ALL)).cache) == "TCP_REFRESH_MISS"
        origin.once("/s", reply(b"", status=503))
        failed = await get(edge, "/s", Pragma=ALL)
        assert (failed.body, code_of(failed.cache)) == (b"one", "TCP_REFRESH_FAIL_HIT")


@pytest_twisted.ensureDeferred
async def test_a_hit_from_disk_is_another_than_one_from_memory(tmp_path: Path) -> None:
    origin = ScriptedOrigin().listen()
    origin.on("/large", reply(bytes(200_000), Cache_Control="max-age=600"))
    for code in ("TCP_MISS", "TCP_HIT"):
        async with running_edge(origin.url, personality="akamai", cache_dir=str(tmp_path)) as edge:
            assert code_of((await get(edge, "/large", Pragma=ALL)).cache) == code
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_may_not_be_kept_is_not_cacheable() -> None:
    async with an_edge(OPEN) as (edge, origin):
        for control in ("no-store", "bypass-cache"):
            origin.on(f"/{control}", reply(b"x", Cache_Control="max-age=600", Edge_Control=control))
            assert (await get(edge, f"/{control}", Pragma=ALL)).get("X-Check-Cacheable") == "NO"


@pytest_twisted.ensureDeferred
async def test_a_parents_word_is_shown() -> None:
    """X-Cache-Remote, from the parent's own member of Cache-Status."""
    async with an_edge(OPEN, Cache_Status="sin; hit; ttl=5") as (edge, _):
        asked = "akamai-x-cache-on, akamai-x-cache-remote-on"
        first = await get(edge, "/open", Pragma=asked)
        assert code_of(first.get("X-Cache-Remote")) == "TCP_HIT"
        assert first.get("X-Cache-Remote").split(" ")[2] == "sin"
        assert (await get(edge, "/open", Pragma=asked)).get("X-Cache-Remote") == ""


@pytest_twisted.ensureDeferred
async def test_debugging_may_be_off() -> None:
    async with an_edge(Property(debug="off")) as (edge, _):
        assert (await get(edge, "/open", Pragma=ALL)).cache == ""
