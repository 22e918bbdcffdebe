"""A node's life: bound at once, ready when its cache is, gone when told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.error import CannotListenError, ConnectError
from twisted.internet.protocol import Factory, Protocol
from twisted.web.client import URI

from edge.cache.interface import CacheUnusable
from edge.service import make_service
from edge.settings import Settings
from tests.support.edge_node import QUICK, get, running_edge, until
from tests.support.loose_ends import no_loose_ends
from tests.support.scripted_origin import Gate, ScriptedOrigin, held, reply
from tests.support.viewer import ask, connect
from wire.web.agent import PlainConnect
from wire.web.listening import listen

reactor: Any = real_reactor


@pytest_twisted.ensureDeferred
async def test_until_its_cache_is_open_a_node_says_so(tmp_path: Path) -> None:
    """By its control port; then all is well."""
    settings = Settings(upstreams=("http://127.0.0.1:9",), listen="127.0.0.1:0", cache_dir=str(tmp_path))
    node = make_service(settings, reactor=reactor)
    node.startService()
    assert node.machinery is None
    ready = ask(node.control_port, "/readyz")
    assert node._not_ready() == ["the cache is being opened"]
    await node.ready
    assert (await ready).status in (200, 503)
    assert json.loads((await ask(node.control_port, "/readyz")).body) == {"ready": True}
    await node.stopService()


@pytest_twisted.ensureDeferred
async def test_a_cache_that_cannot_be_opened_is_told_to_all_who_ask(tmp_path: Path) -> None:
    """A file where the folder should be: who starts the node hears it, `/readyz` says it, viewers are refused."""
    path = tmp_path / "cache"
    path.write_text("not a folder")
    node = make_service(
        Settings(upstreams=("http://127.0.0.1:9",), listen="127.0.0.1:0", cache_dir=str(path)),
        reactor=reactor,
    )
    node.startService()
    sentence = f"the cache folder {path} cannot be used: Not a directory"
    with pytest.raises(CacheUnusable, match=sentence):
        await node.ready
    ready = await ask(node.control_port, "/readyz")
    assert (ready.status, json.loads(ready.body)) == (503, {"ready": False, "reasons": [sentence]})
    with pytest.raises(ConnectError):
        await connect(node.port)
    await node.stopService()


@pytest_twisted.ensureDeferred
async def test_a_taken_port_is_told_to_who_starts_the_node() -> None:
    """At once, so that a supervisor can report it."""
    async with running_edge("http://127.0.0.1:9") as edge:
        settings = Settings(upstreams=("http://127.0.0.1:9",), listen=f"127.0.0.1:{edge.port}")
        other = make_service(settings, reactor=reactor)
        with pytest.raises(CannotListenError):
            other.startService()
        await other.stopService()


@pytest_twisted.ensureDeferred
async def test_until_it_is_ready_viewers_are_refused() -> None:
    """A refusal would be an answer; who is not let in asks another. Nobody else gets the port meanwhile."""
    gate, origin, knowing = Gate(), ScriptedOrigin().listen(), ScriptedOrigin().listen()
    origin.on("/a", reply(b"x"))
    knowing.on("/returned", held(gate, reply(b"{}")))
    settings = Settings(
        upstreams=(origin.url,), listen="127.0.0.1:0", control="127.0.0.1:0", purges=knowing.url
    )
    node = make_service(settings, reactor=reactor)
    node.startService()
    await gate.arrived()
    with pytest.raises(ConnectError):
        await connect(node.port)
    assert (await ask(node.control_port, "/readyz")).status == 503
    gate.open()
    await node.ready
    assert (await get(node, "/a")).body == b"x"
    await node.stopService()
    await knowing.stop()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_node_that_never_came_to_be_ready_leaves_its_port() -> None:
    """Though it never listened there."""
    settings = Settings(upstreams=("http://127.0.0.1:9",), listen="127.0.0.1:0", purges="http://127.0.0.1:9")
    node = make_service(settings, reactor=reactor)
    node.startService()
    port = node.port
    await node.stopService()
    await maybeDeferred(
        listen(reactor, Factory.forProtocol(Protocol), port, interface="127.0.0.1").stopListening
    )


@pytest_twisted.ensureDeferred
async def test_a_stopped_node_is_gone_from_both_ports() -> None:
    """Twice stopped is once stopped; an idle viewer is let go."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x"))
    async with running_edge(origin.url, limits=QUICK) as edge:
        idle = await connect(edge.port)
        idle.send(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: idle.received.endswith(b"x"))
        ports = edge.port, edge.control_port
        await edge.stopService()
        await idle.ended
        for port in ports:
            with pytest.raises(ConnectError):
                await connect(port)
    await until(lambda: not origin.lines)  # kept connections are closed too
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_node_goes_out_only_the_way_it_was_given() -> None:
    """The injected factory makes every outgoing connection: links are shaped there."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x"))
    asked: list[bytes] = []

    class Watched(PlainConnect):
        def endpointForURI(self, uri: URI) -> Any:
            asked.append(uri.netloc)
            return super().endpointForURI(uri)

    settings = Settings(upstreams=(origin.url,), listen="127.0.0.1:0", limits=QUICK)
    node = make_service(settings, reactor=reactor, connect=Watched(reactor))
    node.startService()
    await node.ready
    assert (await get(node, "/a")).status == 200
    assert asked == [origin.url.removeprefix("http://").encode()]
    await node.stopService()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_the_access_log_has_a_line_of_json_for_each_request(tmp_path: Path) -> None:
    """Outcome, bytes and time, whole when the node has stopped."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"12345", Cache_Control="max-age=60"))
    path = tmp_path / "logs" / "access.json"
    async with running_edge(origin.url, access_log=str(path)) as edge:
        for _ in range(2):
            await get(edge, "/a")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["cache"], line["status"], line["bytes"], line["uri"]) for line in lines] == [
        ("MISS", 200, 5, "/a"),
        ("HIT", 200, 5, "/a"),
    ]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_error_is_kept_for_as_long_as_the_site_says_and_a_purge_ends_it() -> None:
    """Only where the origin says nothing (sheet 19.2); an upload purges by the key that the error carried."""
    origin = ScriptedOrigin().listen()
    origin.once("/new", reply(status=404, Surrogate_Key="new"))
    origin.on("/new", reply(b"here", Cache_Control="max-age=60"))
    origin.on("/private", reply(status=404, Cache_Control="private, max-age=0"))
    async with running_edge(origin.url, negative_ttl={"404": 60.0}) as edge:
        assert [(await get(edge, "/new")).cache for _ in range(2)] == ["MISS", "HIT"]
        assert [(await get(edge, "/private")).cache for _ in range(2)] == ["MISS", "MISS"]
        purge = b'{"keys": ["new"]}'
        assert (
            await ask(edge.control_port, "/purge", "POST", purge, Content_Type="application/json")
        ).status == 200
        assert (await get(edge, "/new")).body == b"here"
    await origin.stop()
    for status in ("200", "4xx"):
        with pytest.raises(ValueError):
            Settings(upstreams=("http://x",), negative_ttl={status: 1.0})


