"""Real workers behind one port: one disk tier, one purge, one set of figures; killed, replaced, drained."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.error import CannotListenError, ConnectError

from tests.support.crew import Line, at_rest, lines_to_all, purge, running_crew, status, stored
from tests.support.edge_node import until
from tests.support.scripted_origin import Gate, ScriptedOrigin, head, held, reply
from tests.support.viewer import ask, connect

FRESH = "max-age=600"
PURGES: list[dict[str, Any]] = [
    {"urls": ["http://cdn.example/a"]},
    {"keys": ["cat"]},
    {"prefixes": ["/a"]},
    {"everything": True},
    {"urls": ["/a"], "soft": True},
]


@pytest_twisted.ensureDeferred
async def test_workers_share_a_port_a_disk_and_their_figures_and_forget_together(tmp_path: Path) -> None:
    """What one fetched the other finds on disk; a purge that has returned counts for all: by URL, by key, by prefix,
    soft, and by an unsafe request that only one of them saw (sheet 13, 20.4, 20.6)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"v1", Cache_Control=FRESH, Surrogate_Key="cat"))
    async with running_crew(origin.url, tmp_path) as crew:
        (first, *_), (second, *_) = await lines_to_all(crew)
        assert (await first.get("/a")).cache == "MISS"
        await stored(crew, 1)
        assert [(await line.get("/a")).cache for line in (second, first)] == ["HIT", "HIT"]
        assert origin.count("/a") == 1
        for number, told in enumerate(PURGES, 2):
            new = b"v%d" % number
            origin.on("/a", reply(new, Cache_Control=FRESH, Surrogate_Key="cat"))
            assert (await purge(crew, **told)).status == 200
            for line in (second, first):  # each had it in its own memory
                assert (await line.get("/a")).body == new, told
            assert [(await line.get("/a")).cache for line in (first, second)] == ["HIT", "HIT"]
        origin.on("/a", reply(b"posted", Cache_Control=FRESH))
        first.send("/a", "DELETE")
        assert (await first.answer()).status == 200
        assert [(await line.get("/a")).body for line in (second, first)] == [b"posted"] * 2
        told = await at_rest(crew)
        metrics = (await ask(crew.control_port, "/metrics")).body.decode()
        counted = [
            float(line.rpartition(" ")[2])
            for line in metrics.splitlines()
            if line.startswith("pixeledge_requests_total{")
        ]
        assert told["requests"] == sum(counted) > 20
        assert told["cache"]["hot_limit"] == 64 << 20
        assert len({worker["pid"] for worker in told["workers"]}) == 2
        assert (await purge(crew, urls=["not a url"])).status == 400
        again = await ask(
            crew.control_port, "/prefetch", "POST", b'{"urls": ["/p"]}', Content_Type="application/json"
        )
        assert again.status == 200
        assert origin.count("/p") == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_everybody_wants_at_once_is_asked_for_once_by_each_worker(tmp_path: Path) -> None:
    """18.1: their flights are their own; and by nobody once it is on disk, whoever fetched it."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", held(gate, reply(b"hello", Cache_Control=FRESH)))
    async with running_crew(origin.url, tmp_path) as crew:
        lines = [line for seat in await lines_to_all(crew) for line in seat]
        lines += [Line(await connect(crew.port)) for _ in range(20)]
        for line in lines:
            line.send("/a")
        await gate.arrived(2)
        for _ in range(500):
            if (await status(crew))["waiting_for_flight"] == len(lines) - 2:
                break
        else:
            raise AssertionError("they do not wait for one another")
        gate.open()
        assert {(await line.answer()).body for line in lines} == {b"hello"}
        await at_rest(crew)
        assert {(await line.get("/a")).cache for line in lines} == {"HIT"}
    assert origin.count("/a") == 2
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_purge_beats_the_fetches_of_every_worker(tmp_path: Path) -> None:
    """Both fetch the old object when it is purged; whichever ends first or last, neither leaves it anywhere (20.5)."""
    origin = ScriptedOrigin().listen()
    gate = Gate()
    for _ in range(2):
        origin.once("/a", held(gate, reply(b"old", Cache_Control=FRESH)))
    origin.on("/a", reply(b"new", Cache_Control=FRESH))
    async with running_crew(origin.url, tmp_path) as crew:
        lines = [line for line, *_ in await lines_to_all(crew)]
        for line in lines:
            line.send("/a")
        await gate.arrived(2)
        assert (await purge(crew, urls=["/a"])).status == 200
        gate.open()
        assert [(await line.answer()).body for line in lines] == [b"old"] * 2
        for _ in range(2):
            assert [(await line.get("/a")).body for line in lines] == [b"new"] * 2
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_killed_worker_is_replaced_and_costs_only_its_own_viewers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Amid an answer: that one is cut, never wrong or taken for whole. The others go on, the port takes everyone, the
    new worker finds the disk as it was, and a purge meanwhile counts for it too."""
    monkeypatch.setattr("edge.workers.crew.CONFIRM_SECONDS", 60.0)  # however slow its start is here
    origin = ScriptedOrigin().listen()
    gate = Gate()

    async def slow(asked: object, line: object) -> None:
        line.send(head(200, 10, Cache_Control=FRESH) + b"01234")  # type: ignore[attr-defined]
        await gate.passed()
        line.send(b"56789")  # type: ignore[attr-defined]

    origin.on("/slow", slow)
    for name in "abc":
        origin.on(f"/{name}", reply(name.encode() * 3000, Cache_Control=FRESH))
    async with running_crew(origin.url, tmp_path) as crew:
        (doomed, *_), (lucky, *_) = await lines_to_all(crew)
        assert {(await doomed.get(f"/{name}")).cache for name in "abc"} == {"MISS"}
        await stored(crew, 3)
        doomed.send("/slow")
        await gate.arrived()
        victim = crew.workers[0].pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        await doomed.connection.ended
        assert not bytes(doomed.connection.received).endswith(b"56789")
        gate.open()
        purging = Deferred.fromCoroutine(purge(crew, urls=["/c"]))
        origin.on("/c", reply(b"new", Cache_Control=FRESH))
        asking = [ask(crew.port, f"/{'ab'[at % 2]}") for at in range(12)]  # some wait for the new worker
        assert {(await lucky.get(f"/{name}")).body for name in "ab"} == {b"a" * 3000, b"b" * 3000}
        assert (await purging).status == 200
        answers = await gatherResults([Deferred.fromCoroutine(each) for each in asking])
        assert [answer.body for answer in answers] == [b"a" * 3000, b"b" * 3000] * 6
        await until(lambda: crew.workers[0].is_ready, 60)
        assert crew.workers[0].pid != victim
        (reborn, *_), _ = await lines_to_all(crew)
        assert (await reborn.get("/slow")).body == b"0123456789"
        assert [(await line.get("/c")).body for line in (reborn, lucky)] == [b"new"] * 2
        assert origin.count("/a") == 1
        told = await status(crew)
        assert [worker["restarts"] for worker in told["workers"]] == [1, 0]
        assert (await ask(crew.control_port, "/readyz")).status == 200
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_stopping_drains_every_worker(tmp_path: Path) -> None:
    """What is under way is answered whole; then no process is left, nor a port; and another may have it."""
    origin = ScriptedOrigin().listen()
    gate = Gate()
    origin.on("/a", held(gate, reply(b"whole", Cache_Control=FRESH)))
    async with running_crew(origin.url, tmp_path) as crew:
        port, pids = crew.port, [worker.pid for worker in crew.workers]
        with pytest.raises(CannotListenError):
            async with running_crew(origin.url, tmp_path / "other", listen=f"127.0.0.1:{port}"):
                pass
        lines = [line for line, *_ in await lines_to_all(crew)]
        for line in lines:
            line.send("/a")
        await gate.arrived(2)
        stopping = crew.stopService()
        gate.open()
        assert [(await line.answer()).body for line in lines] == [b"whole"] * 2
        await stopping
        for pid in pids:
            assert pid is not None
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        with pytest.raises(ConnectError):
            await connect(port)
    await origin.stop()
