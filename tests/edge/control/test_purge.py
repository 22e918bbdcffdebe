"""What is purged here is gone here, and at every peer; and nothing under way brings it back."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from edge.control.purge import Purge
from edge.core.policy import KeyPolicy
from edge.personality.cloudfront.settings import Distribution
from edge.service import EdgeNode
from edge.settings import Limits
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, ScriptedOrigin, held, reply
from tests.support.viewer import Answer, ask
from wire.errors import InvalidRequest


async def purge(node: EdgeNode, told: Any, **fields: str) -> Answer:
    """POST /purge as JSON."""
    given = {"Content_Type": "application/json"} | fields
    return await ask(node.control_port, "/purge", "POST", json.dumps(told).encode(), **given)


@pytest_twisted.ensureDeferred
async def test_a_bare_path_is_purged_whatever_the_host_and_spelling() -> None:
    """The same normalisation as look-ups (sheet 20.1); an unknown URL is a success."""
    origin = ScriptedOrigin().listen()
    origin.on("/~user/a", reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url) as edge:
        await get(edge, "/~user/a", Host="one.example")
        await get(edge, "/~user/a", Host="two.example")
        answer = await purge(edge, {"urls": ["/%7euser/./a"]})
        assert (answer.status, json.loads(answer.body)) == (200, {"purged": 2, "nodes": {}})
        for host in ("one.example", "two.example"):
            assert (await get(edge, "/~user/a", Host=host)).cache == "MISS"
        assert json.loads((await purge(edge, {"urls": ["/nothing"]})).body)["purged"] == 0
    await origin.stop()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize(
    "told", [{"urls": ["http://viewers.example/a?b"]}, {"prefixes": ["http://viewers.example/a"]}]
)
async def test_a_shield_is_purged_whatever_the_host_that_it_is_asked_by(
    told: dict[str, Any], soft: bool
) -> None:
    """One edge before another, without a name for their site: CloudFront's asks by the origin's Host, and purges name
    the viewers'."""
    origin = ScriptedOrigin().listen()
    for path in ("/a", "/b"):
        origin.on(path, reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, name="shield", role="shield") as shield:
        url, control = (f"http://127.0.0.1:{port}" for port in (shield.port, shield.control_port))
        played = Distribution(query="all")
        async with running_edge(url, peers=(control,), personality="cloudfront", cloudfront=played) as edge:
            for target in ("/a?b", "/b"):
                await get(edge, target, Host="viewers.example")
            await purge(edge, told | {"soft": soft})
            for target in ("/a?b", "/b"):
                await get(edge, target, Host="viewers.example")
    assert (origin.count("/a?b"), origin.count("/b")) == (2, 1)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_whole_url_is_purged_for_its_host_alone_with_all_its_variants() -> None:
    """Other hosts keep theirs."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60", Vary="X-Shape"))
    async with running_edge(origin.url) as edge:
        for host in ("one.example", "two.example"):
            for shape in ("1", "2"):
                await get(edge, "/a", Host=host, X_Shape=shape)
        answer = await ask(edge.control_port, "/purge?url=http://ONE.example:80/a", "POST")
        assert json.loads(answer.body)["purged"] == 2
        assert (await get(edge, "/a", Host="two.example", X_Shape="2")).cache == "HIT"
        assert (await get(edge, "/a", Host="one.example", X_Shape="2")).cache == "MISS"
    await origin.stop()


URL = "http://site/a"


@pytest.mark.parametrize("size", [10, 100_000])  # in memory, too; on disk alone
@pytest.mark.parametrize(
    "told", [{"urls": [URL]}, {"urls": ["/a"]}, {"keys": ["k"]}, {"urls": [URL], "soft": True}], ids=str
)
@pytest_twisted.ensureDeferred
async def test_once_a_purge_has_returned_nobody_gets_the_old_object(
    told: dict[str, Any], size: int, tmp_path: Path
) -> None:
    """20.6: the answer waits for a disk that is slow; then the very bytes that had a hit before have none."""
    origin, is_free = ScriptedOrigin().listen(), threading.Event()
    origin.on("/a", reply(bytes(size), Cache_Control="max-age=60", Surrogate_Key="k"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        assert edge.machinery is not None
        disk = edge.machinery.cache.disk
        assert disk is not None
        for expected in ("MISS", "HIT", "HIT"):  # the last by the express lane
            assert (await get(edge, "/a", Host="site")).cache == expected
        held_up = disk._write(is_free.wait)
        try:
            asking = Deferred.fromCoroutine(purge(edge, told))
            await until(lambda: edge.tally.purges == 1)
            for _ in range(2):
                await ask(edge.control_port, "/status")
            assert not asking.called
        finally:
            is_free.set()  # or the node would wait for its disk for ever
        assert json.loads((await asking).body)["purged"] == 1
        await held_up
        assert (await get(edge, "/a", Host="site")).cache != "HIT"
    assert origin.count("/a") == 2
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_surrogate_key_purges_all_that_carry_it() -> None:
    """One asset, many URLs (sheet 20.2)."""
    origin = ScriptedOrigin().listen()
    for path, keys in (("/a", "p1 shoes"), ("/b", "p2 shoes"), ("/c", "p3")):
        origin.on(path, reply(b"x", Cache_Control="max-age=60", Surrogate_Key=keys))
    async with running_edge(origin.url) as edge:
        for path in ("/a", "/b", "/c"):
            await get(edge, path)
        assert json.loads((await purge(edge, {"keys": ["shoes"]})).body)["purged"] == 2
        assert [(await get(edge, path)).cache for path in ("/a", "/b", "/c")] == ["MISS", "MISS", "HIT"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_soft_purge_leaves_something_to_validate() -> None:
    """Stale at once, but a 304 saves the body (sheet 20.3)."""
    origin = ScriptedOrigin().listen()
    origin.once("/a", reply(b"x", Cache_Control="max-age=60", ETag='"v1"'))
    origin.on("/a", reply(b"", 304, Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        assert json.loads((await purge(edge, {"urls": ["/a"], "soft": True})).body)["purged"] == 1
        assert (await get(edge, "/a")).cache == "REVALIDATED"
    await origin.stop()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("told", [{"urls": ["/a"]}, {"keys": ["p1"]}, {"urls": ["http://cdn.example/a"]}])
async def test_a_purge_beats_the_fetch_under_way(told: Any) -> None:
    """The old answer may still reach its own waiters, but is not there for anyone after (sheet 20.5)."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.once("/a", held(gate, reply(b"old", Cache_Control="max-age=60", Surrogate_Key="p1")))
    origin.on("/a", reply(b"new", Cache_Control="max-age=60", Surrogate_Key="p1"))
    async with running_edge(origin.url) as edge:
        waiting = Deferred.fromCoroutine(get(edge, "/a"))
        await gate.arrived()
        assert (await purge(edge, told)).status == 200
        gate.open()
        assert (await waiting).body == b"old"
        await until(lambda: edge.status()["in_flight"] == 0)
        after = await get(edge, "/a")
        assert (after.cache, after.body) == ("MISS", b"new")
        assert (await get(edge, "/a")).body == b"new"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_one_purge_reaches_all_peers_and_tells_of_each() -> None:
    """A dead peer is named, and holds nobody up."""
    origin, dead = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    await dead.stop()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, name="two") as two:
        peer = f"http://127.0.0.1:{two.control_port}"
        async with running_edge(origin.url, name="one", peers=(peer, dead.url)) as one:
            await get(one, "/a")
            await get(two, "/a")
            told = json.loads((await purge(one, {"urls": ["/a"]})).body)
            assert told["purged"] == 1
            assert told["nodes"][peer] == "ok"
            assert told["nodes"][dead.url] not in ("ok", "")
            assert (await get(two, "/a")).cache == "MISS"
            await purge(one, {"urls": ["/a"], "fanout": False})
            assert (await get(two, "/a")).cache == "HIT"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_silent_peer_is_waited_for_only_so_long() -> None:
    """Its time limit is told as its answer."""
    silent, never = ScriptedOrigin().listen(), Gate()
    silent.on("/purge", held(never, reply(b"{}")))
    limits = Limits(purge_seconds=0.2, drain_seconds=0.2)
    async with running_edge("http://127.0.0.1:9", peers=(silent.url,), limits=limits) as edge:
        told = json.loads((await purge(edge, {"urls": ["/a"]})).body)
        assert told["nodes"][silent.url] not in ("ok", "")
    never.open()
    await silent.stop()


