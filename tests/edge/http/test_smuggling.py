"""No request gets past an edge that its origin could understand otherwise (sheet 22.1, RFC 9112 §11.2)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_twisted

from edge.service import EdgeNode
from tests.support.corpus import Case, corpus
from tests.support.edge_node import running_edge
from tests.support.scripted_origin import Asked, Line, ScriptedOrigin, reply
from tests.support.viewer import connect

STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")


class Believer(ScriptedOrigin):
    """An origin that answers whatever it is asked, and remembers what on which connection."""

    async def play(self, asked: Asked, line: Line) -> None:
        """Nothing is refused here: that is the edge's part."""
        self.requests.append(asked)
        await reply(b"ok", Cache_Control="no-store")(asked, line)


@pytest_twisted.async_yield_fixture(scope="module")
async def before() -> AsyncIterator[tuple[EdgeNode, Believer]]:
    """One edge before one origin, for all of the corpus: what one request leaves behind, the next one meets."""
    origin = Believer()
    origin.listen()
    async with running_edge(origin.url) as edge:
        yield edge, origin
    await origin.stop()
    assert not origin.failures


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case.name)
@pytest_twisted.ensureDeferred
async def test_the_origin_is_asked_what_the_viewer_asked(
    before: tuple[EdgeNode, Believer], case: Case
) -> None:
    """Refused in one sentence and closed, or forwarded once, in our own framing, with nothing behind it."""
    edge, origin = before
    origin.requests.clear()
    viewer = await connect(edge.port)
    viewer.send(case.raw)
    await viewer.ended
    answers = tuple(int(status) for status in STATUS.findall(bytes(viewer.received)))
    assert answers == case.statuses
    assert tuple(f"{asked.method} {asked.target}" for asked in origin.requests) == case.asked
    for asked in origin.requests:
        assert case.name == "no-host-1.0" or asked.get("Host") == "cdn.example"
        assert asked.get("Content-Length") is None or asked.get("Transfer-Encoding") is None
        assert asked.body == (b"hello" if asked.method == "POST" else b"")
    for line in origin.lines:
        assert line.unread == b""
