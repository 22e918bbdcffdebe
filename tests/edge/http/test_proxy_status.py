"""Every error that an edge makes says what kind it is (RFC 9209)."""

from __future__ import annotations

import pytest
import pytest_twisted

from tests.support.edge_node import get, running_edge
from tests.support.scripted_origin import Asked, Line, ScriptedOrigin
from tests.support.viewer import answer_of, connect

OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "http_protocol_error": (
        b"garbage\r\n\r\n",
        OK + b"X: a\x00b\r\n\r\n",
        OK + b"X : a\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        OK + b"Content-Length: five\r\n\r\nhello",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
    ),
    "http_response_header_section_size": (OK + b"X: " + b"y" * 70_000 + b"\r\n\r\n",),
    "http_response_transfer_coding": (
        OK + b"Transfer-Encoding: br\r\n\r\nhello",
        OK + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    ),
    "http_response_incomplete": (OK, OK + b"Content-Le", b"HTTP"),
    "connection_terminated": (b"",),
}
CASES = [(error, raw) for error, raws in ANSWERS.items() for raw in raws]


@pytest.mark.parametrize(("error", "raw"), CASES)
@pytest_twisted.ensureDeferred
async def test_an_answer_that_is_none_is_a_502_with_its_reason(error: str, raw: bytes) -> None:
    """Sheet 12.3, 12.5; nothing of it is stored, not even its status."""
    origin = ScriptedOrigin().listen()

    async def script(asked: Asked, line: Line) -> None:
        line.send(raw)
        line.close()

    origin.on("/a", script)
    async with running_edge(origin.url) as edge:
        answer = await get(edge, "/a")
        assert answer.status == 502
        assert answer.get("Proxy-Status") == f"fra-1; error={error}"
        assert edge.status()["cache"]["entries"] == 0
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_nobody_there_is_a_refused_connection() -> None:
    async with running_edge("http://127.0.0.1:9") as edge:
        answer = await get(edge, "/a")
        assert (answer.status, answer.get("Proxy-Status")) == (502, "fra-1; error=connection_refused")


@pytest_twisted.ensureDeferred
async def test_a_name_that_is_none_is_a_dns_error() -> None:
    async with running_edge("http://nowhere.invalid") as edge:
        answer = await get(edge, "/a")
        assert (answer.status, answer.get("Proxy-Status")) == (502, "fra-1; error=dns_error")


@pytest_twisted.ensureDeferred
async def test_silence_is_a_timeout() -> None:
    origin = ScriptedOrigin().listen()

    async def script(asked: Asked, line: Line) -> None:
        """Says nothing."""

    origin.on("/a", script)
    async with running_edge(origin.url) as edge:
        answer = await get(edge, "/a")
        assert (answer.status, answer.get("Proxy-Status")) == (504, "fra-1; error=http_response_timeout")
    await origin.stop()


@pytest.mark.parametrize(
    ("raw", "status", "error"),
    [
        (b"TRACE /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405, "http_request_denied"),
        (
            b"GET http://me@x/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            400,
            "http_request_error",
        ),
        (
            b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCDN-Loop: pixeledge; node=fra-1\r\n\r\n",
            508,
            "proxy_loop_detected",
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_refusals_of_the_request_have_kinds_too(raw: bytes, status: int, error: str) -> None:
    async with running_edge("http://127.0.0.1:9") as edge:
        viewer = await connect(edge.port)
        viewer.send(raw)
        await viewer.ended
        answer = answer_of(bytes(viewer.received))
        assert (answer.status, answer.get("Proxy-Status")) == (status, f"fra-1; error={error}")
