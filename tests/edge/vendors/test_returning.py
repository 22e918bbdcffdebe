"""An edge that comes back hears what was purged meanwhile before it serves anything (cdn-vendors §7.7)."""

from __future__ import annotations

from pathlib import Path

import pytest_twisted
from attrs import evolve

from edge.control.purge import Purge
from edge.vendors.settings import Distribution as Served
from tests.support.edge_node import QUICK, get, running_edge
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.vendors import DISTRIBUTION, control_of, running_vendors


@pytest_twisted.ensureDeferred
async def test_an_edge_that_was_away_never_serves_what_was_purged_meanwhile(tmp_path: Path) -> None:
    origin = ScriptedOrigin().listen()
    for path in ("/a", "/b"):
        origin.on(path, reply(b"x", Cache_Control="max-age=600"))
    cache_dir = str(tmp_path / "cache")
    async with running_edge(origin.url, cache_dir=cache_dir) as edge:
        await get(edge, "/a", Host="h.test")
        await get(edge, "/b", Host="h.test")
        control, url = f"127.0.0.1:{edge.control_port}", control_of(edge)
    served = {DISTRIBUTION: Served({"fra-1": url})}
    async with running_vendors(distributions=served, state=str(tmp_path / "vendors")) as vendors:
        await vendors.telling.tell(Purge(urls=("/a",)), ["fra-1"])
        assert vendors.status()["purges"]["pending"] == {"fra-1": 1}
    async with running_vendors(distributions=served, state=str(tmp_path / "vendors")) as vendors:
        purges = f"http://127.0.0.1:{vendors.control_port}"
        async with running_edge(origin.url, cache_dir=cache_dir, control=control, purges=purges) as edge:
            assert vendors.telling.pending.pops == ()
            assert [(await get(edge, path, Host="h.test")).cache for path in ("/a", "/b")] == ["MISS", "HIT"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_edge_that_cannot_ask_what_it_missed_takes_all_it_has_for_stale(tmp_path: Path) -> None:
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=600", ETag='"1"'))
    cache_dir = str(tmp_path / "cache")
    async with running_edge(origin.url, cache_dir=cache_dir) as edge:
        await get(edge, "/a", Host="h.test")
        assert (await get(edge, "/a", Host="h.test")).cache == "HIT"
    limits = evolve(QUICK, catch_up_seconds=0.3)
    silent = "http://127.0.0.1:1"
    async with running_edge(origin.url, cache_dir=cache_dir, purges=silent, limits=limits) as edge:
        assert (await get(edge, "/a", Host="h.test")).cache != "HIT"
        assert origin.count("/a") == 2
        assert (await get(edge, "/a", Host="h.test")).cache == "HIT"
    await origin.stop()
