"""What passes from hop to hop, and what stops here (sheet 16, 20.2, 22.2)."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest_twisted
from attrs import evolve
from twisted.internet import reactor as real_reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol

from tests.edge.tls.test_http2 import curl
from tests.edge.tls.test_listening import secured
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, head, reply, saying
from tests.support.viewer import Connection, answer_of, connect, request

reactor: Any = real_reactor
BODY = bytes(range(256)) * 40


@pytest_twisted.ensureDeferred
async def test_a_loop_of_nodes_is_refused() -> None:
    """A node that meets its own name in CDN-Loop answers 508 (sheet 16.2)."""
    async with running_edge("http://127.0.0.1:9", name="fra-1") as edge:
        assert (await get(edge, "/a", CDN_Loop="pixeledge; node=fra-1")).status == 508


@pytest_twisted.ensureDeferred
async def test_two_edges_that_ask_each_other_do_not_turn_in_circles() -> None:
    """The loop guard works over the wire: the request ends with 508, not with a storm."""
    async with AsyncExitStack() as nodes:
        one = await nodes.enter_async_context(running_edge("http://127.0.0.1:9", name="one"))
        two = await nodes.enter_async_context(running_edge(f"http://127.0.0.1:{one.port}", name="two"))
        assert one.machinery is not None
        around = evolve(one.machinery.upstreams, urls=(f"http://127.0.0.1:{two.port}",))
        one.machinery.upstreams = around
        assert (await get(one, "/a")).status == 508


@pytest_twisted.ensureDeferred
async def test_surrogate_keys_reach_our_edges_but_no_viewer() -> None:
    """A shield passes them on to a node of ours; the edge strips them (sheet 20.2)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60", Surrogate_Key="p1 shoes"))
    async with AsyncExitStack() as nodes:
        shield = await nodes.enter_async_context(running_edge(origin.url, name="shield", role="shield"))
        edge = await nodes.enter_async_context(running_edge(f"http://127.0.0.1:{shield.port}"))
        answer = await get(edge, "/a")
        assert answer.get("Surrogate-Key") == ""
        assert answer.get("X-PoP") == "fra-1"
        assert answer.cache == "MISS"
        assert answer.get("Via").count("1.1") == 2
        assert edge.machinery is not None
        assert await edge.machinery.cache.purge_tags(("shoes",)) == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_hop_by_hop_fields_stop_here() -> None:
    """Both ways: the connection's own fields, and those that Connection names (sheet 16.1)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Connection="X-Hop", X_Hop="1", X_End="2", Keep_Alive="timeout=5"))
    async with running_edge(origin.url) as edge:
        answer = await get(edge, "/a", Connection="close, X-Trace", X_Trace="1", TE="trailers")
        assert (answer.get("X-Hop"), answer.get("X-End"), answer.get("Keep-Alive")) == ("", "2", "")
    asked = origin.requests[0]
    assert (asked.get("X-Trace"), asked.get("TE")) == (None, None)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_trailers_stop_here_whoever_asks_for_them(tmp_path: Path) -> None:
    """Sheet 4.5: discarded, never merged (RFC 9110 §6.5.1), and not announced; over HTTP/1.1 and HTTP/2, on a miss
    and on a hit, to viewers who would take them."""
    async with secured(tmp_path) as (edge, origin, _):
        announced = head(200, None, Cache_Control="max-age=60", Trailer="X-Sum", Transfer_Encoding="chunked")
        sent = announced + b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nCache-Control: no-store\r\n\r\n"
        for path in ("/a", "/b"):
            origin.on(path, saying(sent))
        for cache in ("MISS", "HIT"):
            viewer = await connect(edge.port)
            viewer.send(request("/a", Connection="close, TE", TE="trailers"))
            await viewer.ended
            answer = answer_of(bytes(viewer.received))
            assert (answer.cache, answer.body, answer.is_whole) == (cache, b"hello", True)
            assert b"x-sum" not in viewer.received.lower()
            seen = tmp_path / f"head-{cache}"
            body, told = await curl(tmp_path, edge.tls_port, "/b", "-H", "TE: trailers", "-D", str(seen))
            assert (told["http_version"], body) == ("2", b"hello")
            assert "x-sum" not in seen.read_text().lower()
            assert f"x-cache: {cache.lower()}" in seen.read_text().lower()


@pytest_twisted.ensureDeferred
async def test_what_reaches_the_upstream_says_whence_it_came_and_asks_for_no_other_protocol() -> None:
    """X-Forwarded-For is added to, unkeyed forwarding fields and Upgrade are not passed on (16.1, 16.3, 22.2);
    an upgrade that is sent all the same is an error."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60"))
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    origin.on("/ws", saying(switch))
    wanted = {"Connection": "close, Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2_Settings": "AAMAAABk"}
    told = {"X_Forwarded_For": "9.9.9.9", "X_Forwarded_Host": "evil", "X_Forwarded_Proto": "https"}
    async with running_edge(origin.url) as edge:
        assert (await get(edge, "/a", **wanted, **told)).status == 200
        assert (await get(edge, "/ws", Connection="close, Upgrade", Upgrade="h2c")).status == 502
        for line in ("CONNECT cdn.example:443", "CONNECT /a"):
            viewer = await connect(edge.port)
            viewer.send(f"{line} HTTP/1.1\r\nHost: cdn.example\r\nConnection: close\r\n\r\n".encode())
            await viewer.ended
            assert answer_of(bytes(viewer.received)).status == 405
    plain, upgrade = origin.requests
    names = {name.lower() for name, _ in plain.fields}
    assert names == {"host", "x-forwarded-for", "x-forwarded-proto", "via", "cdn-loop"}
    assert plain.get("x-forwarded-proto") == "http"
    assert plain.get("X-Forwarded-For") == "9.9.9.9, 127.0.0.1"
    assert upgrade.get("Upgrade") is None
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_varies_on_the_viewers_address_is_for_that_address_alone() -> None:
    """Even where another's request has the same bytes, and the lane is quick (22.2)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60", Vary="X-Forwarded-For"))
    raw = b"GET /a HTTP/1.1\r\nHost: cdn.example\r\n\r\n"
    seen = []
    async with running_edge(origin.url, listen="0.0.0.0:0") as edge:
        for address in ("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2", "127.0.0.1"):
            endpoint = TCP4ClientEndpoint(reactor, address, edge.port, bindAddress=(address, 0))
            viewer = await connectProtocol(endpoint, Connection())
            for _ in range(2):
                viewer.received.clear()
                viewer.send(raw)
                await until(lambda viewer=viewer: viewer.received.endswith(BODY))
            seen.append(answer_of(bytes(viewer.received)).cache)
            viewer.leave()
    assert seen == ["HIT"] * 5
    assert [asked.get("X-Forwarded-For") for asked in origin.requests] == ["127.0.0.1", "127.0.0.2"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_encodings_pass_untouched(tmp_path: Path) -> None:
    """What the origin coded stays coded, byte for byte."""
    origin = ScriptedOrigin().listen()
    coded = b"\x1f\x8b" + BODY
    origin.on("/a", reply(coded, Cache_Control="max-age=60", Content_Encoding="gzip", Vary="Accept-Encoding"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        for expected in ("MISS", "HIT"):
            answer = await get(edge, "/a", Accept_Encoding="gzip")
            assert (answer.cache, answer.body, answer.get("Content-Encoding")) == (expected, coded, "gzip")
    assert origin.requests[0].get("Accept-Encoding") == "gzip"
    await origin.stop()
