"""What is written through an edge, and what it will not do (sheet 13)."""

from __future__ import annotations

from pathlib import Path

import pytest_twisted

from tests.edge.tls.test_http2 import curl
from tests.edge.tls.test_listening import secured
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import answer_of, ask, connect

BODY = bytes(range(256)) * 40


@pytest_twisted.ensureDeferred
async def test_a_post_is_written_through_and_forgets_what_was_stored() -> None:
    """The body reaches the origin as it was; a success invalidates the target (sheet 13.4)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"read", Cache_Control="max-age=60"))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        posted = await ask(edge.port, "/a", "POST", BODY * 10, Content_Type="image/x")
        assert posted.status == 200
        assert (await get(edge, "/a")).cache == "MISS"
    written = origin.requests[1]
    assert (written.method, written.body, written.get("Content-Type")) == ("POST", BODY * 10, "image/x")
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_chunked_upload_is_streamed_through_chunked() -> None:
    """A body of unknown length needs no gathering."""
    origin = ScriptedOrigin().listen()
    origin.on("/up", reply(b"thanks"))
    async with running_edge(origin.url) as edge:
        viewer = await connect(edge.port)
        viewer.send(
            b"PUT /up HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        )
        await until(lambda: len(origin.lines) == 1)
        viewer.send(b"6\r\n world\r\n0\r\n\r\n")
        await viewer.ended
        assert viewer.received.endswith(b"thanks")
    assert origin.requests[0].body == b"hello world"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_upload_that_is_cut_never_reaches_the_origin_as_whole() -> None:
    """The viewer leaves halfway: the upstream's connection is cut, not ended."""
    origin = ScriptedOrigin().listen()
    origin.on("/up", reply(b"thanks"))
    async with running_edge(origin.url) as edge:
        viewer = await connect(edge.port)
        viewer.send(b"POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await until(lambda: len(origin.lines) == 1)
        viewer.leave()
        await until(lambda: not origin.lines)
        await until(lambda: edge.status()["in_flight"] == 0)
    assert not origin.requests
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_methods_that_make_no_sense_here_are_refused_in_a_sentence() -> None:
    """CONNECT would make a tunnel of us, TRACE would show what was hidden (sheet 13.1)."""
    async with running_edge("http://127.0.0.1:9") as edge:
        for line in ("CONNECT cdn.example:443", "TRACE /a", "GET relative"):
            viewer = await connect(edge.port)
            viewer.send(f"{line} HTTP/1.1\r\nHost: cdn.example\r\nConnection: close\r\n\r\n".encode())
            await viewer.ended
            answer = answer_of(bytes(viewer.received))
            assert answer.status in (400, 405, 501)
            assert answer.body.strip()
        assert edge.status()["upstream_requests"] == 0


@pytest_twisted.ensureDeferred
async def test_options_about_the_server_is_answered_without_anybody_behind_it() -> None:
    """204 with what is allowed, and the connection serves on (RFC 9110 §9.3.7)."""
    async with running_edge("http://127.0.0.1:9") as edge:
        viewer = await connect(edge.port)
        viewer.send(b"OPTIONS * HTTP/1.1\r\nHost: cdn.example\r\n\r\n" * 2)
        await until(lambda: viewer.received.count(b"\r\n\r\n") == 2)
        first, second, rest = bytes(viewer.received).split(b"\r\n\r\n")
        viewer.leave()
        assert rest == b""
        for raw in (first, second):
            assert raw.startswith(b"HTTP/1.1 204 No Content\r\n")
            assert b"\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n" in raw
            assert b"ontent-length" not in raw.lower()
        assert edge.status()["upstream_requests"] == 0


@pytest_twisted.ensureDeferred
async def test_options_about_the_server_is_answered_over_http_2_too(tmp_path: Path) -> None:
    """Its :path is `*` (RFC 9113 §8.3.1)."""
    async with secured(tmp_path) as (edge, origin, _):
        seen = tmp_path / "head"
        asked = ("-X", "OPTIONS", "--request-target", "*", "-D", str(seen))
        body, told = await curl(tmp_path, edge.tls_port, "/", *asked)
        assert (told["http_version"], told["response_code"], body) == ("2", 204, b"")
        assert "allow: get, head, post" in seen.read_text().lower()
        assert origin.count() == 0
