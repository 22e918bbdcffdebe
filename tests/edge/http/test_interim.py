"""1xx answers of the upstream (sheet 16.4, RFC 9110 §15.2), and Upgrade."""

from __future__ import annotations

import re

import pytest
import pytest_twisted

from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, ScriptedOrigin, head, reply, saying
from tests.support.viewer import answer_of, ask, connect, request

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")


def statuses(received: bytearray) -> list[int]:
    """Of all heads, in order."""
    return [int(status) for status in STATUS.findall(bytes(received))]


@pytest_twisted.ensureDeferred
async def test_102_and_103_are_relayed_at_once_and_in_order() -> None:
    """Before the final head is there; less what was for the upstream's connection alone. Hits repeat none."""
    origin, gate = ScriptedOrigin().listen(), Gate()

    async def script(asked: Asked, line: Line) -> None:
        line.send(CONTINUE + PROCESSING + EARLY)
        await gate.passed()
        line.send(PROCESSING + head(200, 5, Cache_Control="max-age=60") + b"hello")

    origin.on("/a", script)
    async with running_edge(origin.url) as edge:
        viewer = await connect(edge.port)
        viewer.send(request("/a"))
        await until(lambda: statuses(viewer.received) == [102, 103])
        assert b"Link: </s.css>; rel=preload\r\n" in viewer.received
        assert b"1.1 fra-1" in viewer.received
        assert b"X-Hop" not in viewer.received
        gate.open()
        await viewer.ended
        assert statuses(viewer.received) == [102, 103, 102, 200]
        final = answer_of(bytes(viewer.received[viewer.received.rindex(b"HTTP/1.1 200") :]))
        assert (final.body, final.get("Link"), final.cache) == (b"hello", "", "MISS")
        hit = await get(edge, "/a")
        assert (hit.status, hit.body, hit.get("Link"), hit.cache) == (200, b"hello", "", "HIT")
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_http_1_0_is_told_none() -> None:
    """It would take it for the answer."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", saying(EARLY + head(200, 5, Cache_Control="no-store") + b"hello"))
    async with running_edge(origin.url) as edge:
        viewer = await connect(edge.port)
        viewer.send(b"GET /a HTTP/1.0\r\nHost: x\r\n\r\n")
        await viewer.ended
        assert statuses(viewer.received) == [200]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_only_who_asked_is_told_and_followers_get_the_answer() -> None:
    """They joined a fetch, not a conversation (sheet 18.4)."""
    origin, gate = ScriptedOrigin().listen(), Gate()

    async def script(asked: Asked, line: Line) -> None:
        await gate.passed()
        line.send(EARLY + head(200, 5, Cache_Control="max-age=60") + b"hello")

    origin.on("/a", script)
    async with running_edge(origin.url) as edge:
        viewers = [await connect(edge.port) for _ in range(3)]
        for viewer in viewers:
            viewer.send(request("/a"))
        await until(lambda: edge.status()["waiting_for_flight"] == 2)
        gate.open()
        for viewer in viewers:
            await viewer.ended
        assert sorted(statuses(viewer.received) for viewer in viewers) == [[103, 200], [200], [200]]
        assert origin.count() == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_switching_protocols_unasked_is_no_answer() -> None:
    """502, and its kind in Proxy-Status."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"))
    async with running_edge(origin.url) as edge:
        answer = await get(edge, "/a")
        assert answer.status == 502
        assert answer.get("Proxy-Status") == "fra-1; error=http_protocol_error"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_websocket_is_refused_and_other_upgrades_are_ignored() -> None:
    """501 for what would need to leave HTTP; h2c may be answered in HTTP/1.1 (RFC 9110 §7.8)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"hello", Cache_Control="no-store"))
    async with running_edge(origin.url) as edge:
        socket = {"Upgrade": "websocket", "Connection": "Upgrade, close", "Sec_WebSocket_Key": "x"}
        refused = await get(edge, "/a", **socket)
        assert (refused.status, refused.body) == (
            501,
            b"501 Not Implemented: no WebSocket goes through here\n",
        )
        assert origin.count() == 0
        plain = await ask(edge.port, "/a", Upgrade="h2c", Connection="Upgrade, HTTP2-Settings, close")
        assert plain.body == b"hello"
        assert origin.requests[0].get("Upgrade") is None
    await origin.stop()


@pytest.mark.parametrize("is_private", [False, True])
@pytest_twisted.ensureDeferred
async def test_a_head_that_fetches_alone_is_stored_as_it_says(is_private: bool) -> None:
    """A key that was just found unshareable has no flight: its body is kept for the store all the same."""
    origin = ScriptedOrigin().listen()
    origin.once("/a", reply(b"mine", Cache_Control="private" if is_private else "max-age=60, no-store"))
    origin.on("/a", reply(b"hello", Cache_Control="max-age=60"))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        first = await ask(edge.port, "/a", "HEAD")
        assert "stored" in first.get("Cache-Status")
        second = await get(edge, "/a")
        assert (second.cache, second.body) == ("HIT", b"hello")
    await origin.stop()