@pytest_twisted.ensureDeferred
async def test_pages_of_other_sites_may_not_purge() -> None:
    """An Origin header or a form's content type is refused: a browser could send those unasked."""
    async with running_edge("http://127.0.0.1:9") as edge:
        assert (await purge(edge, {"urls": ["/a"]}, Origin="https://evil.example")).status == 403
        assert (await purge(edge, {"urls": ["/a"]}, Content_Type="text/plain")).status == 403
        assert (await ask(edge.control_port, "/purge?url=/a")).status == 405
        wrong: tuple[Any, ...] = (
            {},
            {"urls": "/a"},
            {"urls": [1]},
            {"url": ["/a"]},
            [],
            {"urls": ["ftp:x"]},
            {"prefixes": ["/a?b"]},
            {"hosts": ["a b"]},
            {"everything": 1},
            {"everything": False},
        )
        for told in wrong:
            answer = await purge(edge, told)
            assert answer.status == 400
            assert json.loads(answer.body)["error"]["message"]
        for rubbish in (b"{", b"[" * 100_000):
            sent = await ask(edge.control_port, "/purge", "POST", rubbish, Content_Type="application/json")
            assert (sent.status, json.loads(sent.body)["error"]["message"]) == (400, "The body is not JSON")


@pytest_twisted.ensureDeferred
async def test_probes_and_figures_are_told_on_the_control_endpoint() -> None:
    """healthz, readyz, status and metrics; nothing of it on the viewers' port."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x" * 10, Cache_Control="max-age=60"))
    async with running_edge(origin.url, region="eu", role="shield") as edge:
        await get(edge, "/a")
        await get(edge, "/a")
        assert (await ask(edge.control_port, "/healthz")).status == 200
        ready = await ask(edge.control_port, "/readyz")
        assert (ready.status, json.loads(ready.body)) == (200, {"ready": True})
        status = json.loads((await ask(edge.control_port, "/status")).body)
        assert (status["name"], status["role"], status["region"]) == ("fra-1", "shield", "eu")
        assert (status["requests"], status["hits"], status["misses"], status["errors"]) == (2, 1, 1, 0)
        assert status["cache"]["entries"] == 1
        metrics = (await ask(edge.control_port, "/metrics")).body.decode()
        assert 'pixeledge_requests_total{node="fra-1",outcome="HIT",status="2xx"} 1.0' in metrics
        assert 'pixeledge_request_seconds_count{node="fra-1"} 2.0' in metrics
        assert (await get(edge, "/status")).status == 404
        assert (await ask(edge.control_port, "/nothing")).status == 404
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_prefix_host_and_everything_are_purged_here_and_at_peers() -> None:
    """By generation (sheet 20.4); others keep theirs; the express lane asks anew."""
    origin = ScriptedOrigin().listen()
    for path in ("/img/a", "/img/b", "/doc"):
        origin.on(path, reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, name="two") as two:
        peer = f"http://127.0.0.1:{two.control_port}"
        async with running_edge(origin.url, peers=(peer,)) as one:

            async def seen(node: EdgeNode) -> list[str | None]:
                paths = ("/img/a", "/img/b", "/doc")
                return [
                    (await get(node, path, Host=host)).cache for host in ("a.ex", "b.ex") for path in paths
                ]

            for node in (one, two):
                await seen(node)
                assert await seen(node) == ["HIT"] * 6
            told = json.loads((await purge(one, {"prefixes": ["http://a.ex/img/"]})).body)
            assert told == {"purged": 0, "nodes": {peer: "ok"}}
            for node in (one, two):
                assert await seen(node) == ["MISS", "MISS", "HIT", "HIT", "HIT", "HIT"]
            await purge(one, {"prefixes": ["/img/b"]})
            assert await seen(one) == ["HIT", "MISS", "HIT", "HIT", "MISS", "HIT"]
            await ask(one.control_port, "/purge?host=B.EX", "POST")
            assert await seen(one) == ["HIT"] * 3 + ["MISS"] * 3
            await seen(two)
            await purge(one, {"everything": True})
            for node in (one, two):
                assert await seen(node) == ["MISS"] * 6
    await origin.stop()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("soft", [False, True])
async def test_what_was_purged_by_generation_is_purged_for_the_next_process(
    soft: bool, tmp_path: Path
) -> None:
    """The disk tier outlives the node (sheet 20.4): its bans do too."""
    origin = ScriptedOrigin().listen()
    for path in ("/a", "/b"):
        origin.on(path, reply(b"x", Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        await get(edge, "/a")
        await get(edge, "/b")
        await purge(edge, {"prefixes": ["/a"], "soft": soft})
    origin.on("/a", reply(b"", 304, Cache_Control="max-age=60", ETag='"v1"') if soft else reply(b"new"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        assert (await get(edge, "/b")).cache == "HIT"
        assert (await get(edge, "/a")).cache == ("REVALIDATED" if soft else "MISS")
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_bans_that_cannot_be_read_purge_everything(tmp_path: Path) -> None:
    """Half a file may have said anything: what was purged must not come back."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        await get(edge, "/a")
    (tmp_path / "bans.json").write_text('{"generation": 1')
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        assert (await get(edge, "/a")).cache == "MISS"
        assert (await get(edge, "/a")).cache == "HIT"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_purge_that_cannot_be_written_down_is_not_promised(tmp_path: Path) -> None:
    """503, and in force all the same."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        await get(edge, "/a")
        (tmp_path / "bans.json").mkdir()
        assert (await purge(edge, {"everything": True})).status == 503
        assert (await get(edge, "/a")).cache == "MISS"
        (tmp_path / "bans.json").rmdir()
        assert (await purge(edge, {"everything": True})).status == 200
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_the_purge_method_takes_the_sites_token_and_is_never_forwarded() -> None:
    """20.7: 403 for anybody else, and nothing is invalidated; without a token nobody may."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url, purge_token="s3cret") as edge:

        async def asked(**fields: str) -> Answer:
            return await ask(edge.port, "/a", "PURGE", b"", **({"Host": "ex.com"} | fields))

        await get(edge, "/a", Host="ex.com")
        for wrong in ({}, {"Authorization": "Bearer nope"}, {"Authorization": "Basic s3cret"}):
            assert (await asked(**wrong)).status == 403
        assert (await get(edge, "/a", Host="ex.com")).cache == "HIT"
        done = await asked(Authorization="Bearer s3cret")
        assert (done.status, json.loads(done.body)) == (200, {"purged": 1, "nodes": {}})
        assert (await get(edge, "/a", Host="ex.com")).cache == "MISS"
        origin.on("/a", reply(b"", 304, Cache_Control="max-age=60", ETag='"v1"'))
        await asked(Authorization="bearer s3cret", Soft_Purge="1")
        assert (await get(edge, "/a", Host="ex.com")).cache == "REVALIDATED"
    async with running_edge(origin.url) as edge:
        assert (await ask(edge.port, "/a", "PURGE", b"", Authorization="Bearer ")).status == 403
    assert {asked.method for asked in origin.requests} == {"GET"}
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_purge_of_a_url_takes_all_its_keys() -> None:
    """20.1: also where a site's keys hold headers or cookies."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60"))
    origin.on("/b", reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, key=KeyPolicy(headers=("X-Device",))) as edge:
        for device in ("tv", "phone"):
            await get(edge, "/a", Host="ex.com", X_Device=device)
            await get(edge, "/b", Host="ex.com", X_Device=device)
        await purge(edge, {"urls": ["http://ex.com/a"]})
        await ask(edge.port, "/b", "DELETE", Host="ex.com")
        for device in ("tv", "phone"):
            for path in ("/a", "/b"):
                assert (await get(edge, path, Host="ex.com", X_Device=device)).cache == "MISS"
    await origin.stop()


def test_a_purge_reads_the_same_from_a_query_as_from_json() -> None:
    """For people with curl."""
    from_query = Purge.from_query("url=/a&url=http://x/b&key=k&prefix=/p&host=h&everything=0&soft=1&fanout=0")
    told: dict[str, Any] = {"urls": ["/a", "http://x/b"], "keys": ["k"], "prefixes": ["/p"], "hosts": ["h"]}
    told |= {"everything": False, "soft": True, "fanout": False}
    assert from_query == Purge.from_json(told)
    assert from_query.to_json() == told


def test_a_purge_refuses_what_it_does_not_know() -> None:
    """A misspelt word must not be a purge of nothing that says ok."""
    with pytest.raises(InvalidRequest):
        Purge.from_json({"tags": ["a"]})
    for name in ("urls", "keys", "prefixes", "hosts"):
        with pytest.raises(InvalidRequest, match="half a character"):
            Purge.from_json({name: ["/fine", "/\ud800"]})
    for query in ("tag=a", "soft=yes", "url="):
        with pytest.raises(InvalidRequest):
            Purge.from_query(query)


@pytest_twisted.ensureDeferred
async def test_what_was_refilled_from_a_parent_not_yet_purged_goes_too() -> None:
    """The edge is clean before its shield is; a viewer in between must not bring the old back to stay."""
    shield = ScriptedOrigin().listen()
    shield.on("/a", reply(b"old", Cache_Control="max-age=600"))

    async with running_edge(shield.url, peers=(shield.url,)) as edge:

        async def purged(asked: Asked, line: Line) -> None:
            between = await get(edge, "/a")
            assert (between.cache, between.body) == ("MISS", b"old")
            shield.on("/a", reply(b"new", Cache_Control="max-age=600"))
            await reply(b"{}")(asked, line)

        shield.once("/purge", purged)
        shield.on("/purge", reply(b"{}"))
        await get(edge, "/a")
        assert json.loads((await purge(edge, {"urls": ["/a"]})).body)["nodes"] == {shield.url: "ok"}
        assert (await get(edge, "/a")).body == b"new"
    assert not shield.failures
    await shield.stop()