def test_a_node_needs_an_upstream() -> None:
    """And a limit is never negative."""
    with pytest.raises(ValueError):
        Settings(upstreams=())
    with pytest.raises(ValueError):
        Settings(upstreams=("http://x",), hot_bytes=-1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest_twisted.ensureDeferred
async def test_an_access_log_on_a_full_disk_costs_no_answer() -> None:
    """Not even when its buffer is full, nor at the end."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60"))
    with no_loose_ends():
        async with running_edge(origin.url, access_log="/dev/full") as edge:
            assert edge.machinery is not None
            for _ in range(3):
                assert (await get(edge, "/a" + "?" * 2000)).status == 200
                log = edge.machinery.access_log
                assert log is not None
                log.flush()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_metrics_tell_each_upstreams_answers_and_no_label_is_a_viewers(tmp_path: Path) -> None:
    """However many URLs are asked for, there are no more series than before."""
    origin = ScriptedOrigin().listen()
    for path in ("/a", "/b", "/c"):
        origin.on(path, reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, "http://127.0.0.1:1", cache_dir=str(tmp_path)) as edge:

        async def series() -> dict[str, float]:
            told = (await ask(edge.control_port, "/metrics")).body.decode()
            lines = (line.rpartition(" ") for line in told.splitlines() if not line.startswith("#"))
            return {name: float(value) for name, _, value in lines}

        await get(edge, "/a")
        before = await series()
        for path in ("/a", "/b", "/c", "/nothing"):
            await get(edge, path)
        after = await series()
        of = f'node="fra-1",upstream="{origin.url}"'
        assert before[f'pixeledge_upstream_answers_total{{answer="2xx",{of}}}'] == 1
        assert after[f'pixeledge_upstream_answers_total{{answer="2xx",{of}}}'] == 3
        assert after[f'pixeledge_upstream_answers_total{{answer="4xx",{of}}}'] == 1
        assert after['pixeledge_cache_insertions_total{node="fra-1"}'] == 3
        assert not [name for name in after if "/a" in name or "nothing" in name]
        await origin.stop()
        assert (await get(edge, "/new")).status == 502
        refused = 'answer="unreachable",node="fra-1",upstream="http://127.0.0.1:1"'
        assert (await series())[f"pixeledge_upstream_answers_total{{{refused}}}"] == 1
