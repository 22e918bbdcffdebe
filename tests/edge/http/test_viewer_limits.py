"""What one viewer may cost an edge, over real sockets; the times are in tests/wire/web/test_patience.py."""

from __future__ import annotations

import pytest
import pytest_twisted
from attrs import evolve

from tests.support.edge_node import QUICK, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import answer_of, ask, connect

SMALL = evolve(
    QUICK, url_bytes=200, head_bytes=400, head_fields=8, body_bytes=1000, connections_per_address=2
)
START = b"GET /a HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("raw", "status", "sentence"),
    [
        (b"GET /" + b"a" * 300, 414, b"The request line is longer than 200 bytes\n"),
        (START + b"X: " + b"a" * 500, 431, b"The headers are larger than 400 bytes\n"),
        (START + b"X: a\r\n" * 8 + b"\r\n", 431, b"There are more than 8 header lines\n"),
        (
            b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n",
            413,
            b"The body is larger than 1000 bytes\n",
        ),
        (
            b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024,
            413,
            b"The body is larger than 1000 bytes\n",
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_too_large_is_told_and_never_whole_at_the_origin(
    raw: bytes, status: int, sentence: bytes
) -> None:
    """Sheet 22.5. One answer, although the origin may have been asked already."""
    origin = ScriptedOrigin().listen()
    async with running_edge(origin.url, limits=SMALL) as edge:
        viewer = await connect(edge.port)
        viewer.send(raw)
        await viewer.ended
        answer = answer_of(bytes(viewer.received))
        assert (answer.status, answer.body, answer.get("Connection")) == (status, sentence, "close")
        assert viewer.received.count(b"HTTP/1.1 ") == 1
        assert origin.count() == 0
        metrics = (await ask(edge.control_port, "/metrics")).body
        assert b'pixeledge_refused_total{node="fra-1",status="%d"} 1.0' % status in metrics
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_one_address_gets_so_many_connections() -> None:
    """The next one is told so; when one leaves, its place is free."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"ok"))
    async with running_edge(origin.url, limits=SMALL) as edge:
        first, second = await connect(edge.port), await connect(edge.port)
        await until(lambda: len(edge._viewers.channels) == 2)
        third = await connect(edge.port)
        await third.ended
        refused = answer_of(bytes(third.received))
        assert (refused.status, refused.get("Retry-After")) == (503, "1")
        first.leave()
        await until(lambda: len(edge._viewers.channels) == 1)
        assert (await ask(edge.port, "/a")).status == 200
        second.leave()
    await origin.stop()
